"""The admin key's file: private from its first byte, never made anew over a damaged one."""

import logging
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from parachute_core.admin.key import admin_key
from parachute_core.config.schema import AdminSection
from parachute_core.model.errors import ConfigError

LOCAL = AdminSection()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_is_made_once_and_read_from_then_on(tmp_path: Path) -> None:
    path = tmp_path / "home" / "admin-key"
    key = admin_key(path, LOCAL)
    assert re.fullmatch(r"para_[A-Za-z0-9_-]{32,}", key)
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert path.read_text() == key + "\n"
    assert admin_key(path, LOCAL) == key
    assert [one.name for one in path.parent.iterdir()] == ["admin-key"], "no draft is left"


def test_many_processes_at_once_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "admin-key"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: admin_key(path, LOCAL), range(24)))
    assert keys == {path.read_text().strip()}


def test_a_key_of_the_config_wins_and_no_file_is_made(tmp_path: Path) -> None:
    path = tmp_path / "admin-key"
    assert admin_key(path, AdminSection(key="a-key-of-my-own-choice")) == "a-key-of-my-own-choice"
    assert not path.exists()


@pytest.mark.parametrize("loose", [0o644, 0o660, 0o604])
def test_a_loose_mode_is_tightened_with_a_warning(tmp_path: Path, loose: int, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "admin-key"
    key = admin_key(path, LOCAL)
    path.chmod(loose)
    with caplog.at_level(logging.WARNING):
        assert admin_key(path, LOCAL) == key
    assert mode(path) == 0o600
    assert "0600" in caplog.text
    assert key not in caplog.text


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"para_short", b"some other text that is long enough to look like a key", b"\xff\xfe\x00", b"para_" + b"x" * 3000],
)
def test_a_damaged_file_is_an_error_and_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "admin-key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError) as caught:
        admin_key(path, LOCAL)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == content


def test_what_is_no_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "admin-key").mkdir()
    with pytest.raises(ConfigError):
        admin_key(tmp_path / "admin-key", LOCAL)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigError):
        admin_key(tmp_path / "dangling", LOCAL)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "bots.example"])
def test_other_machines_need_a_key_that_was_chosen(tmp_path: Path, host: str) -> None:
    with pytest.raises(ConfigError, match=r"admin\.key"):
        admin_key(tmp_path / "admin-key", AdminSection(host=host))
    with pytest.raises(ConfigError, match=r"admin\.key"):
        admin_key(tmp_path / "admin-key", LOCAL, host)
    assert not (tmp_path / "admin-key").exists()
    assert admin_key(tmp_path / "admin-key", AdminSection(host=host, key="a-key-of-my-own-choice"))
