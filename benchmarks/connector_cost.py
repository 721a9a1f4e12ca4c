"""What a connector costs on top of its platform's library: CPU for one message, over a real socket, and while nothing happens.

The platform is a fake in a process of its own; what is measured is the process that talks to it. Three programs take the same
messages and answer each with its text: the library alone, the connector alone (it hands over and sends, there is no core), and
the whole bot with all five plugins. Times are CPU time of the process; each figure is the median of rounds. What matters is the
ratio: absolute times are those of this machine, today.

usage: python -m benchmarks.connector_cost [--rounds 5] [--messages 300] [--idle 4] [--only telegram]
"""

import argparse
import asyncio
import functools
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import yaml

from benchmarks.libraries_alone import Alone, discord_alone, matrix_alone, running, telegram_alone
from benchmarks.own.bot import PLUGINS
from parachute_core import Outgoing, Purpose, SendKind
from parachute_core.clock import SystemClock
from parachute_core.config.schema import DiscordSection, MatrixSection, PlatformSection, TelegramSection
from parachute_core.connectors.base import MakeConnector
from parachute_core.connectors.catalog import Catalog
from parachute_core.connectors.discord import make_connector as make_discord
from parachute_core.connectors.matrix import make_connector as make_matrix
from parachute_core.connectors.telegram import make_connector as make_telegram
from parachute_core.model.message import Inbound
from parachute_core.testing import running_bot
from parachute_core.testing.conformance import Counterpart, Flow
from parachute_core.testing.conformance.agent import Agent
from parachute_core.testing.conformance.rig import until
from parachute_core.testing.counterparts.discord import DiscordCounterpart
from parachute_core.testing.counterparts.matrix import MatrixCounterpart, Residents
from parachute_core.testing.counterparts.telegram import TelegramCounterpart
from parachute_core.testing.matrix import Homeserver, NoSynapse, find_synapse
from parachute_core.testing.memory import connector_context
from parachute_core.testing.sockets import FakeLink

PATIENCE = 60.0
CHATS = 50
"""Chats that the messages of a round are spread over."""
MODULE = "benchmarks.connector_cost"
TEXT = "How much does a message cost?"
Program = Callable[["Platform", Mapping[str, Any]], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def on_synapse() -> AsyncIterator[Counterpart]:
    """A homeserver of its own, behind the proxy of the tests."""
    with Homeserver(find_synapse()) as homeserver:
        async with MatrixCounterpart(Residents(homeserver)) as counterpart:
            yield counterpart


@dataclass(frozen=True, slots=True)
class Platform:
    """One platform that is measured."""

    name: str
    library: str
    counterpart: Callable[[], AbstractAsyncContextManager[Counterpart]]
    section: type[PlatformSection]
    make: MakeConnector
    alone: Alone
    share: float = 1.0
    """How many of the messages that were asked for it is measured with; its server may be slow."""


PLATFORMS = (
    Platform("telegram", "python-telegram-bot", TelegramCounterpart, TelegramSection, make_telegram, telegram_alone),
    Platform("discord", "hikari", DiscordCounterpart, DiscordSection, make_discord, discord_alone),
    Platform("matrix", "matrix-nio", on_synapse, MatrixSection, make_matrix, matrix_alone, share=0.2),
)


class Echo(FakeLink):
    """A core that answers each message with its text."""

    def __init__(self) -> None:
        super().__init__()
        self.answer: Callable[[Inbound], Coroutine[Any, Any, object]] | None = None
        self._tasks: set[asyncio.Task[object]] = set()

    async def receive(self, message: Inbound) -> None:
        """Take it over and answer later, as the core does."""
        if self.answer is not None:
            task = asyncio.create_task(self.answer(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


def library(platform: Platform, section: Mapping[str, Any]) -> AbstractAsyncContextManager[None]:
    """Without anything of ours."""
    return platform.alone(section)


@asynccontextmanager
async def connector(platform: Platform, section: Mapping[str, Any]) -> AsyncIterator[None]:
    """The connector, without the core."""
    made = platform.make(connector_context(platform.name, platform.section.model_validate(section), clock=SystemClock()))
    link = Echo()

    async def answer(message: Inbound) -> object:
        key = f"answer-{message.message_id}"
        return await made.send(Outgoing(platform.name, message.chat_id, SendKind.MESSAGE, Purpose.REPLY, key, message.text))

    link.answer = answer
    async with running(made.run(link)):
        await until(lambda: link.proofs, lambda: "no proof of life", PATIENCE)
        yield


@asynccontextmanager
async def whole_bot(platform: Platform, section: Mapping[str, Any]) -> AsyncIterator[None]:
    """Everything, with all five plugins, typing shown and no reactions."""
    tree = {platform.name: {"enabled": True, **section, "ack_emoji": ""}, "plugins": {key: dict(one) for key, one in PLUGINS.items()}}
    async with running_bot(
        platform=platform.name,
        config=yaml.safe_dump(tree, sort_keys=False),
        connectors=Catalog({platform.name: platform.make}),
        orchestrator=Agent(),
    ) as bot:
        await until(lambda: bot.runtime.fleet.status(platform.name)["running"], lambda: "it does not run", PATIENCE)
        limiter = asyncio.create_task(_minutes(bot.clock.advance))
        yield
        limiter.cancel()
        with suppress(asyncio.CancelledError):
            await limiter


async def _minutes(advance: Callable[[float], Coroutine[Any, Any, None]]) -> None:
    """Nothing that waits for the bot's clock waits for ever."""
    while True:
        await asyncio.sleep(0.5)
        await advance(0.5)


class Server:
    """The fake platform, in its own process: told on its stdin how many messages people write, and says when all are answered."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def line(self) -> str:
        """Its next line."""
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode().strip()

    async def say(self, count: int) -> None:
        """Let people write; returns once every message is answered."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{count}\n".encode())
        if await self.line() != "answered":
            raise SystemExit("the fake platform ended")


@asynccontextmanager
async def served(platform: Platform) -> AsyncIterator[tuple[Server, Mapping[str, Any]]]:
    """The platform's fake, and the section of `bots.yaml` that leads to it."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", MODULE, "--serve", platform.name, stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    server = Server(process)
    try:
        yield server, yaml.safe_load(await server.line())
    finally:
        process.stdin.close()  # it ends by itself, and with it what it has started
        await process.wait()


async def serve(platform: Platform) -> None:
    """The other process."""
    loop = asyncio.get_running_loop()
    async with platform.counterpart() as counterpart:
        people = await counterpart.people(CHATS)
        for person in people:
            await counterpart.direct(person)
        print(yaml.safe_dump(dict(await counterpart.section(people)), default_flow_style=True, width=10_000).strip(), flush=True)

        def all_answered(count: int) -> bool:
            return counterpart.requests(Flow.SENDING) >= count

        while line := await loop.run_in_executor(None, sys.stdin.readline):
            answered = counterpart.requests(Flow.SENDING) + int(line)
            for number in range(int(line)):
                await counterpart.say(people[number % CHATS], TEXT)
            await until(functools.partial(all_answered, answered), lambda: "messages are not answered", PATIENCE)
            print("answered", flush=True)


async def measure(platform: Platform, program: Program, rounds: int, messages: int, idle: float) -> tuple[float, float]:
    """CPU seconds of one message, and the share of a core that is used while nothing happens."""
    async with served(platform) as (server, section), program(platform, section):
        await server.say(messages)
        costs = []
        for _ in range(rounds):
            began = time.process_time()
            await server.say(messages)
            costs.append((time.process_time() - began) / messages)
        await asyncio.sleep(0.5)
        began = time.process_time()
        await asyncio.sleep(idle)
        return statistics.median(costs), (time.process_time() - began) / idle


async def print_cost(platform: Platform, rounds: int, messages: int, idle: float) -> None:
    """Measure the three programs and print them beside each other."""
    ask = functools.partial(measure, platform, rounds=rounds, messages=messages, idle=idle)
    alone, alone_idle = await ask(library)
    ours, ours_idle = await ask(connector)
    whole, whole_idle = await ask(whole_bot)
    print(f"{platform.name}: one message in and its answer out ({rounds} rounds of {messages} messages in {CHATS} chats)\n")
    print(f"  {f'{platform.library} alone':<40}{alone * 1e6:9.0f} µs CPU   idle {100 * alone_idle:5.2f} % of a core")
    print(
        f"  {'the connector, library included':<40}{ours * 1e6:9.0f} µs CPU   idle {100 * ours_idle:5.2f} %   {ours / alone:5.2f} x alone"
    )
    print(f"  {'the whole bot, five plugins':<40}{whole * 1e6:9.0f} µs CPU   idle {100 * whole_idle:5.2f} %   {whole / alone:5.2f} x alone")
    print(f"  {'of the connector: the library':<40}{alone * 1e6:9.0f} µs")
    print(f"  {'of the connector: our own':<40}{(ours - alone) * 1e6:+9.0f} µs   (below zero: it leaves out work of the library)\n")


def main() -> None:
    """Measure each platform; or be the fake one."""
    parser = argparse.ArgumentParser(description="What a connector costs on top of its platform's library.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--idle", type=float, default=4.0, help="seconds")
    parser.add_argument("--only", choices=[one.name for one in PLATFORMS])
    parser.add_argument("--serve", choices=[one.name for one in PLATFORMS], help=argparse.SUPPRESS)
    asked = parser.parse_args()
    for platform in PLATFORMS:
        if asked.serve == platform.name:
            asyncio.run(serve(platform))
        elif asked.serve is None and asked.only in (None, platform.name):
            try:
                asyncio.run(print_cost(platform, asked.rounds, max(1, int(asked.messages * platform.share)), asked.idle))
            except NoSynapse as missing:
                print(f"{platform.name}: not measured, {missing}\n")


if __name__ == "__main__":
    main()
