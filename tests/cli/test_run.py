"""`run` as its owner sees it: real processes, real signals."""

import signal
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., Any]
Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_answers_and_stops_at_a_signal(home: Path, start: Start, number: int) -> None:
    bot = start(home).wait_until_up()
    assert bot.request("GET", "/healthz") == (200, {"status": "ok"})
    assert (home / "address").read_text().strip() == bot.facts["url"]
    assert bot.end(number) == 0
    assert "Traceback" not in bot.errors
    assert not (home / "address").exists()


def test_what_it_prints_is_where_everything_is(home: Path, start: Start) -> None:
    bot = start(home).wait_until_up()
    key = Path(bot.facts["key_file"]).read_text().strip()
    assert bot.facts["config"] == str(home / "bots.yaml")
    assert bot.facts["owner_link"].startswith(f"{bot.facts['url']}/chat#owner=")
    assert bot.request("GET", "/api/bots/status")[0] == 401
    assert bot.request("GET", "/api/bots/status", key=key)[0] == 200
    bot.end(signal.SIGTERM)
    assert key not in bot.errors
    assert bot.facts["owner_link"].partition("owner=")[2] not in bot.errors


def test_everything_in_the_home_is_private(home: Path, start: Start) -> None:
    start(home).wait_until_up()
    expected = ("bots.yaml", "admin-key", "address", "lock", "parachute.db", "parachute.db-wal", "parachute.db-shm")
    assert {one.name: oct(stat.S_IMODE(one.stat().st_mode)) for one in home.iterdir()} == dict.fromkeys(expected, "0o600")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_home_that_is_not_there_is_made(tmp_path: Path, start: Start) -> None:
    home = tmp_path / "new"
    bot = start(home).wait_until_up()
    assert "wrote a first configuration" in bot.errors
    assert bot.request("GET", "/healthz")[0] == 200
    first = (home / "bots.yaml").read_text()
    assert bot.end(signal.SIGTERM) == 0
    again = start(home).wait_until_up()
    assert again.end(signal.SIGTERM) == 0
    assert (home / "bots.yaml").read_text() == first
    assert "wrote" not in again.errors


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ("web: [", "bots.yaml:1:"),
        ("web: {enabled: perhaps}", "bots.yaml:1:"),
        ("webb: {enabled: true}", "webb"),
        ("web: {enabled: true}\nplugins: {ratelimit: {limits: 3}}", "limits"),
        ("web: {enabled: true}\nplugins: {rate: {}}", "rate"),
        ("web: {enabled: true}\nrequired: [nonsense]", "nonsense"),
        ("web: {enabled: true}\norchestrator: {use: ehco}", "echo"),
        ("web: {enabled: true}\norchestrator: {use: command, argv: [no-such-program]}", "no-such-program"),
    ],
)
def test_a_config_that_cannot_be_used_is_exit_code_78(home: Path, command: Command, config: str, told: str) -> None:
    (home / "bots.yaml").write_text(config)
    done = command("run", "--home", home, "--port", 0)
    assert done.returncode == 78
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert told in done.stderr
    assert (home / "bots.yaml").read_text() == config


def test_a_taken_port_is_one_clear_line(home: Path, command: Command, taken_port: int) -> None:
    done = command("run", "--home", home, "--port", taken_port)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert str(taken_port) in line
    assert "taken" in line


def test_a_host_that_cannot_be_a_name_is_one_clear_line(home: Path, command: Command) -> None:
    host = "x" * 64
    (home / "bots.yaml").write_text(f"web: {{enabled: true}}\nadmin: {{host: {host}, key: 0123456789abcdef}}\n")
    done = command("run", "--home", home, "--port", 0)
    assert (done.returncode, done.stdout) == (78, "")
    assert done.stderr.splitlines()[-1] == f"error: admin: {host}:0: the host name is not known on this machine"
    assert "Traceback" not in done.stderr


def test_the_port_may_come_from_the_environment(home: Path, command: Command, taken_port: int) -> None:
    done = command("run", "--home", home, PARACHUTE_PORT=str(taken_port))
    assert done.returncode == 1
    assert str(taken_port) in done.stderr


def test_a_second_bot_on_the_same_home_is_one_clear_line(home: Path, start: Start, command: Command) -> None:
    bot = start(home).wait_until_up()
    done = command("run", "--home", home, "--port", 0)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert f"process {bot.process.pid}" in line
    assert bot.request("GET", "/healthz")[0] == 200


def test_a_database_of_a_newer_version_is_exit_code_1(home: Path, command: Command) -> None:
    (home / "parachute.db").write_bytes(b"not a database")
    done = command("run", "--home", home, "--port", 0)
    assert done.returncode == 1
    assert "parachute.db" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_log_can_be_json(home: Path, start: Start) -> None:
    import json

    bot = start(home, "--log-format", "json").wait_until_up()
    bot.end(signal.SIGTERM)
    records = [json.loads(line) for line in bot.errors.splitlines()]
    assert "stopped" in [one["message"] for one in records]


def test_a_signal_while_it_starts_is_a_stop_too(home: Path, start: Start) -> None:
    bot = start(home, "--log-level", "debug")
    while not (home / "lock").exists() and bot.process.poll() is None:
        pass
    assert bot.end(signal.SIGTERM) == 0
    assert "Traceback" not in bot.errors


def test_an_address_that_others_reach_needs_a_key_of_its_own(home: Path, command: Command) -> None:
    done = command("run", "--home", home, "--host", "0.0.0.0", "--port", 0)
    assert (done.returncode, done.stdout) == (78, "")
    assert "admin.key" in done.stderr


def test_a_key_in_the_config_is_used_by_the_other_commands(home: Path, start: Start, command: Command) -> None:
    with (home / "bots.yaml").open("a") as config:
        config.write("admin:\n  key: a-key-of-my-own-0123456789abcdef\n")
    bot = start(home, "--host", "0.0.0.0").wait_until_up()
    assert "key_file" not in bot.facts
    assert not (home / "admin-key").exists()
    assert command("status", "--home", home).returncode == 0


def test_it_stops_in_time_with_a_client_that_stays(home: Path, start: Start) -> None:
    from websockets.sync.client import connect

    bot = start(home).wait_until_up()
    with connect(bot.facts["url"].replace("http", "ws") + "/chat/socket", origin=bot.facts["url"]) as socket:
        socket.send('{"type": "hello", "token": null}')
        assert "welcome" in str(socket.recv())
        assert bot.end(signal.SIGTERM) == 0
    assert "Traceback" not in bot.errors


def test_the_owners_link_lets_in_once_and_the_echo_answers(home: Path, start: Start) -> None:
    import json

    from websockets.sync.client import connect

    bot = start(home).wait_until_up()
    url = bot.facts["url"].replace("http", "ws") + "/chat/socket"
    owner = bot.facts["owner_link"].partition("owner=")[2]
    with connect(url, origin=bot.facts["url"]) as socket:
        socket.send(json.dumps({"type": "hello", "token": None, "owner": owner}))
        socket.send(json.dumps({"type": "message", "text": "good morning"}))
        while (frame := json.loads(socket.recv(60))).get("text") != "good morning":
            assert frame["type"] != "error", frame
    with connect(url, origin=bot.facts["url"]) as socket:
        socket.send(json.dumps({"type": "hello", "token": None, "owner": owner}))
        while (frame := json.loads(socket.recv(60)))["type"] != "error":
            assert not frame.get("allowed"), frame
    assert bot.end(signal.SIGTERM) == 0


def test_an_agent_that_never_answers_does_not_hold_up_the_stop(home: Path, start: Start, tmp_path: Path) -> None:
    import json
    import os
    import sys

    from websockets.sync.client import connect

    agent = tmp_path / "agent.py"
    agent.write_text(
        "import os, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()) + '.')\ntime.sleep(300)\n"
    )
    with (home / "bots.yaml").open("w") as config:
        config.write(f"web: {{enabled: true}}\norchestrator: {{use: command, argv: [{sys.executable}, {agent}]}}\n")
    bot = start(home).wait_until_up()
    owner = bot.facts["owner_link"].partition("owner=")[2]
    with connect(bot.facts["url"].replace("http", "ws") + "/chat/socket", origin=bot.facts["url"]) as socket:
        socket.send(json.dumps({"type": "hello", "token": None, "owner": owner}))
        socket.send(json.dumps({"type": "message", "text": "good morning"}))
        while not ((tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith(".")):
            socket.ping().wait(1)
        assert bot.end(signal.SIGTERM) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text().rstrip(".")), 0)
