"""What tests of started programs look at: which processes there are, and which are left."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest


def state(pid: int) -> str | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return None


async def is_gone(pid: int) -> bool:
    for _ in range(500):
        if state(pid) in (None, "Z"):  # Z: dead; whoever inherited it has not looked yet.
            return True
        await asyncio.sleep(0.01)
    return False


def living(parent: int) -> dict[int, str]:
    """The children of a process, dead ones that nobody reaped included, with what they run."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
                words = (folder / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == parent:
                found[int(folder.name)] = words
    return found


@pytest.fixture(autouse=True)
async def nothing_left_behind() -> AsyncIterator[None]:
    """No test leaves a child of ours behind, running or unreaped."""
    before = living(os.getpid()).keys()
    yield
    for _ in range(500):
        left = {pid: words for pid, words in living(os.getpid()).items() if pid not in before}
        if not left:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"left behind: {left}")
