"""A transcriber that comes as a package is found by its entry point, given its context, and named when it is broken."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from parachute_core import ConfigError, Voice
from parachute_core.config.document import Document
from parachute_core.testing import fake_distribution, importable, running_bot
from parachute_core.transcribers import command
from parachute_core.transcribers.catalog import Catalog

PAGE = (Path(__file__).parents[2] / "docs" / "voice.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
[COUNTER] = [one for one in EXAMPLES if "make_transcriber" in one]
PLATFORM = {"enabled": True, "bot_token": "123456:fake-token-of-a-fake-bot", "allowed_users": [1]}


@pytest.fixture(autouse=True)
def packages(tmp_path: Path) -> Iterator[None]:
    """The package of the page is installed, and a broken one."""
    group = "parachute_core.transcribers"
    fake_distribution(
        tmp_path / "site",
        "parachute-counter",
        "2.1",
        {group: {"counter": "my_package.counter:make_transcriber", "broken": "my_package.broken:make_transcriber"}},
        {"my_package.counter": COUNTER, "my_package.broken": "1 / 0"},
    )
    with importable(tmp_path / "site"):
        yield


def config(**transcriber: object) -> str:
    return yaml.safe_dump({"telegram": PLATFORM, "transcriber": transcriber})


async def test_the_example_of_the_page_listens_with_its_settings() -> None:
    async with running_bot(config=config(use="counter", prefix="I heard")) as bot:
        bot.connector.recordings["file-1"] = b"sound"
        await bot.say("", voice=Voice("file-1", "audio/ogg"))
        await bot.settled()
        assert bot.texts() == ["I heard: 5 bytes of audio/ogg"]


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"use": "counter", "prefx": "x"}, r"bots\.yaml:\d+:\d+: transcriber\.prefx: unknown key \(did you mean prefix\?\)"),
        ({"use": "countr"}, r"bots\.yaml:\d+:\d+: transcriber\.use: no transcriber named 'countr' .*did you mean 'counter'"),
        ({"use": "broken"}, r"transcriber\.use: 'broken' \(parachute-counter 2\.1\) cannot be imported: ZeroDivisionError"),
        ({"use": "echo"}, r"transcriber\.use: no transcriber named 'echo' is installed \(installed: .*command"),
    ],
)
async def test_what_cannot_be_used_keeps_the_bot_from_starting(section: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        async with running_bot(config=config(**section)):
            pass


def test_what_the_core_ships_is_found() -> None:
    assert set(Catalog().names()) == {"command", "counter", "broken"}
    assert Catalog().load("command").settings is command.Settings


def test_the_settings_of_the_page_are_valid() -> None:
    [example] = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    document = Document(Path("bots.yaml"), example.replace("python3", sys.executable), {})
    settings = document.validate(command.Settings, "transcriber", ignore=("use",))
    assert settings == command.Settings(argv=(sys.executable, "transcribe.py"), env={"MODEL": "small"}, timeout=100)


def test_the_recipe_of_the_page_is_a_program() -> None:
    [recipe] = [one for one in EXAMPLES if "faster_whisper" in one]
    compile(recipe, "transcribe.py", "exec")
