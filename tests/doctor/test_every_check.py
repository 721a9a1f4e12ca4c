"""Every check, with facts that make it speak, and with those of a healthy bot, where all are silent."""

import os
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from parachute_core.clock import SystemClock
from parachute_core.config.file import ConfigFile
from parachute_core.connectors.base import Complaint
from parachute_core.connectors.telegram.words import SECOND_POLLER
from parachute_core.doctor.case import Asked, Case, Running
from parachute_core.doctor.catalog import CHECKS
from parachute_core.doctor.check import Finding
from parachute_core.home import Home
from parachute_core.hooks.discover import Candidate, Declaration
from parachute_core.testing import FakeClock

GUARDS = ("ratelimit", "retry", "pairing", "budget", "sessionguard", "strictstate")
CHAIN = ("ratelimit", "pairing", "budget", "sessionguard")
TELEGRAM = "telegram:\n  enabled: true\n  bot_token: 1:token-of-a-test\n"
ADMIN = "admin: {host: 127.0.0.1, port: 0}\n"
Change = Callable[[Case], Case]


def candidate(name: str, version: str = "1.0") -> Candidate:
    return Candidate(name, f"parachute-{name}", version, lambda: Declaration(None))


def live(**changes: Any) -> Running:
    """A bot that has every plugin and is connected; `changes` are made to what it says of Telegram."""
    plugins = [{"name": name, "version": "1.0", "enabled": True, "hooks": ["before_dispatch"] if name in CHAIN else []} for name in GUARDS]
    telegram = {"enabled": True, "status": "running", "last_error": None, **changes}
    return Running(plugins, {"connectors": {"telegram": telegram}, "store": {"usable": True, "trouble": None}})


def with_plugins(plugins: list[dict[str, Any]]) -> Running:
    return replace(live(), plugins=plugins)


def put(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
    return path


def configured(case: Case, text: str) -> Case:
    put(case.home.config_path, text.encode())
    return replace(case, loaded=ConfigFile(case.home.config_path, {}).load())


@pytest.fixture
def healthy(tmp_path: Path) -> Case:
    home = Home(tmp_path / "home")
    case = Case(
        home,
        SystemClock(),
        loaded=None,
        installed=tuple(map(candidate, GUARDS)),
        order={"before_dispatch": CHAIN, "wrap_send": ()},
        places={"ratelimit": 10, "pairing": 50, "budget": 60, "sessionguard": 90},
        running=live(),
        asked={"telegram": Asked(clock_ahead=0.4)},
        free=1 << 40,
    )
    put(home.key_path, b"para_" + b"0123456789abcdefghijklmnopqrstuvwxyz")
    with closing(sqlite3.connect(home.database_path)) as database:
        database.execute("CREATE TABLE schema_steps (owner TEXT, step INTEGER)")
    home.database_path.chmod(0o600)
    return configured(case, TELEGRAM + ADMIN)


def found(case: Case) -> list[Finding]:
    return [one for check in CHECKS for one in check.findings(case)]


def missing(case: Case) -> Case:
    case.home.config_path.unlink()
    return replace(case, loaded=None)


def open_home(case: Case) -> Case:
    case.home.path.chmod(0o755)
    return case


def open_secret_of_the_home(case: Case) -> Case:
    put(case.home.secrets_path / "token", b"x", 0o640)
    return case


def open_secret_elsewhere(case: Case) -> Case:
    path = put(case.home.path.parent / "token", b"1:token-of-a-test", 0o644)
    return configured(case, TELEGRAM.replace("1:token-of-a-test", f"${{file:{path}}}") + ADMIN)


def foreign(case: Case) -> Case:
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    os.chown(case.home.key_path, 12345, 12345)
    return case


def taken(case: Case) -> Case:
    other = socket.create_server(("127.0.0.1", 0))
    SOCKETS.append(other)
    return replace(case, running=None, port=other.getsockname()[1])


SOCKETS: list[socket.socket] = []


@pytest.fixture(autouse=True)
def sockets_closed() -> Any:
    yield
    while SOCKETS:
        SOCKETS.pop().close()


def long_host(case: Case) -> Case:
    """No name has a part of more than 63 letters."""
    return replace(configured(case, f"{TELEGRAM}admin: {{host: {'x' * 64}, key: 0123456789abcdefghijklmnop}}"), running=None)


def damaged_key(case: Case) -> Case:
    put(case.home.key_path, b"para_short")
    return case


def key_that_leads_nowhere(case: Case) -> Case:
    case.home.key_path.unlink()
    case.home.key_path.symlink_to("nowhere")
    return case


def pipe_for_a_key(case: Case) -> Case:
    case.home.key_path.unlink()
    os.mkfifo(case.home.key_path, 0o600)
    return case


def long_ago(case: Case) -> Case:
    return replace(case, clock=FakeClock(SystemClock().now() - timedelta(hours=1)))


def damaged(content: bytes) -> Change:
    def change(case: Case) -> Case:
        put(case.home.database_path, content)
        return case

    return change


def newer(case: Case) -> Case:
    with closing(sqlite3.connect(case.home.database_path)) as database:
        database.execute("INSERT INTO schema_steps VALUES ('core', 9999)")
        database.commit()
    return case


def torn(case: Case) -> Case:
    """A page in the middle is overwritten."""
    with closing(sqlite3.connect(case.home.database_path)) as database:
        database.execute("CREATE TABLE more (text TEXT)")
        database.executemany("INSERT INTO more VALUES (?)", [("x" * 1000,) for _ in range(50)])
        database.commit()
    content = bytearray(case.home.database_path.read_bytes())
    content[3 * 4096 : 4 * 4096] = b"\xff" * 4096
    put(case.home.database_path, bytes(content))
    return case


def full_store(case: Case) -> Case:
    assert case.running
    status = {**case.running.status, "store": {"usable": False, "trouble": "the disk is full"}}
    return replace(case, running=replace(case.running, status=status))


def asked(**facts: Any) -> Change:
    return lambda case: replace(case, asked={"telegram": Asked(**facts)})


def changed(**facts: Any) -> Change:
    return lambda case: replace(case, **facts)


def written(text: str) -> Change:
    return lambda case: configured(case, text)


def complaint(name: str) -> Change:
    return asked(complaints=(Complaint(name, "it complains"),))


PLUGINS = [dict(one) for one in live().plugins]
FOUND: list[tuple[str, Change, str]] = [
    ("config-missing", missing, "there is no such file"),
    ("config-unusable", changed(problems=["bots.yaml:1:1: webb: unknown section"]), "unknown section"),
    ("config-remark", written("discord: {allowed_guilds: [1]}\n" + TELEGRAM + ADMIN), "allowed_guilds"),
    ("no-platform", written(ADMIN), "no platform is enabled"),
    ("home-open", open_home, "0755"),
    ("file-open", open_secret_of_the_home, "0640"),
    ("secret-file-open", open_secret_elsewhere, "0644"),
    ("file-foreign", foreign, "12345"),
    ("address-unusable", taken, "the port is taken"),
    ("address-unusable", long_host, "the host name is not known on this machine"),
    ("address-public", written(TELEGRAM + "admin: {host: 0.0.0.0, port: 0, key: 0123456789abcdefghijklmnop}"), "0.0.0.0"),
    ("key-weak", written(TELEGRAM + "admin: {port: 0, key: aaaaaaaaaaaaaaaabbbbbbbbbbbb}"), "2 different ones"),
    ("key-weak", written(TELEGRAM + "admin: {port: 0, key: 0123456789abcdef}"), "16 characters"),
    ("key-file-damaged", damaged_key, "holds no admin key"),
    ("key-file-damaged", key_that_leads_nowhere, "cannot be read"),
    ("key-file-damaged", pipe_for_a_key, "is no regular file"),
    ("clock-off", asked(clock_ahead=90.0), "90 seconds behind the one of telegram"),
    ("clock-off", asked(clock_ahead=-90.0), "90 seconds ahead of the one of telegram"),
    ("clock-behind", long_ago, "seconds behind the last change of bots.yaml"),
    ("disk-full", changed(free=63 << 20), "63 MiB"),
    ("disk-low", changed(free=64 << 20), "64 MiB"),
    ("database-damaged", damaged(b"what is this, a database?"), "is no database"),
    ("database-damaged", newer, "newer version"),
    ("database-damaged", torn, "damaged"),
    ("store-refuses", full_store, "the disk is full"),
    ("bot-not-running", changed(running=None), "no bot is running"),
    ("bot-silent", changed(running=None, silent="the bot is starting or stopping"), "starting or stopping"),
    (
        "plugin-not-live",
        changed(installed=(*map(candidate, GUARDS), candidate("shield"))),
        "shield (parachute-shield 1.0) is not in",
    ),
    ("plugin-not-live", changed(running=with_plugins([*PLUGINS[:5], {**PLUGINS[5], "enabled": False}])), "strictstate"),
    ("plugin-outdated", changed(installed=(candidate("ratelimit", "2.0"), *map(candidate, GUARDS[1:]))), "1.0 runs, 2.0 is installed"),
    ("chain-outdated", changed(order={"before_dispatch": CHAIN[::-1]}, places={}), "bots.yaml says sessionguard"),
    ("chain-outdated", changed(order={"before_dispatch": CHAIN[:-1]}), "the running bot asks"),
    ("hook-order", changed(order={"before_dispatch": ("pairing", "ratelimit")}, running=None), "their own order is ratelimit, pairing"),
    ("guard-off", written(TELEGRAM + ADMIN + "plugins: {ratelimit: {enabled: false}}"), "ratelimit is switched off: messages of one chat"),
    ("guard-missing", changed(installed=tuple(map(candidate, GUARDS[1:]))), "ratelimit is not installed"),
    ("credentials-refused", asked(refused="Telegram refuses the bot token"), "telegram: Telegram refuses"),
    ("platform-unreachable", asked(unreachable="the Bot API cannot be reached"), "cannot be reached"),
    ("connector-down", changed(running=live(status="failed", last_error="refused")), "telegram is failed: refused"),
    ("telegram-webhook-set", complaint("telegram-webhook-set"), "it complains"),
    ("telegram-webhook-failing", complaint("telegram-webhook-failing"), "it complains"),
    ("telegram-second-poller", complaint("telegram-second-poller"), "it complains"),
    ("telegram-second-poller", changed(running=live(last_error=SECOND_POLLER)), "another program polls"),
    ("discord-intent-missing", complaint("discord-intent-missing"), "it complains"),
]
ALONG = {"hook-order": {"bot-not-running"}, "address-unusable": {"bot-not-running", "address-public"}, "config-missing": set()}
"""What is found besides, because it is so."""


def test_of_a_healthy_bot_there_is_nothing_to_say(healthy: Case) -> None:
    assert found(healthy) == []


@pytest.mark.parametrize(("name", "change", "told"), FOUND)
def test_what_is_wrong_is_found_and_nothing_else(healthy: Case, name: str, change: Change, told: str) -> None:
    findings = found(change(healthy))
    assert {one.id for one in findings} - ALONG.get(name, set()) == {name}
    assert any(told in one.what for one in findings if one.id == name), findings
    assert all("token-of-a-test" not in one.what for one in findings)


def test_looking_leaves_no_file_behind(healthy: Case) -> None:
    """A log of the database that belongs to who looked would keep the bot from writing."""
    with closing(sqlite3.connect(healthy.home.database_path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("INSERT INTO schema_steps VALUES ('core', 1)")
        database.commit()
    before = sorted(healthy.home.path.iterdir())
    assert found(healthy) == []
    assert sorted(healthy.home.path.iterdir()) == before


def test_every_check_is_tried() -> None:
    assert {one.id for one in CHECKS} == {name for name, _, _ in FOUND}
    assert len({one.id for one in CHECKS}) == len(CHECKS)
