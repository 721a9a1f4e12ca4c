"""Requests of the admin API, beside the same framework on hypercorn."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.environments import ROOT, python_of
from benchmarks.harness import ROUNDS, Row, Table, show

CLIENTS, EACH = 16, 100
TICKS = os.sysconf("SC_CLK_TCK")
PEER = "quart on hypercorn, GET /healthz"


@contextmanager
def ours(home: Path) -> Iterator[tuple[int, int, str]]:
    """A bot with its default configuration: process, port, key."""
    command = [sys.executable, "-m", "parachute_core", "run", "--json", "--home", str(home), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        text = ""
        while not text.endswith("}\n"):
            text += process.stdout.readline()
        yield process.pid, int(json.loads(text)["url"].rpartition(":")[2].strip("/")), (home / "admin-key").read_text("utf-8").strip()
        process.terminate()


@contextmanager
def hypercorn() -> Iterator[tuple[int, int]]:
    """The peer: process, port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    command = [str(python_of("web")), "-m", "hypercorn", "--bind", f"127.0.0.1:{port}", "--workers", "0", "benchmarks.peers.web_app:app"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        for _ in range(200):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield process.pid, port
        process.kill()


def cpu(pid: int) -> float:
    """Seconds of CPU time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def load(port: int, path: str, key: str = "") -> None:
    """So many clients, each asking so many times on one connection."""

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        auth = f"Authorization: Bearer {key}\r\n" if key else ""
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{auth}\r\n".encode()
        for _ in range(EACH):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = next(int(line.split(b":")[1]) for line in head.lower().splitlines() if line.startswith(b"content-length"))
            await reader.readexactly(length)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(client() for _ in range(CLIENTS)))


def rate(pid: int, port: int, path: str, key: str = "") -> float:
    """Requests a second of the server's CPU time."""
    before = cpu(pid)
    asyncio.run(load(port, path, key))
    return CLIENTS * EACH / max(cpu(pid) - before, 1 / TICKS)


def admin(rounds: int = ROUNDS) -> Table:
    """The table."""
    measured: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder, ours(Path(folder) / "home") as (own, port, key), hypercorn() as (peer, its_port):
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
