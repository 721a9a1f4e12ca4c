"""The session guard's question: is this session still open?"""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiosqlite

from benchmarks.own.bot import Echo, Wire
from parachute_core import ChatRef, ChatType, TrustLevel
from parachute_core.testing import running_bot

TIMES = 500
SESSIONS = 1_000


async def look_up(who: str) -> float:
    """Nanoseconds of one look-up, waiting included; among a thousand sessions."""
    async with running_bot({"sessionguard": {}}, connector=Wire(), orchestrator=Echo(), home=None) as bot:
        store = bot.runtime.sessions
        chats = [ChatRef("telegram", str(number)) for number in range(SESSIONS)]
        ids = [(await store.open(chat, ChatType.DIRECT, chat.chat_id, TrustLevel.SANDBOXED, replace=True)).id for chat in chats]
        path = next(Path(bot.home).glob("*.db"))
        async with aiosqlite.connect(path) as database:

            async def row(number: int) -> object:
                async with database.execute("SELECT * FROM sessions WHERE id = ?", (ids[number],)) as cursor:
                    return await cursor.fetchone()

            async def ours(number: int) -> object:
                return await store.get(ids[number])

            work: Callable[[int], Awaitable[object]] = ours if who == "ours" else row
            assert await work(0) is not None
            began = time.perf_counter()
            for number in range(TIMES):
                await work(number % SESSIONS)
            return (time.perf_counter() - began) / TIMES * 1e9


CASES = {"ours": lambda: look_up("ours"), "aiosqlite": lambda: look_up("aiosqlite")}
