"""A bot in a process of its own, and clients that ask a server on connections that they keep open."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def bot(home: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """A bot with the first configuration that listens: its process, and what it prints about itself."""
    command = [sys.executable, "-m", "parachute_core", "run", "--json", "--home", str(home), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            text = ""
            while not text.endswith("}\n"):
                line = process.stdout.readline()
                if not line:
                    raise RuntimeError("the bot ended before it listened")
                text += line
            yield process.pid, json.loads(text)
        finally:
            process.terminate()


async def ask(port: int, request: bytes, *, clients: int, each: int) -> None:
    """So many clients, each asking so many times on one connection."""

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(each):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = next(int(line.split(b":")[1]) for line in head.lower().splitlines() if line.startswith(b"content-length"))
            await reader.readexactly(length)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(client() for _ in range(clients)))
