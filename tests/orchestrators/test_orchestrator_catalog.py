"""Finding what answers, by name."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from parachute_core.model.errors import ConfigError
from parachute_core.orchestrators import command, echo
from parachute_core.orchestrators.catalog import ORCHESTRATOR_GROUP, Catalog


def test_what_the_core_ships_is_found() -> None:
    catalog = Catalog()
    assert {"echo", "command"} <= set(catalog.names())
    assert catalog.load("echo").make is echo.make_orchestrator
    assert catalog.load("command").settings is command.Settings


def test_a_misspelt_name_is_told_with_the_near_one() -> None:
    with pytest.raises(ConfigError, match=r"'ehco'.*did you mean 'echo'"):
        Catalog().load("ehco")


def test_an_unknown_name_is_told_with_what_is_installed() -> None:
    with pytest.raises(ConfigError, match=r"installed: .*command.*echo"):
        Catalog().load("oracle-of-delphi")


def test_a_broken_one_is_named_with_the_cause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_orchestrator_module.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    entry = EntryPoint("broken", "broken_orchestrator_module:make_orchestrator", ORCHESTRATOR_GROUP)
    with pytest.raises(ConfigError, match="'broken' cannot be imported: ZeroDivisionError"):
        Catalog([entry]).load("broken")
