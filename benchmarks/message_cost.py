"""What the core costs: one message from the connector's link to the connector's send, and what a chat leaves in memory.

All five plugins are on, the store is on disk, the agent echoes. Times are CPU time of the whole process, its database thread
included; every figure is the median of rounds in which all things measured take turns, so that a busy machine disturbs them alike.
What matters is the ratio: absolute times are those of this machine, today.

usage: python -m benchmarks.message_cost [--rounds 9] [--messages 400] [--chats 100000]
"""

import argparse
import asyncio
import gc
import statistics
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.memory import traced
from benchmarks.own.bot import OWNER, PLUGINS, WINDOW, Echo, Wire, message
from parachute_core import ChatRef, ChatType, Outgoing, Purpose, SendKind, TrustLevel, Turn
from parachute_core.model.parcel import Exchange
from parachute_core.store.group_commit import GroupCommit
from parachute_core.testing import RunningBot, running_bot

CHATS = 50
"""Chats that the messages of a round are spread over."""
Work = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is measured."""

    name: str
    work: Work
    """One message's worth of it."""


def outgoing(kind: SendKind, session_id: str | None) -> Outgoing:
    """A call as the core makes it."""
    text = "" if kind.cosmetic else "How much does a message cost?"
    return Outgoing("telegram", "chat-0", kind, Purpose.REPLY, "key", text, session_id=session_id)


async def steps(bot: RunningBot) -> list[Step]:
    """The stations of the journey, each on its own; the first is what a bot without any of this does."""
    core, wire, agent = bot.runtime, bot.connector, Echo()
    chat = ChatRef("telegram", "chat-0")
    session = await core.sessions.open(chat, ChatType.GROUP, OWNER, TrustLevel.SANDBOXED, replace=True)
    incoming = message(0, chat="chat-0")
    calls = [outgoing(kind, session.id) for kind in (SendKind.TYPING, SendKind.ACK, SendKind.MESSAGE, SendKind.TYPING)]
    turn = Turn(session.id, incoming.text, (), 600.0, TrustLevel.SANDBOXED)

    async def bare() -> None:
        got = message(0, chat="chat-0")
        await wire.send(Outgoing("telegram", got.chat_id, SendKind.MESSAGE, Purpose.REPLY, "key", got.text))

    async def access() -> None:
        core.access.is_allowed("telegram", OWNER)
        core.access.trust("telegram", OWNER, ChatType.GROUP)

    async def find_session() -> None:
        await core.sessions.current(chat)
        await core.sessions.current(chat)
        await core.sessions.history(session.id, 16_000)

    async def ask_agent() -> None:
        async for _ in agent.answer(turn):
            pass

    async def layers() -> None:
        for call in calls:
            await core.outbound.dispatch(call)

    commit = GroupCommit(core.store)

    async def keep_turn() -> None:
        await commit.write(core.sessions.remember(Exchange(session.id, incoming.text, incoming.text)))
        await core.sessions.used(session.id)

    return [
        Step("bare handler", bare),
        Step("gates (ratelimit, pairing, sessionguard)", lambda: core.hooks.before_dispatch(incoming)),
        Step("access", access),
        Step("session and history, read", find_session),
        Step("agent (echo)", ask_agent),
        Step("way out (4 calls through retry, sessionguard)", layers),
        Step("session and history, written", keep_turn),
    ]


async def cpu_each(work: Work, times: int) -> float:
    """CPU seconds that `work` takes once."""
    started = time.process_time()
    for _ in range(times):
        await work()
    return (time.process_time() - started) / times


async def whole_journey(bot: RunningBot, numbers: Iterator[int], times: int) -> float:
    """CPU seconds of one message that goes all the way, several chats at a time."""
    started = time.process_time()
    for _ in range(0, times, CHATS):
        for chat in range(CHATS):
            await bot.connector.link.receive(message(next(numbers), chat=f"chat-{chat}"))
        await bot.settled()
    return (time.process_time() - started) / (-(-times // CHATS) * CHATS)


async def print_cost(rounds: int, times: int) -> None:
    """Measure the journey and its steps in turns, and print medians."""
    numbers = iter(range(10**9))
    async with running_bot(PLUGINS, connector=Wire(), orchestrator=Echo()) as bot:
        measured = await steps(bot)
        whole: list[float] = []
        alone: dict[str, list[float]] = {step.name: [] for step in measured}
        await whole_journey(bot, numbers, times)
        for _ in range(rounds):
            await bot.clock.advance(WINDOW)
            whole.append(await whole_journey(bot, numbers, times))
            for step in measured:
                alone[step.name].append(await cpu_each(step.work, times))
    (bare, bares), *rest = alone.items()
    relative = statistics.median(one / base for one, base in zip(whole, bares, strict=True))
    print(f"One message, all five plugins on ({rounds} rounds of {times} messages in {CHATS} chats)\n")
    print(f"  {'whole journey':<48}{statistics.median(whole) * 1e6:9.1f} µs CPU   {relative:6.1f} x a bare handler")
    print(f"  {bare:<48}{statistics.median(bares) * 1e6:9.1f} µs CPU\n")
    left = 100.0
    for name, costs in rest:
        share = 100 * statistics.median(one / total for one, total in zip(costs, whole, strict=True))
        left -= share
        print(f"  {name:<48}{share:9.1f} %")
    print(f"  {'the rest: lane, task, formatting, splitting':<48}{left:9.1f} %\n")


def resident() -> int:
    """Bytes of this process in memory, or 1 where that cannot be read."""
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[1]) * 4096 if status.exists() else 1


async def print_memory(chats: int) -> None:
    """Let strangers and an allowed user write in ever new chats, and print what stays, before and after the limiter's window."""
    print("Memory that chats leave behind, and what is left of it when their window has passed\n")
    crowds = [("strangers, each in a chat of their own", None, chats), ("an allowed user in ever new groups", OWNER, chats // 10)]
    for who, user, count in crowds:
        async with running_bot(PLUGINS, connector=Wire(), orchestrator=Echo()) as bot:
            await see(bot, "warm", 200, user)
            gc.collect()
            tracemalloc.start()
            base_rss = resident()
            await see(bot, "chat", count, user)
            seen, seen_rss = traced(), resident()
            for number in range(4):
                await bot.clock.advance(WINDOW + 1)
                await see(bot, f"later-{number}", 1, user)
            after, after_rss = traced(), resident()
            tracemalloc.stop()
        print(f"  {who}: {count:,} chats")
        print(
            f"    allocated, bytes a chat:{seen / count:10.1f}   after the window:{after / count:10.1f}   ratio:{after / max(seen, 1):6.2f}"
        )
        print(f"    resident, x the start:  {seen_rss / base_rss:10.2f}   after the window:{after_rss / base_rss:10.2f}\n")


async def see(bot: RunningBot, prefix: str, chats: int, user: str | None) -> None:
    """One message in each of so many new chats."""
    for number in range(chats):
        chat = f"{prefix}-{number}"
        await bot.connector.link.receive(message(number, chat=chat, user=user or chat))
        if number % CHATS == 0:
            await bot.settled()
    await bot.settled()


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description="What one message costs, and what a chat leaves in memory.")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--messages", type=int, default=400)
    parser.add_argument("--chats", type=int, default=100_000)
    asked = parser.parse_args()
    asyncio.run(print_cost(asked.rounds, asked.messages))
    asyncio.run(print_memory(asked.chats))


if __name__ == "__main__":
    main()
