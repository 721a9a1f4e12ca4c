"""Everything of a bot in one file while it talks, and a bot that goes on from there."""

import io
import json
import os
import re
import signal
import sqlite3
import stat
import tarfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from parachute_core.backup.manifest import NAME
from parachute_core.testing import running_bot
from tests.cli.processes import run

Start = Callable[..., Any]


def members(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as opened:
        return {one.name: opened.extractfile(one).read() for one in opened}  # type: ignore[union-attr]


def write(archive: Path, content: dict[str, bytes]) -> None:
    with tarfile.open(archive, "w:gz") as opened:
        for name, body in content.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            opened.addfile(entry, io.BytesIO(body))


def tree(folder: Path) -> dict[str, bytes]:
    return {one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def rows(database: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture
async def archive(tmp_path: Path, home: Path) -> Path:
    """Of a bot that ran once."""
    async with running_bot(home=home, platform="web"):
        pass
    path = tmp_path / "bot.backup"
    assert run("backup", path, "--home", home).code == 0
    return path


def test_a_backup_during_traffic_holds_everything_and_a_bot_goes_on_from_it(home: Path, tmp_path: Path, start: Start) -> None:
    path, new = tmp_path / "bot.backup", tmp_path / "moved" / "home"
    folder = home / "connectors" / "matrix"
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / "keys.db")) as keys:  # as a library keeps it: no write-ahead log
        keys.execute("CREATE TABLE keys (name TEXT)")
        keys.execute("INSERT INTO keys VALUES ('mine')")
        keys.commit()
    (home / "agent.py").write_text("print('mine')\n")
    with (home / "bots.yaml").open("a") as config:  # who writes this much would be slowed down
        config.write("  ratelimit: {enabled: false}\n  budget: {enabled: false}\n")
    bot = start(home).wait_until_up()
    said: list[str] = []
    done = threading.Event()
    with bot.visitor() as owner:
        owner.say("the first of all")
        owner.read("the first of all")

        def talk() -> None:
            while not done.is_set():
                owner.say(f"message {len(said)}")
                owner.read(f"message {len(said)}")
                said.append(f"message {len(said)}")

        talking = threading.Thread(target=talk)
        talking.start()
        try:
            for number in (1, 2):  # the second one takes the place of the first
                while len(said) < 5 * number:
                    assert talking.is_alive()
                    time.sleep(0.01)
                before = len(said)
                told = run("backup", path, "--home", home, "--json")
                assert told.code == 0, told.err
        finally:
            done.set()
            talking.join()
        token, user = owner.token, bot.request("GET", "/api/sessions", key=bot.key())[1]["sessions"][0]["user"]
    key, audited = bot.key(), bot.request("GET", "/api/audit", key=bot.key())[1]["entries"]
    assert bot.end(signal.SIGTERM) == 0
    assert len(said) >= before >= 10
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    holds = {one["name"] for one in json.loads(told.out)["files"]}
    assert holds == {"admin-key", "agent.py", "bots.yaml", "bots.yaml.bak", "connectors/matrix/keys.db", "parachute.db"}
    assert sorted(one.name for one in tmp_path.iterdir() if one.name.startswith(".")) == []

    back = run("restore", path, "--home", new)
    assert back.code == 0, back.err
    assert {name: stat.S_IMODE((new / name).stat().st_mode) for name in holds} == dict.fromkeys(holds, 0o600)
    assert {stat.S_IMODE(one.stat().st_mode) for one in (new, new / "connectors", new / "connectors" / "matrix")} == {0o700}
    assert rows(new / "connectors" / "matrix" / "keys.db", "SELECT * FROM keys") == [("mine",)]
    kept = [text for (text,) in rows(new / "parachute.db", "SELECT text FROM history WHERE role = 'user' ORDER BY session_id, position")]
    assert {"the first of all", f"message {before - 3}"} <= set(kept)
    again = start(new).wait_until_up()
    assert again.key() == key
    assert [one["id"] for one in again.request("GET", "/api/audit?what=link_used", key=key)[1]["entries"]] == [
        one["id"] for one in audited if one["what"] == "link_used"
    ]
    with again.visitor(token) as visitor:  # the same person, allowed as before, in the same session
        visitor.say("here again")
        visitor.read("here again")
    assert [one["user"] for one in again.request("GET", "/api/sessions", key=key)[1]["sessions"]] == [user]
    assert again.end(signal.SIGTERM) == 0


def test_what_waited_counts_as_perhaps_delivered_and_what_was_deleted_is_not_in_it(archive: Path, home: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(home / "parachute.db")) as store:
        store.execute(
            "INSERT INTO outbox (id, platform, chat_id, kind, purpose, state, tries, unknown, resent, created_at, changed_at) "
            "VALUES (1, 'telegram', '1', 'message', 'reply', 'queued', 0, 0, 0, '2026-01-01', '2026-01-01')"
        )
        store.execute("INSERT INTO logins VALUES ('d', 'i', '2026-01-01', '2026-01-01', '2030-01-01', 'a')")
        store.execute("PRAGMA secure_delete = OFF")
        store.execute("CREATE TABLE pairing_gone (text TEXT)")
        store.executemany("INSERT INTO pairing_gone VALUES (?)", [("a word that was deleted " * 20,)] * 50)
        store.commit()
        store.execute("DELETE FROM pairing_gone")
        store.commit()
    assert b"a word that was deleted" in (home / "parachute.db").read_bytes()
    assert run("backup", archive, "--home", home).code == 0
    assert b"a word that was deleted" not in members(archive)["parachute.db"]
    assert run("restore", archive, "--home", tmp_path / "new").code == 0
    assert rows(tmp_path / "new" / "parachute.db", "SELECT state FROM outbox") == [("sending",)]
    assert rows(tmp_path / "new" / "parachute.db", "SELECT * FROM logins") == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_restores_belongs_to_whom_the_place_belongs_to(archive: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    os.chown(place, 12345, 12345)
    assert run("restore", archive, "--home", place / "home").code == 0
    assert {one.stat().st_uid for one in (place / "home", *(place / "home").rglob("*"))} == {12345}


def test_a_home_that_holds_a_bot_is_kept(archive: Path, home: Path) -> None:
    (home / "bots.yaml").write_text("web: {enabled: false}\n")
    before = tree(home)
    refused = run("restore", archive, "--home", home)
    assert (refused.code, "--replace" in refused.err) == (1, True)
    assert tree(home) == before
    done = run("restore", archive, "--home", home, "--replace", "--json")
    assert done.code == 0, done.err
    kept = Path(json.loads(done.out)["kept"])
    assert kept.parent == home.parent
    assert {name: content for name, content in tree(kept).items() if name != "lock"} == {
        name: content for name, content in before.items() if name != "lock"
    }
    assert "ttl_days" in (home / "bots.yaml").read_text()


async def test_a_running_bot_is_not_restored_over(archive: Path, home: Path) -> None:
    async with running_bot(home=home, platform="web") as bot:
        done = run("restore", archive, "--home", home, "--replace")
        assert (done.code, "stop it first" in done.err) == (1, True)
        assert (await bot.request("GET", "/readyz", key=False)).status == 200


def test_a_folder_of_other_things_is_left_alone(archive: Path, tmp_path: Path) -> None:
    other = tmp_path / "documents"
    other.mkdir()
    (other / "letter").write_text("dear")
    done = run("restore", archive, "--home", other, "--replace")
    assert (done.code, tree(other)) == (1, {"letter": b"dear"})


@pytest.mark.parametrize(
    "harm", ["newer store", "newer format", "cut", "changed", "missing", "escape", "damaged store", "not one", "absent"]
)
def test_what_cannot_be_used_changes_nothing(archive: Path, tmp_path: Path, harm: str) -> None:
    content, said = members(archive), "damaged"
    manifest = json.loads(content[NAME])
    match harm:
        case "newer store":
            store = tmp_path / "store.db"
            store.write_bytes(content["parachute.db"])
            with closing(sqlite3.connect(store)) as connection:
                connection.execute("INSERT INTO schema_steps VALUES ('core', 999, '2030-01-01')")
                connection.commit()
            said = "newer version"
            repack(content, manifest, store.read_bytes())
        case "newer format":
            manifest["format"], said = 2, "newer version"
            content[NAME] = json.dumps(manifest).encode()
        case "changed":
            content["bots.yaml"] += b"# more\n"
        case "missing":
            del content["bots.yaml"]
        case "escape":
            manifest["files"]["../evil"] = manifest["files"]["bots.yaml"]
            content = {NAME: json.dumps(manifest).encode(), **content, "../evil": content["bots.yaml"]}
            content[NAME] = json.dumps(manifest).encode()
        case "damaged store":
            repack(content, manifest, content["parachute.db"][:8192] + b"\xff" * (len(content["parachute.db"]) - 8192))
            said = "parachute.db"
    write(archive, content)
    if harm == "cut":
        archive.write_bytes(archive.read_bytes()[:-200])
    if harm == "not one":
        archive.write_bytes(b"dear diary")
        said = "no backup"
    if harm == "absent":
        archive.unlink()
        said = "No such file"
    done = run("restore", archive, "--home", tmp_path / "place" / "new")
    assert (done.code, done.out) == (1, "")
    assert said in done.err
    assert "Traceback" not in done.err
    assert list((tmp_path / "place").rglob("*") if (tmp_path / "place").exists() else ()) == []
    assert not (tmp_path / "evil").exists()


def test_a_byte_that_flipped_on_its_way_is_noticed(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    for number in range(1, 12):
        place = len(whole) * number // 12
        archive.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        done = run("restore", archive, "--home", tmp_path / "place" / "new")
        assert (done.code, "damaged" in done.err or "no backup" in done.err) == (1, True), done.err
    assert list((tmp_path / "place").rglob("*") if (tmp_path / "place").exists() else ()) == []


def repack(content: dict[str, bytes], manifest: dict[str, Any], store: bytes) -> None:
    import hashlib

    content["parachute.db"] = store
    manifest["files"]["parachute.db"] = {"size": len(store), "sha256": hashlib.sha256(store).hexdigest()}
    content[NAME] = json.dumps(manifest).encode()


def test_a_backup_replaces_a_backup_and_nothing_else(archive: Path, home: Path, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    diary.write_text("dear diary")
    for target in (diary, home / "own.backup", tmp_path / "nowhere" / "x", home.parent):
        before = target.read_bytes() if target.is_file() else None
        done = run("backup", target, "--home", home)
        assert (done.code in (1, 2), "Traceback" in done.err) == (True, False)
        assert (target.read_bytes() if target.is_file() else None) == before
    assert run("backup", archive, "--home", tmp_path / "empty").code == 1


def test_it_says_what_is_not_in_it(home: Path, tmp_path: Path) -> None:
    (home / "secrets").mkdir()
    (home / "aside").symlink_to(tmp_path)
    for path in (home / "secrets" / "token", tmp_path / "elsewhere"):
        path.write_text("1:token-of-a-test")
    names = ("${BOT_TOKEN}", "${file:secrets/token}", f"${{file:{home}/secrets/../secrets/token}}", f"${{file:{home}/secrets/token}}",
             f"${{file:{tmp_path}/elsewhere}}", "${file:../elsewhere}", "${file:aside/elsewhere}")  # fmt: skip
    with (home / "bots.yaml").open("a") as config:
        config.write(f"telegram: {{enabled: true, bot_token: '{''.join(names)}'}}\n# ${{NOT_THIS}}\n")
    done = run("backup", tmp_path / "bot.backup", "--home", home, "--json")
    assert json.loads(done.out)["not_in_it"] == ["BOT_TOKEN", "file:../elsewhere", f"file:{tmp_path}/elsewhere", "file:aside/elsewhere"]
    os.mkfifo(home / "pipe")  # what is no file holds up nothing
    done = run("backup", tmp_path / "bot.backup", "--home", home)
    assert done.code == 0, done.err
    assert re.search(r"from elsewhere: BOT_TOKEN, file:\.\./elsewhere, ", done.out)


def test_of_a_home_that_init_made_all_is_in_it(tmp_path: Path) -> None:
    made = run("init", "--home", tmp_path / "home", "--platform", "telegram", "--no-test", PARACHUTE_TOKEN="123456:token")
    assert made.code == 0, made.err
    done = run("backup", tmp_path / "bot.backup", "--home", tmp_path / "home")
    assert (done.code, "secrets/telegram-bot-token" in done.out, "not in it" in done.out) == (0, True, False), done.err
