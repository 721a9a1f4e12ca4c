"""The connector as it is installed: found by name, its library loaded only when it is made."""

import subprocess
import sys
from importlib.metadata import entry_points

ASK = """
import sys
{before}
from parachute_core.config.schema import DiscordSection
from parachute_core.connectors.discord import make_connector
from parachute_core.model.errors import NotConfigured
from parachute_core.testing.memory import connector_context
assert not sys.modules.get("hikari")
section = DiscordSection(bot_token="MQ==.a.b")
try:
    print(type(make_connector(connector_context("discord", section))).__name__)
except NotConfigured as problem:
    print(problem)
"""


def ask(before: str = "") -> str:
    return subprocess.run([sys.executable, "-c", ASK.format(before=before)], capture_output=True, text=True, check=True).stdout.strip()


def test_it_is_found_by_name() -> None:
    (entry,) = entry_points(group="parachute_core.connectors", name="discord")

    assert entry.value == "parachute_core.connectors.discord:make_connector"


def test_the_library_is_loaded_when_a_connector_is_made() -> None:
    assert ask() == "Discord"


def test_without_the_library_it_says_what_to_install() -> None:
    assert "parachute-core[discord]" in ask('sys.modules["hikari"] = None')
