"""The whole journey with everything kept, with nothing kept, and as one would write it first: a commit for each step."""

import asyncio
import time
from itertools import count

from benchmarks.gatekeeping import CHATS
from benchmarks.own.bot import PLUGINS, WINDOW, Echo, Wire, message
from parachute_core.store.group_commit import GroupCommit, Statement
from parachute_core.testing import RunningBot, running_bot

NUMBERS = count()
TIMES = 1_000


class Nothing(GroupCommit):
    """Keeps nothing."""

    async def write(self, *statements: Statement) -> None:
        return


class EachAlone(GroupCommit):
    """A transaction for each statement, as `execute` and `commit` make them."""

    async def write(self, *statements: Statement) -> None:
        for one in statements:
            self.commits += 1
            async with self._database.transaction() as transaction:
                await transaction.execute(one.write.sql, one.params)


KINDS = {"kept": GroupCommit, "nothing": Nothing, "each": EachAlone}


async def fed(bot: RunningBot, times: int, *, together: bool) -> float:
    """Nanoseconds of CPU time a message, the store's thread included."""
    began = time.process_time()
    for _ in range(0, times, CHATS):
        coming = [message(next(NUMBERS), chat=f"chat-{chat}") for chat in range(CHATS)]
        if together:
            await asyncio.gather(*(bot.connector.link.receive(one) for one in coming))
        else:
            for one in coming:
                await bot.connector.link.receive(one)
        await bot.settled()
    return (time.process_time() - began) / times * 1e9


async def journey(kind: str, *, together: bool, counted: bool = False) -> float:
    """Nanoseconds a message; `counted`: transactions a message instead."""
    async with running_bot(PLUGINS, connector=Wire(), orchestrator=Echo()) as bot:
        commit = bot.runtime.deliveries._ledger._commit = KINDS[kind](bot.runtime.store)
        await fed(bot, CHATS, together=together)
        await bot.clock.advance(WINDOW)
        await fed(bot, CHATS, together=together)  # what each session needs once a minute
        before = commit.commits
        took = await fed(bot, TIMES, together=together)
        return (commit.commits - before) / TIMES if counted else took


CASES = {"journey": journey}
