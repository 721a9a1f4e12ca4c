"""The file on the disk: whole at every moment, private, and with nobody's change lost."""

import fcntl
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from parachute_core.config.disk import replace_file
from parachute_core.config.file import ConfigFile
from parachute_core.model.errors import ConfigError

MakeFile = Callable[..., ConfigFile]

ADDER = """
import sys
from pathlib import Path
from parachute_core.config.file import ConfigFile

file = ConfigFile(Path(sys.argv[1]), {})
for number in range(int(sys.argv[2]), int(sys.argv[3])):
    file.add_allowed("telegram", str(number))
    print(number, flush=True)
"""
FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from parachute_core.config.file import ConfigFile
from parachute_core.model.errors import ConfigError

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    ConfigFile(Path(sys.argv[1]), {}).add_allowed("telegram", "5")
except ConfigError as error:
    print(error)
"""


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", program, *map(str, arguments)], stdout=subprocess.PIPE, text=True)


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_no_add_of_four_processes_is_lost(config_file: MakeFile) -> None:
    file = config_file("# ours\ntelegram:\n  allowed_users:\n    - 1 # first\n# end\n")
    processes = [start(ADDER, file.path, 100 * one, 100 * one + 25) for one in range(1, 5)]
    for process in processes:
        process.communicate(timeout=120)
        assert process.returncode == 0
    section = file.load().config.telegram
    assert section
    assert set(section.allowed_users) == {"1", *(str(100 * one + number) for one in range(1, 5) for number in range(25))}
    assert len(section.allowed_users) == 101
    assert file.path.read_text().startswith("# ours\ntelegram:\n  allowed_users:\n    - 1 # first\n")
    assert names(file.path.parent) == ["bots.yaml", "bots.yaml.bak", "bots.yaml.lock"]


def test_threads_of_one_process_exclude_each_other_too(config_file: MakeFile) -> None:
    file = config_file("telegram: {allowed_users: []}\n")
    other = ConfigFile(file.path, {})
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: (file, other)[number % 2].add_allowed("telegram", str(number)), range(1, 41)))
    section = file.load().config.telegram
    assert section
    assert len(section.allowed_users) == 40


def test_the_file_is_whole_whenever_its_writer_is_killed(config_file: MakeFile) -> None:
    file = config_file("# ours\ntelegram:\n  allowed_users: []\n")
    for number in range(8):
        first = 1 + 1000 * number
        process = start(ADDER, file.path, first, first + 1000)
        assert process.stdout is not None
        for _ in range(number + 1):
            acknowledged = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        process.communicate()
        section = file.load().config.telegram
        assert section
        assert {str(one) for one in range(first, acknowledged + 1)} <= set(section.allowed_users)
        assert file.path.read_text().startswith("# ours\n")
    file.add_allowed("telegram", "999999")
    assert names(file.path.parent) == ["bots.yaml", "bots.yaml.bak", "bots.yaml.lock"]


def test_whoever_keeps_the_lock_is_waited_for_only_so_long(config_file: MakeFile) -> None:
    made = config_file("telegram: {}\n")
    file = ConfigFile(made.path, {}, lock_wait=0.1)
    with (made.path.with_name("bots.yaml.lock")).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ConfigError, match=r"another process has been changing it for 0\.1 seconds; nothing was changed"):
            file.add_allowed("telegram", "5")
    assert file.path.read_text() == "telegram: {}\n"
    file.add_allowed("telegram", "5")


def test_everything_that_is_written_is_private_and_one_backup_is_kept(config_file: MakeFile) -> None:
    file = config_file("telegram: {}\n")
    file.path.chmod(0o644)
    before = os.umask(0)
    try:
        file.add_allowed("telegram", "5")
        file.add_allowed("telegram", "6")
    finally:
        os.umask(before)
    assert {name: mode(file.path.parent / name) for name in names(file.path.parent)} == {
        "bots.yaml": 0o600,
        "bots.yaml.bak": 0o600,
        "bots.yaml.lock": 0o600,
    }
    assert file.path.with_name("bots.yaml.bak").read_text() == "telegram: {allowed_users: [5]}\n"
    assert file.current.warnings == ()


def test_a_link_stays_a_link(config_file: MakeFile, tmp_path: Path) -> None:
    target = config_file("telegram: {}\n").path
    link = tmp_path / "home" / "bots.yaml"
    link.parent.mkdir()
    link.symlink_to(target)
    ConfigFile(link, {}).add_allowed("telegram", "5")
    assert link.is_symlink()
    assert target.read_text() == "telegram: {allowed_users: [5]}\n"
    assert names(link.parent) == ["bots.yaml"]


@pytest.mark.parametrize("obstacle", [".bots.yaml.new", "bots.yaml.bak", "bots.yaml.lock"])
def test_a_write_that_fails_leaves_the_file_as_it_was(config_file: MakeFile, obstacle: str) -> None:
    file = config_file("telegram: {}\n")
    (file.path.parent / obstacle / "in-the-way").mkdir(parents=True)
    with pytest.raises(ConfigError, match="nothing was changed"):
        file.add_allowed("telegram", "5")
    with pytest.raises(ConfigError, match="nothing was changed"):
        file.update({"telegram": {"enabled": True}})
    assert file.path.read_text() == "telegram: {}\n"
    assert file.load().config.telegram
    assert not (file.path.parent / ".bots.yaml.new").is_file()


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write in every folder")
def test_a_folder_that_cannot_be_written_leaves_the_file_as_it_was(config_file: MakeFile) -> None:
    file = config_file("telegram: {}\n")
    file.path.parent.chmod(0o500)
    try:
        with pytest.raises(ConfigError, match="nothing was changed: Permission denied"):
            file.add_allowed("telegram", "5")
    finally:
        file.path.parent.chmod(0o700)
    assert file.path.read_text() == "telegram: {}\n"


@pytest.mark.parametrize("room", [0, 40, 2020])
def test_no_room_for_the_new_file_leaves_the_old_one(config_file: MakeFile, room: int) -> None:
    text = "telegram: {}\n" + "# a comment of the owner\n" * 80  # 2013 bytes
    file = config_file(text)
    output, _ = start(FULL_DISK, file.path, room).communicate(timeout=60)
    assert "cannot be written, so nothing was changed" in output
    assert file.path.read_text() == text
    assert not (file.path.parent / ".bots.yaml.new").exists()


def test_a_file_that_is_gone_is_not_made_anew(config_file: MakeFile) -> None:
    file = config_file("telegram: {}\n")
    file.load()
    file.path.unlink()
    with pytest.raises(ConfigError, match="there is no such file"):
        file.add_allowed("telegram", "5")
    with pytest.raises(ConfigError, match="there is no such file"):
        file.update({"telegram": {"enabled": True}})
    assert not file.path.exists()


class Editor(dict[str, str]):
    """An environment; as it is asked, somebody saves the file in an editor that knows no lock."""

    def __init__(self, path: Path, saved: Iterator[str]) -> None:
        super().__init__(TOKEN="a-token")
        self.path = path
        self.saved = saved
        self.asked = 0

    def __getitem__(self, name: str) -> str:
        self.asked += 1
        if self.asked % 2 == 0:  # once for the file as it was, once for the file as it will be
            text = next(self.saved, None)
            if text is not None:
                self.path.write_text(text)
        return super().__getitem__(name)


def test_what_an_editor_saved_in_between_is_kept(config_file: MakeFile) -> None:
    path = config_file("telegram: {bot_token: '${TOKEN}'}\n").path
    file = ConfigFile(path, Editor(path, iter(["# edited\ntelegram: {bot_token: '${TOKEN}', enabled: true}\n"])))
    file.add_allowed("telegram", "5")
    assert path.read_text() == "# edited\ntelegram: {bot_token: '${TOKEN}', enabled: true, allowed_users: [5]}\n"


def test_an_editor_that_never_stops_saving_wins(config_file: MakeFile) -> None:
    path = config_file("telegram: {bot_token: '${TOKEN}'}\n").path
    saves = (f"telegram: {{bot_token: '${{TOKEN}}'}} # {number}\n" for number in range(100))
    with pytest.raises(ConfigError, match="changed by somebody else all the time; nothing was changed"):
        ConfigFile(path, Editor(path, saves)).add_allowed("telegram", "5")
    assert path.read_text().startswith("telegram: {bot_token: '${TOKEN}'} # ")


def test_a_temporary_file_of_a_killed_writer_is_no_obstacle(config_file: MakeFile) -> None:
    file = config_file("telegram: {}\n")
    elsewhere = file.path.parent / "elsewhere"
    elsewhere.write_text("not ours")
    (file.path.parent / ".bots.yaml.new").symlink_to(elsewhere)
    file.add_allowed("telegram", "5")
    assert elsewhere.read_text() == "not ours"
    assert not (file.path.parent / ".bots.yaml.new").exists()


def test_the_owner_of_the_file_stays_its_owner(config_file: MakeFile) -> None:
    if os.geteuid() != 0:
        pytest.skip("only the superuser can give files away")
    file = config_file("telegram: {}\n")
    os.chown(file.path, 65534, 65534)
    file.add_allowed("telegram", "5")
    assert {one.name: one.stat().st_uid for one in file.path.parent.iterdir()} == {
        "bots.yaml": 65534,
        "bots.yaml.bak": 65534,
        "bots.yaml.lock": 65534,
    }


def test_replacing_what_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bots.yaml"
    path.write_text("new")
    assert not replace_file(path, b"old", b"mine")
    assert path.read_text() == "new"
