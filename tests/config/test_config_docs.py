"""The page about the configuration has every key, and its examples are valid."""

import re
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from pydantic import BaseModel

from parachute_core.config.document import Document
from parachute_core.config.read import CORE_KEYS, load_text
from parachute_core.config.schema import PLATFORMS, AdminSection, OrchestratorSection, PlatformSection, PluginSection, TranscriberSection

PAGE = (Path(__file__).parents[2] / "docs" / "config.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def part(heading: str) -> str:
    """The text from a heading to the next one of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}.*?\n(.*?)(?=^#|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found, f"docs/config.md has no part {heading}"
    return found.group(1)


def keys_in(text: str) -> set[str]:
    """What stands in the column `key` of the tables."""
    found: set[str] = set()
    column: int | None = None
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if column is None:
            column = next((number for number, cell in enumerate(cells) if cell.startswith("key")), None)
        elif not cells:
            column = None
        elif cells[column].startswith("`"):
            found.add(cells[column].strip("`"))
    return found


def undocumented(model: type[BaseModel], text: str, but: type[BaseModel] = BaseModel) -> set[str]:
    """The keys of the model that have no row in a table of `text`."""
    return set(model.model_fields) - set(but.model_fields) - keys_in(text)


def installed_settings(group: str) -> Iterator[tuple[str, type[BaseModel]]]:
    for entry in entry_points(group=group):
        settings = getattr(import_module(entry.module), "Settings", None)
        if isinstance(settings, type) and issubclass(settings, BaseModel):
            yield entry.name, settings


def test_every_key_of_the_core_is_in_the_page() -> None:
    assert undocumented(PlatformSection, part("Platforms")) == set()
    for name, model in PLATFORMS.items():
        assert undocumented(model, part(f"`{name}`"), PlatformSection) == set()
    assert undocumented(OrchestratorSection, part("`orchestrator`")) == set()
    assert undocumented(TranscriberSection, part("`transcriber`")) == set()
    assert undocumented(PluginSection, part("`plugins`")) == set()
    assert undocumented(AdminSection, part("`admin`")) == set()
    assert all(part(f"`{name}`") for name in CORE_KEYS)


@pytest.mark.parametrize(
    ("group", "heading"),
    [
        ("parachute_core.plugins", "`plugins`"),
        ("parachute_core.orchestrators", "`orchestrator`"),
        ("parachute_core.transcribers", "`transcriber`"),
    ],
)
def test_every_key_of_what_is_installed_is_in_the_page(group: str, heading: str) -> None:
    for name, model in installed_settings(group):
        assert undocumented(model, part(heading)) == set(), name


def test_a_key_without_a_row_is_noticed() -> None:
    class Section(PlatformSection):
        forgotten: int = 0

    assert undocumented(Section, part("Platforms")) == {"forgotten"}


def test_the_page_has_no_key_that_is_not_there() -> None:
    models: list[type[BaseModel]] = [*PLATFORMS.values(), OrchestratorSection, TranscriberSection, PluginSection, AdminSection]
    for group in ("parachute_core.plugins", "parachute_core.orchestrators", "parachute_core.transcribers"):
        models += [model for _, model in installed_settings(group)]
    known = {key for model in models for key in model.model_fields}
    assert keys_in(PAGE) - known == {"required"}


def test_every_example_is_valid() -> None:
    environ = {"TELEGRAM_BOT_TOKEN": "a-token", "ADMIN_KEY": "0123456789abcdef"}
    assert len(EXAMPLES) >= 2
    plugins = dict(installed_settings("parachute_core.plugins"))
    for text in EXAMPLES:
        loaded = load_text(Path("bots.yaml"), text.encode(), environ, {})
        assert loaded.warnings == ()
        document: Document = loaded.document
        for name in loaded.config.plugins:
            if name in plugins:
                document.validate(plugins[name], "plugins", name)
