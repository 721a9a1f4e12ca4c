"""What a fresh home gets."""

import os
import re
import stat
from pathlib import Path

import pytest
import yaml

from parachute_core.config.default import PLUGINS, default_text, write_default
from parachute_core.config.file import ConfigFile
from parachute_core.config.read import load_text
from parachute_core.model.errors import ConfigError


def test_it_is_valid_private_and_protected(tmp_path: Path) -> None:
    path = tmp_path / "bots.yaml"
    before = os.umask(0)
    try:
        write_default(path, PLUGINS)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    loaded = ConfigFile(path, {}).load()
    assert loaded.warnings == ()
    assert {name: section.enabled for name, section in loaded.config.sections().items()} == {"web": True}
    assert loaded.config.orchestrator.use == "echo"
    assert list(loaded.config.plugins) == ["ratelimit", "retry", "pairing", "budget", "sessionguard", "strictstate"]
    assert loaded.config.required == ("ratelimit", "pairing")
    assert (loaded.config.admin.host, loaded.config.admin.port, loaded.config.admin.key) == ("127.0.0.1", 3333, None)


def test_a_link_to_nowhere_is_not_followed_and_no_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "bots.yaml"
    path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match="is there already"):
        write_default(path, PLUGINS)
    with pytest.raises(ConfigError, match="cannot be made"):
        write_default(tmp_path / "no" / "folder", PLUGINS)


def test_its_commented_platforms_are_valid_too() -> None:
    text = re.sub(r"^# ( *(?:telegram|discord|matrix|[a-z_]+):.*)$", r"\1", default_text(PLUGINS), flags=re.MULTILINE)
    assert set(yaml.safe_load(text)) >= {"telegram", "discord", "matrix"}
    environ = {"TELEGRAM_BOT_TOKEN": "t", "DISCORD_BOT_TOKEN": "d", "MATRIX_ACCESS_TOKEN": "m"}
    loaded = load_text(Path("bots.yaml"), text.encode(), environ, {})
    assert all(section.enabled for section in loaded.config.sections().values())
    assert loaded.warnings == ()


def test_pairing_can_write_into_it(tmp_path: Path) -> None:
    path = tmp_path / "bots.yaml"
    write_default(path, PLUGINS)
    ConfigFile(path, {}).add_allowed("web", "web-1")
    assert path.read_text() == default_text(PLUGINS).replace("allowed_users: [] #", 'allowed_users: ["web-1"] #')


@pytest.mark.parametrize("installed", [(), ("retry",), ("ratelimit", "pairing")])
def test_it_names_only_plugins_that_are_installed(tmp_path: Path, installed: tuple[str, ...]) -> None:
    path = tmp_path / "bots.yaml"
    write_default(path, installed)
    config = ConfigFile(path, {}).load().config
    assert tuple(config.plugins) == installed
    assert set(config.required) <= set(installed)


def test_a_plugin_that_is_missing_stands_ready_as_a_comment() -> None:
    text = default_text(["ratelimit"])
    for name in PLUGINS:
        text = text.replace(f"  # {name}:", f"  {name}:")
    assert text.replace("[ratelimit]", "[ratelimit, pairing]") == default_text(PLUGINS)
