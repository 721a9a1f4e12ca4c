"""`PUT /api/bots/config` for a connector of another distribution."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import ClassVar

import pytest

from parachute_core.config.schema import PlatformSection
from parachute_core.connectors.catalog import Catalog
from parachute_core.testing import RunningBot, running_bot
from parachute_core.testing.connector import FakeConnector


class Settings(PlatformSection):
    secret_keys: ClassVar[tuple[str, ...]] = ("token",)
    token: str = ""
    url: str = ""
    retries: int = 3
    rooms: tuple[str, ...] = ()


class ParleyCatalog(Catalog):
    def sections(self) -> dict[str, type[PlatformSection]]:
        return {"parley": Settings}


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[RunningBot]:
    catalog = ParleyCatalog({"parley": lambda _context: FakeConnector()})
    config = "parley:\n  enabled: true\n  token: an-old-secret-token # mine\n"
    async with running_bot(platform="parley", config=config, connectors=catalog, home=tmp_path) as running:
        yield running


async def test_its_own_keys_are_written_and_its_credentials_shown_to_nobody(bot: RunningBot) -> None:
    change = {"token": "a-new-secret-token", "url": "https://parley.example", "retries": 5}
    answer = await bot.request("PUT", "/api/bots/config", {"parley": change})
    assert answer.status == 200, answer.json
    text = (bot.home / "bots.yaml").read_text("utf-8")
    assert "a-new-secret-token" in text
    assert "https://parley.example" in text
    assert "retries: 5" in text
    assert "# mine" in text
    assert "secret-token" not in str(answer.json)


async def test_an_empty_credential_keeps_the_one_that_is_there(bot: RunningBot) -> None:
    answer = await bot.request("PUT", "/api/bots/config", {"parley": {"token": "", "retries": 4}})
    assert answer.status == 200, answer.json
    assert "an-old-secret-token" in (bot.home / "bots.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    "change", [{"tokn": "x"}, {"retries": "many"}, {"rooms": ["a"]}, {"token": "${HOME}"}, {"url": "a\nb"}, {"token": {}}]
)
async def test_what_its_section_does_not_take_is_refused_and_changes_nothing(bot: RunningBot, change: dict[str, object]) -> None:
    before = (bot.home / "bots.yaml").read_bytes()
    answer = await bot.request("PUT", "/api/bots/config", {"parley": {"token": "a-new-secret-token", **change}})
    assert answer.status == 422, answer.json
    assert "secret-token" not in str(answer.json)
    assert (bot.home / "bots.yaml").read_bytes() == before
