"""What the journal costs: a backlog that is drained, and one message from the connector's link to the connector's send.

The backlog is posted while its platform has no connector, and drained when it gets one; the platform takes everything at once. It is
compared with queues in memory that keep nothing, and with a journal that commits each step by itself. Order within each chat is checked.
What matters is the ratio: absolute times are those of this machine, today.

usage: python -m benchmarks.drain [--replies 10000] [--chats 2000] [--messages 400]
"""

import argparse
import asyncio
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from parachute_core import Outgoing, Purpose, Receipt, SendKind
from parachute_core.clock import SystemClock
from parachute_core.engine.attempts import Consequences
from parachute_core.engine.deliveries import Deliveries
from parachute_core.engine.dispatching import Dispatcher
from parachute_core.engine.ledger import Ledger
from parachute_core.model.decision import CORE
from parachute_core.model.parcel import Kept, Parcel, ParcelState
from parachute_core.model.traits import Traits
from parachute_core.store.audit import AuditLog
from parachute_core.store.database import Database
from parachute_core.store.group_commit import GroupCommit
from parachute_core.store.outbox import Outbox
from parachute_core.testing import running_bot

PLATFORM = "telegram"
TRAITS = Traits(max_length=4096)


class Wire:
    """The platform: notes what comes, by chat."""

    def __init__(self) -> None:
        self.read: defaultdict[str, list[str]] = defaultdict(list)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Take it."""
        self.read[outgoing.chat_id].append(outgoing.text)
        return Receipt(outgoing.key)

    def check(self, replies: int, chats: int) -> None:
        """Fail unless everything came, in order."""
        for chat in range(chats):
            wanted = [f"reply {number}" for number in range(chat, replies, chats)]
            if self.read[str(chat)] != wanted:
                raise SystemExit(f"chat {chat} read {self.read[str(chat)][:5]}, not {wanted[:5]}")


def backlog(replies: int, chats: int) -> list[Parcel]:
    """Replies, going round the chats."""
    return [
        Parcel(Outgoing(PLATFORM, str(number % chats), SendKind.MESSAGE, Purpose.REPLY, f"k{number}.0", f"reply {number}"), f"k{number}")
        for number in range(replies)
    ]


async def journalled(parcels: Sequence[Parcel], chats: int, path: Path) -> tuple[float, float]:
    """Rows a second through the bot's own deliveries, and commits for each row."""
    clock, wire = SystemClock(), Wire()
    async with Database.open(path, clock) as database:
        commit = GroupCommit(database)
        outbox, ledger = Outbox(database, clock), Ledger(commit, clock)
        dispatcher = Dispatcher(outbox, ledger, clock, lambda _platform, _grant: True, lambda _platform: TRAITS)

        async def chain(outgoing: Outgoing) -> Receipt:
            return await dispatcher.raw(wire.send, outgoing)

        dispatcher.through(chain, lambda _chat: True, lambda _chat, _seconds: None)
        audit = AuditLog(database, clock)
        follows = Consequences(
            settled=lambda _: (), remembered=lambda _: (), said=lambda _parcel, _error: (), recorded=lambda one: audit.put(one, CORE)
        )
        deliveries = Deliveries(outbox, ledger, dispatcher, clock, follows)
        await asyncio.gather(*(deliveries.post(one) for one in parcels))
        before, began = commit.commits, time.perf_counter()
        deliveries.open(PLATFORM)
        await deliveries.idle()
        took = time.perf_counter() - began
        await deliveries.stop()
        wire.check(len(parcels), chats)
        return len(parcels) / took, (commit.commits - before) / len(parcels)


async def in_memory(parcels: Sequence[Parcel], chats: int) -> float:
    """Rows a second with a queue and a task for each chat, and nothing kept."""
    wire = Wire()
    queues: defaultdict[str, deque[Parcel]] = defaultdict(deque)
    for one in parcels:
        queues[one.outgoing.chat_id].append(one)

    async def drain(queue: "deque[Parcel]") -> None:
        while queue:
            await wire.send(queue.popleft().outgoing)
            await asyncio.sleep(0)

    began = time.perf_counter()
    await asyncio.gather(*(drain(one) for one in queues.values()))
    took = time.perf_counter() - began
    wire.check(len(parcels), chats)
    return len(parcels) / took


async def step_by_step(parcels: Sequence[Parcel], chats: int, path: Path) -> float:
    """Rows a second with a commit for each state of each row."""
    clock, wire = SystemClock(), Wire()
    async with Database.open(path, clock) as database:
        outbox = Outbox(database, clock)
        queues: defaultdict[str, deque[Kept]] = defaultdict(deque)
        for one in parcels:
            queues[one.outgoing.chat_id].append(outbox.new(one, ParcelState.QUEUED))
        await GroupCommit(database).write(*(outbox.put(one) for queue in queues.values() for one in queue))

        async def write(kept: Kept, state: ParcelState) -> None:
            kept.state = state
            statement = outbox.change(kept)
            async with database.transaction() as transaction:
                await transaction.execute(statement.write.sql, statement.params)

        async def drain(queue: "deque[Kept]") -> None:
            while queue:
                kept = queue.popleft()
                await write(kept, ParcelState.SENDING)
                await wire.send(kept.parcel.outgoing)
                await write(kept, ParcelState.SENT)

        began = time.perf_counter()
        await asyncio.gather(*(drain(one) for one in queues.values()))
        took = time.perf_counter() - began
        wire.check(len(parcels), chats)
        return len(parcels) / took


async def one_by_one(messages: int) -> tuple[float, float]:
    """Commits and CPU milliseconds for each message that is answered before the next one comes."""
    async with running_bot(["retry", "pairing", "sessionguard"]) as bot:
        await bot.ask("open a session")
        commit = bot.runtime.deliveries._ledger._commit
        before, began = commit.commits, time.process_time()
        for number in range(messages):
            await bot.ask(f"message {number}")
        return (commit.commits - before) / messages, 1000 * (time.process_time() - began) / messages


async def naive_writes(messages: int, path: Path) -> float:
    """CPU milliseconds of the commits alone that a message costs when each of its six steps is a transaction of its own."""
    async with Database.open(path, SystemClock()) as database:
        began = time.process_time()
        for number in range(messages * 6):
            async with database.transaction() as transaction:
                await transaction.execute(
                    "INSERT INTO secrets (name, value, made_at) VALUES (:name, :text, 'now')", {"name": str(number), "text": "x" * 300}
                )
        return 1000 * (time.process_time() - began) / messages


async def measure(replies: int, chats: int, messages: int) -> None:
    """Print everything."""
    parcels = backlog(replies, chats)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours, commits = await journalled(parcels, chats, folder / "ours.db")
        naive = await step_by_step(parcels, chats, folder / "naive.db")
        memory = await in_memory(parcels, chats)
        print(f"drain, {replies} replies in {chats} chats, in order: {ours:,.0f} rows/s, {commits:.3f} commits for each row")
        print(f"  against a commit for each step: {ours / naive:.1f} times as fast ({naive:,.0f} rows/s)")
        print(f"  against queues in memory: {memory / ours:.0f} times as slow ({memory:,.0f} rows/s)")
        each, cpu = await one_by_one(messages)
        steps = await naive_writes(messages, folder / "steps.db")
        print(f"one message, nothing else under way: {each:.2f} commits, {cpu:.2f} ms of CPU in all")
        print(f"  six commits, one for each step, would be {steps:.2f} ms of CPU by themselves")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replies", type=int, default=10_000)
    parser.add_argument("--chats", type=int, default=2_000)
    parser.add_argument("--messages", type=int, default=400)
    asked = parser.parse_args()
    asyncio.run(measure(asked.replies, asked.chats, asked.messages))


if __name__ == "__main__":
    main()
