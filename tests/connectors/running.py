"""What the tests of all connectors start and wait for: a connector alone, and the whole bot."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import yaml

from parachute_core.connectors.base import Connector, MakeConnector
from parachute_core.connectors.catalog import Catalog
from parachute_core.model.turn import Done, Orchestrator, TextDelta, Transcriber, Turn, TurnEvent
from parachute_core.testing.bot import RunningBot, running_bot
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.conformance.rig import FIVE
from parachute_core.testing.sockets import FakeLink

C = TypeVar("C", bound=Connector)
Plugins = Mapping[str, Mapping[str, object]]


async def until(condition: Callable[[], object], within: float = 20.0) -> None:
    """Return once `condition` holds; it is looked at every few real milliseconds. Raises `TimeoutError` after `within` seconds."""
    async with asyncio.timeout(within):
        while True:
            if condition():
                return
            await asyncio.sleep(0.005)


@dataclass(frozen=True)
class Connected(Generic[C]):
    """A connector that runs without a bot."""

    connector: C
    link: FakeLink
    clock: FakeClock
    running: "asyncio.Task[None]"

    async def stop(self) -> None:
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)


@asynccontextmanager
async def connecting(connector: C, clock: FakeClock, link: FakeLink | None) -> AsyncIterator[Connected[C]]:
    """Run it; entered once it is connected or refused, stopped at the end of the block."""
    link = link or FakeLink()
    alone = Connected(connector, link, clock, asyncio.create_task(connector.run(link)))
    try:
        await until(lambda: link.proofs or alone.running.done())
        yield alone
    finally:
        await alone.stop()


def status(bot: RunningBot, platform: str) -> dict[str, object]:
    return bot.runtime.fleet.status(platform)


@asynccontextmanager
async def bot_on(
    platform: str,
    section: Mapping[str, object],
    make: MakeConnector,
    *,
    state: str,
    plugins: Plugins | None,
    orchestrator: Orchestrator | None,
    home: Path | None,
    transcriber: Transcriber | None = None,
    watch: bool = False,
    served: Callable[[str], None] | None = None,
) -> AsyncIterator[RunningBot]:
    """The whole bot with the five plugins, and those that `plugins` names besides; entered once the connector's state is `state`.

    `served`: is told the address, before the connector's state is looked at; with it there is a real server.
    """
    on = {name: dict((plugins or {}).get(name, {})) for name in (*FIVE, *(plugins or {}))}
    config = yaml.safe_dump({platform: {"enabled": True, **section}, "plugins": on}, sort_keys=False)
    async with running_bot(
        platform=platform,
        config=config,
        connectors=Catalog({platform: make}),
        orchestrator=orchestrator,
        home=home,
        transcriber=transcriber,
        watch=watch,
        serve=served is not None,
    ) as bot:
        if served is not None:
            served(bot.url)
        await until(lambda: status(bot, platform)["status"] == state)
        yield bot


class Growing:
    """An agent that gives its answer word by word, each when it is told to go on."""

    def __init__(self, *words: str) -> None:
        self.asked = asyncio.Event()
        self.go_on = asyncio.Semaphore(0)
        self._words = words

    async def answer(self, _turn: Turn) -> AsyncGenerator[TurnEvent, None]:
        self.asked.set()
        for word in self._words:
            await self.go_on.acquire()
            yield TextDelta(word)
        yield Done()
