"""The first `bots.yaml` fits the machine that it is written on."""

from pathlib import Path

import pytest

from parachute_core.config.default import PLUGINS, default_text, write_default
from parachute_core.config.file import ConfigFile
from parachute_core.model.errors import ConfigError


@pytest.mark.parametrize("installed", [(), ("retry",), ("ratelimit", "pairing"), tuple(PLUGINS)])
def test_it_names_only_plugins_that_are_installed(tmp_path: Path, installed: tuple[str, ...]) -> None:
    path = tmp_path / "bots.yaml"
    write_default(path, installed)
    assert path.stat().st_mode & 0o777 == 0o600
    config = ConfigFile(path, {}).load().config
    assert tuple(config.plugins) == installed
    assert set(config.required) <= set(installed)
    assert config.web is not None
    assert config.web.enabled


def test_what_is_missing_stands_ready_as_a_comment() -> None:
    text = default_text(["ratelimit"])
    for name in PLUGINS:
        text = text.replace(f"  # {name}:", f"  {name}:")
    assert text.replace("[ratelimit]", "[ratelimit, pairing]") == default_text(PLUGINS)


def test_a_file_that_is_there_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "bots.yaml"
    path.write_text("mine")
    with pytest.raises(ConfigError, match="not changed"):
        write_default(path, ())
    assert path.read_text() == "mine"
