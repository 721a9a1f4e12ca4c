"""The connector alone, and the whole bot, connected to the fake Bot API."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import yaml

from parachute_core.config.schema import TelegramSection
from parachute_core.connectors.catalog import Catalog
from parachute_core.connectors.telegram.api import Timeouts
from parachute_core.connectors.telegram.connector import Telegram
from parachute_core.model.outgoing import CHAT_ITSELF, Outgoing, Place, Purpose, SendKind
from parachute_core.model.turn import Orchestrator, Transcriber
from parachute_core.testing.bot import RunningBot, running_bot
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.memory import DictMemory, connector_context
from parachute_core.testing.sockets import FakeLink
from parachute_core.testing.telegram import FakeBotApi

FIVE = ("ratelimit", "retry", "strictstate", "pairing", "sessionguard")
SHORT = Timeouts(read=0.5)
"""For tests in which the Bot API does not answer."""


async def until(condition: Callable[[], object], within: float = 15.0) -> None:
    async with asyncio.timeout(within):
        while True:
            if condition():
                return
            await asyncio.sleep(0.005)


def servers(api: FakeBotApi) -> dict[str, object]:
    return {"base_url": api.base_url, "base_file_url": api.base_file_url}


def connector_for(
    api: FakeBotApi,
    clock: FakeClock | None = None,
    timeouts: Timeouts | None = None,
    memory: DictMemory | None = None,
    **settings: object,
) -> Telegram:
    section = TelegramSection.model_validate({"bot_token": api.token, **servers(api), **settings})
    context = connector_context("telegram", section, clock=clock, memory=memory)
    return Telegram(context, timeouts)


@dataclass(frozen=True)
class Connected:
    connector: Telegram
    link: FakeLink
    clock: FakeClock
    running: "asyncio.Task[None]"

    async def stop(self) -> None:
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)


@asynccontextmanager
async def connected(
    api: FakeBotApi,
    *,
    link: FakeLink | None = None,
    timeouts: Timeouts | None = None,
    memory: DictMemory | None = None,
    **settings: object,
) -> AsyncIterator[Connected]:
    """The connector, polling or refused; it is stopped at the end of the block."""
    clock, link = FakeClock(), link or FakeLink()
    connector = connector_for(api, clock, timeouts, memory, **settings)
    bot = Connected(connector, link, clock, asyncio.create_task(connector.run(link)))
    try:
        await until(lambda: bot.running.done() or link.proofs)
        yield bot
    finally:
        await bot.stop()


def outgoing(
    text: str = "",
    kind: SendKind = SendKind.MESSAGE,
    *,
    chat_id: str = "1",
    target_id: str | None = None,
    final: bool = True,
    place: Place = CHAT_ITSELF,
) -> Outgoing:
    return Outgoing("telegram", chat_id, kind, Purpose.REPLY, "k1.0", text, target_id, final=final, place=place)


@asynccontextmanager
async def whole_bot(
    api: FakeBotApi,
    *,
    allowed: Sequence[str] = ("1",),
    plugins: Mapping[str, Mapping[str, object]] | None = None,
    orchestrator: Orchestrator | None = None,
    home: Path | None = None,
    timeouts: Timeouts | None = None,
    state: str = "running",
    transcriber: Transcriber | None = None,
    serve: bool = False,
    **settings: object,
) -> AsyncIterator[RunningBot]:
    """The whole bot with all five plugins; entered once the connector's state is `state`."""
    users = [int(one) for one in allowed]
    section = {"enabled": True, "bot_token": api.token, **servers(api), "allowed_users": users, **settings}
    on = {name: dict((plugins or {}).get(name, {})) for name in (*FIVE, *(plugins or {}))}
    config = yaml.safe_dump({"telegram": section, "plugins": on}, sort_keys=False)
    catalog = Catalog({"telegram": partial(Telegram, timeouts=timeouts)})
    async with running_bot(
        config=config, connectors=catalog, orchestrator=orchestrator, home=home, transcriber=transcriber, serve=serve
    ) as bot:
        if serve:
            api.webhooks.proxy = bot.url
        await until(lambda: status(bot)["status"] == state)
        yield bot


def status(bot: RunningBot) -> dict[str, object]:
    return bot.runtime.fleet.status("telegram")
