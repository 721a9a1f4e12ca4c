"""Requests of the admin API, beside the same framework on hypercorn."""

import asyncio
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.environments import ROOT, python_of
from benchmarks.harness import ROUNDS, Row, Table, show
from benchmarks.served import ask, bot

CLIENTS, EACH = 16, 100
TICKS = os.sysconf("SC_CLK_TCK")
PEER = "quart on hypercorn, GET /healthz"


@contextmanager
def hypercorn() -> Iterator[tuple[int, int]]:
    """The peer: process, port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    command = [str(python_of("web")), "-m", "hypercorn", "--bind", f"127.0.0.1:{port}", "--workers", "0", "benchmarks.peers.web_app:app"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(200):
                with socket.socket() as tried:
                    if tried.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield process.pid, port
        finally:
            process.kill()


def cpu(pid: int) -> float:
    """Seconds of CPU time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rate(pid: int, port: int, path: str, key: str = "") -> float:
    """Requests a second of the server's CPU time."""
    before = cpu(pid)
    auth = f"Authorization: Bearer {key}\r\n" if key else ""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{auth}\r\n".encode()
    asyncio.run(ask(port, request, clients=CLIENTS, each=EACH))
    return CLIENTS * EACH / max(cpu(pid) - before, 1 / TICKS)


def admin(rounds: int = ROUNDS) -> Table:
    """The table."""
    measured: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder, bot(Path(folder) / "home") as (own, facts), hypercorn() as (peer, its_port):
        port = int(facts["url"].rpartition(":")[2])
        key = (Path(folder) / "home" / "admin-key").read_text("utf-8").strip()
        for number in range(rounds + 1):
            got = {
                PEER: rate(peer, its_port, "/healthz"),
                "parachute-core, GET /healthz": rate(own, port, "/healthz"),
                "parachute-core, GET /api/bots/status (key, checks, store)": rate(own, port, "/api/bots/status", key),
            }
            for name, value in got.items():
                if number:
                    measured.setdefault(name, []).append(value)
    rows = tuple(
        Row(name, tuple(values), tuple(mine / its for mine, its in zip(values, measured[PEER], strict=True)))
        for name, values in measured.items()
    )
    table = Table("admin", "Requests a second of the server's CPU time, 16 connections kept open (more is better)", "req/s", rows, PEER)
    show(table)
    return table
