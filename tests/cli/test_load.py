"""`load`, against bots that really run: what it measures, whom it lets in, and that nobody stays on the list."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from parachute_core.loading.figures import percentile

Start = Callable[..., Any]
Command = Callable[..., "subprocess.CompletedProcess[str]"]
LISTED = """
web:
  enabled: true # the page
  allowed_users: [web-somebody] # a friend
orchestrator:
  use: echo
plugins:
  ratelimit: {limit: 3, window: 60}
"""


def test_a_bot_is_started_loaded_and_thrown_away(command: Command, tmp_path: Path) -> None:
    done = command("load", "--visitors", 5, "--rate", 20, "--duration", 2, "--flood", 100, "--json", cwd=tmp_path, TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    visitors, flood = told["visitors"], told["flood"]
    assert visitors["visitors"] == 5
    assert visitors["sent"] == visitors["answered"] >= 20
    assert [visitors[name] for name in ("refused", "lost", "doubled", "disordered", "errors", "closed")] == [0] * 6
    assert 0 < visitors["p50"] <= visitors["p90"] <= visitors["p99"]
    assert flood["answered"] == 10  # the limit of the first configuration
    assert flood["refused"] == flood["sent"] - 10 > 0
    assert told["resident"] > 10_000_000
    assert told["cpu"] > 0
    assert list(tmp_path.iterdir()) == []


def test_a_bot_of_ones_own_is_left_alone_without_a_yes(home: Path, start: Start, command: Command) -> None:
    start(home).wait_until_up()
    before = (home / "bots.yaml").read_text()
    done = command("load", "--home", home, "--visitors", 2)
    assert done.returncode == 1
    assert "--yes" in done.stderr
    assert (home / "bots.yaml").read_text() == before


def test_visitors_are_on_the_list_of_a_bot_of_ones_own_only_until_the_end(home: Path, start: Start, command: Command) -> None:
    (home / "bots.yaml").write_text(LISTED)
    start(home).wait_until_up()
    done = command("load", "--home", home, "--yes", "--visitors", 4, "--rate", 16, "--duration", 1.5, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["visitors"]
    assert (told["answered"], told["refused"], told["lost"]) == (12, told["sent"] - 12, 0)  # the limit is this home's
    assert (home / "bots.yaml").read_text() == LISTED


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nobody_stays_on_the_list_when_it_is_broken_off(home: Path, start: Start, number: int) -> None:
    (home / "bots.yaml").write_text(LISTED)
    start(home).wait_until_up()
    words = [sys.executable, "-m", "parachute_core", "load", "--home", str(home), "--yes", "--visitors", "3", "--duration", "60"]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it runs in the background ignore it, children too
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        until = time.monotonic() + 60
        while (home / "bots.yaml").read_text().count("web-") < 4:
            assert time.monotonic() < until
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait(60) != 0
    assert (home / "bots.yaml").read_text() == LISTED


def test_what_cannot_be_loaded_is_named(home: Path, command: Command) -> None:
    none = command("load", "--home", home, "--yes")
    assert none.returncode == 1
    assert "no bot is running" in none.stderr
    assert command("load", "--visitors", 5001).returncode == 2


def test_only_a_bot_on_a_loopback_address_is_loaded(home: Path, start: Start, command: Command) -> None:
    (home / "bots.yaml").write_text(LISTED + "admin: {key: a-key-that-is-long-enough-for-everybody}\n")
    start(home, "--host", "0.0.0.0").wait_until_up()
    (home / "address").write_text("http://192.0.2.1:80\n")
    done = command("load", "--home", home, "--yes")
    assert done.returncode == 1
    assert "loopback" in done.stderr


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50_000.0), (0.9, 90_000.0), (0.99, 99_000.0), (1.0, 100_000.0)])
def test_percentiles_are_values_that_were_measured(share: float, expected: float) -> None:
    assert percentile([float(one) for one in range(1, 101)], share) == expected
    assert percentile([], share) is None
    assert percentile([0.25], share) == 250.0
