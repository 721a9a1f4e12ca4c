"""The bot's folder: private, and used by one bot at a time."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from parachute_core.home import Home, HomeInUse
from parachute_core.model.errors import ConfigError


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_chosen_by_option_then_environment_then_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Home.chosen("a", {"PARACHUTE_HOME": "b"}).path == tmp_path / "a"
    assert Home.chosen(None, {"PARACHUTE_HOME": "b"}).path == tmp_path / "b"
    assert Home.chosen(None, {"PARACHUTE_HOME": ""}).path == tmp_path / ".parachute"
    assert list(tmp_path.iterdir()) == []


def test_it_is_made_private(tmp_path: Path) -> None:
    home = Home(tmp_path / "deep" / "home")
    home.prepare()
    assert mode(home.path) == 0o700


@pytest.mark.parametrize("holds", [(), ("bots.yaml", "agent.py"), ("parachute.db",)])
def test_a_folder_of_the_bot_is_closed_to_others(tmp_path: Path, holds: tuple[str, ...]) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    folder.chmod(0o755)
    for name in holds:
        (folder / name).touch()
    Home(folder).prepare()
    assert mode(folder) == 0o700


def test_a_shared_folder_with_other_things_is_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "everybodys"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "letters.txt").touch()
    with pytest.raises(ConfigError, match="folder of its own"):
        Home(folder).prepare()
    assert mode(folder) == 0o755


def test_a_file_in_its_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(ConfigError, match="home"):
        Home(tmp_path / "home").prepare()


def test_a_second_bot_is_told_in_one_line(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert not home.in_use()
    with home.lock():
        assert home.in_use()
        with pytest.raises(HomeInUse, match=r"already \(process \d+\)$"), Home(home.path).lock():
            pass
        assert home.in_use()
    assert not home.in_use()
    assert mode(home.lock_path) == 0o600
    with home.lock():
        pass


def test_a_killed_bot_leaves_no_lock(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    script = f"""
import time
from pathlib import Path
from parachute_core.home import Home
with Home(Path({str(home.path)!r})).lock():
    print("locked", flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        assert home.in_use()
        other.kill()
        other.wait()
        assert not home.in_use()
        with home.lock():
            pass
