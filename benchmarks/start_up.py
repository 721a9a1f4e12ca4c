"""How long a command takes to say its version, and a bot from the command to its first answer.

Everything is a process of its own, measured in turns; what matters is the ratio to an interpreter that does nothing.

usage: python -m benchmarks.start_up
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

from benchmarks.harness import ROUNDS, Row, Table, show
from benchmarks.served import bot

Measured = dict[str, list[float]]


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def python(*arguments: str) -> Callable[[], object]:
    """Run the interpreter with these arguments to its end."""
    return lambda: subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)


def first_answer(facts: dict[str, Any]) -> None:
    """Let the owner in, write, and read the answer."""
    with connect(facts["url"].replace("http", "ws") + "/chat/socket", origin=facts["url"]) as socket:
        socket.send(json.dumps({"type": "hello", "token": None, "owner": facts["owner_link"].partition("owner=")[2]}))
        socket.send(json.dumps({"type": "message", "text": "good morning"}))
        while json.loads(socket.recv(30)).get("text") != "good morning":
            pass


def measure(rounds: int) -> Measured:
    """Each thing once a round."""
    measured: Measured = {"nothing": [], "version": [], "click": [], "listening": [], "answered": []}
    for _ in range(rounds):
        measured["nothing"].append(timed(python("-c", "pass")))
        measured["version"].append(timed(python(str(Path(sys.executable).with_name("parachute-core")), "--version")))
        measured["click"].append(timed(python("-c", "import click")))
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            with bot(Path(folder) / "home") as (_, facts):
                measured["listening"].append(time.perf_counter() - began)
                first_answer(facts)
                measured["answered"].append(time.perf_counter() - began)
    return measured


NAMES = {
    "nothing": "python -c pass",
    "version": "parachute-core --version",
    "click": "import click",
    "listening": "run: first start, until it listens",
    "answered": "run: first start, until the first answer",
}


def start_up(rounds: int = ROUNDS) -> Table:
    """The table."""
    measured = measure(rounds)
    base = measured["nothing"]
    rows = tuple(
        Row(NAMES[key], tuple(one * 1000 for one in values), tuple(mine / its for mine, its in zip(values, base, strict=True)))
        for key, values in measured.items()
    )
    table = Table("start-up", "Starting up, each thing a process of its own", "ms", rows, NAMES["nothing"])
    show(table)
    return table


if __name__ == "__main__":
    start_up()
