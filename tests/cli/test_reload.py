"""What is edited while a real bot runs: followed at a signal or a command, and what cannot be is said."""

import json
import os
import pty
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cli.conftest import COMMAND, environment
from tests.cli.processes import run

Start = Callable[..., Any]
PATIENCE = 30


def until(bot: Any, told: str) -> list[dict[str, Any]]:
    """The records of its log, once one says this."""
    for _ in range(PATIENCE * 50):
        records = [json.loads(line) for line in bot.errors.splitlines(keepends=True) if line.endswith("\n")]
        if any(told in one["message"] for one in records):
            return records
        assert bot.process.poll() is None, bot.errors
        time.sleep(0.02)
    raise AssertionError(bot.errors)


def test_a_hangup_reloads_says_what_needs_a_start_and_the_bot_lives_on(home: Path, start: Start) -> None:
    bot = start(home, "--log-format", "json").wait_until_up()
    config = home / "bots.yaml"
    config.write_text(config.read_text().replace("ttl_days: 7", "ttl_days: 8").replace("allowed_users: []", "allowed_users: [web-1]"))
    bot.process.send_signal(signal.SIGHUP)
    records = until(bot, "was read anew")
    (told,) = [one for one in records if "was read anew" in one["message"]]
    assert (told["changed"], told["needs_start"]) == ("web.allowed_users, plugins", "plugins")
    assert bot.request("GET", "/api/bots/status", key=bot.key())[1]["connectors"]["web"]["allowed_users_count"] == 1
    config.write_text("web: [")
    bot.process.send_signal(signal.SIGHUP)
    until(bot, "goes on with what it read before")
    assert bot.request("GET", "/readyz")[0] == 200
    assert bot.end(signal.SIGTERM) == 0


def test_the_command_reloads_what_stands_in_another_file(home: Path, start: Start) -> None:
    secret = home / "token"
    secret.write_text("123456:first-token-of-a-fake-bot")
    with (home / "bots.yaml").open("a") as config:
        config.write(f"telegram: {{enabled: false, bot_token: '${{file:{secret}}}'}}\n")
    bot = start(home).wait_until_up()
    done = run("reload", "--home", home)
    assert (done.code, done.out) == (0, "changed: nothing since it was read last\n")
    secret.write_text("123456:other-token-of-a-fake-bot")
    done = run("reload", "--home", home, "--json")
    assert json.loads(done.out) == {"success": True, "changed": ["telegram.bot_token"], "needs_start": []}
    (home / "bots.yaml").write_text("web: {enabled: true}\norchestrator: {use: echo}\nrequired: [pairing]\n")
    done = run("reload", "--home", home)
    assert "takes effect at the next start: plugins, required" in done.out
    (home / "bots.yaml").write_text("webb: {}\n")
    done = run("reload", "--home", home)
    assert (done.code, done.out) == (1, "")
    assert "webb" in done.err
    (audited,) = [one["who"] for one in bot.request("GET", "/api/audit?what=config_changed", key=bot.key())[1]["entries"][-1:]]
    assert audited == "owner by hand"


def test_a_probe_reads_whether_it_is_ready(home: Path, start: Start) -> None:
    assert run("ready", "--home", home).code == 1
    bot = start(home).wait_until_up()
    done = run("ready", "--home", home)
    assert (done.code, done.out) == (0, "ready\n")
    assert bot.request("POST", "/api/bots/web/stop", key=bot.key())[0] == 200
    done = run("ready", "--home", home)
    assert (done.code, done.out) == (0, "ready\n  connector_stopped web\n")


def test_a_terminal_that_is_closed_stops_the_bot_and_a_hangup_before_does_not(home: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with (tmp_path / "log").open("w+") as log:
        process = subprocess.Popen(
            [*COMMAND, "run", "--json", "--home", str(home), "--port", "0"],
            stdin=theirs,
            stdout=theirs,
            stderr=log,
            env=environment(),
            start_new_session=True,
        )
        try:
            os.close(theirs)
            while not (home / "address").exists():
                assert process.poll() is None
                time.sleep(0.02)
            process.send_signal(signal.SIGHUP)
            while "was read anew" not in (tmp_path / "log").read_text():
                assert process.poll() is None
                time.sleep(0.02)
            os.close(ours)
            process.send_signal(signal.SIGHUP)
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()
            process.wait()
    assert "SIGHUP" in (tmp_path / "log").read_text()
