"""The connector is found by its name, and its absence is told in one line."""

import sys

import pytest

from parachute_core.config.schema import TelegramSection
from parachute_core.connectors.base import ConnectorContext
from parachute_core.connectors.catalog import Catalog
from parachute_core.connectors.telegram.connector import Telegram
from parachute_core.model.errors import NotConfigured
from parachute_core.testing.http import Fault
from parachute_core.testing.memory import connector_context
from parachute_core.testing.telegram import FakeBotApi


def context(**settings: object) -> ConnectorContext:
    section = TelegramSection.model_validate({"bot_token": "1:a", **settings})
    return connector_context("telegram", section)


def test_it_is_found_by_its_name() -> None:
    assert isinstance(Catalog().make(context()), Telegram)


def test_without_its_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "parachute_core.connectors.telegram.connector", None)
    with pytest.raises(NotConfigured, match=r"parachute-core\[telegram\]"):
        Catalog().make(context())


@pytest.mark.parametrize("end", ["/bot", "/bot/", "", "/"])
async def test_the_address_of_an_own_server_may_be_written_in_several_ways(api: FakeBotApi, end: str) -> None:
    connector = Catalog().make(context(bot_token=api.token, base_url=api.server.url + end))

    assert (await connector.test())["bot_username"] == "FakeBot"


async def test_a_test_that_finds_nobody_says_so(api: FakeBotApi) -> None:
    api.server.faults.append(Fault("getMe", status=502))
    connector = Catalog().make(context(bot_token=api.token, base_url=api.base_url))
    with pytest.raises(Exception, match="does not answer properly"):
        await connector.test()
