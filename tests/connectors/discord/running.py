"""The connector alone, and the whole bot, connected to the fake Discord."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from parachute_core.clock import Clock
from parachute_core.config.schema import DiscordSection
from parachute_core.connectors.base import Connector
from parachute_core.connectors.catalog import Catalog
from parachute_core.connectors.discord import make_connector
from parachute_core.model.outgoing import Outgoing, Purpose, SendKind
from parachute_core.model.turn import Orchestrator, Transcriber
from parachute_core.testing.bot import RunningBot, running_bot
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.discord import FakeDiscord
from parachute_core.testing.memory import DictMemory, connector_context
from parachute_core.testing.sockets import FakeLink

FIVE = ("ratelimit", "retry", "strictstate", "pairing", "sessionguard")


async def until(condition: Callable[[], object], within: float = 15.0) -> None:
    """Return once `condition` holds; it is looked at every few real milliseconds."""
    for _ in range(int(within / 0.005)):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise TimeoutError("what was waited for did not happen")


def connector_for(discord: FakeDiscord, clock: Clock | None = None, *, memory: DictMemory | None = None, **settings: object) -> Connector:
    section = DiscordSection.model_validate({"bot_token": discord.token, "rest_url": discord.rest_url, **settings})
    return make_connector(connector_context("discord", section, clock=clock, memory=memory))


@dataclass(frozen=True)
class Connected:
    connector: Connector
    link: FakeLink
    clock: FakeClock
    running: "asyncio.Task[None]"


@asynccontextmanager
async def connected(
    discord: FakeDiscord, *, link: FakeLink | None = None, memory: DictMemory | None = None, **settings: object
) -> AsyncIterator[Connected]:
    """The connector, connected to the fake or refused by it; it is stopped at the end of the block."""
    clock, link = FakeClock(), link or FakeLink()
    connector = connector_for(discord, clock, memory=memory, **settings)
    running = asyncio.create_task(connector.run(link))
    try:
        await until(lambda: link.proofs or running.done())
        yield Connected(connector, link, clock, running)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def outgoing(channel: str, text: str = "", kind: SendKind = SendKind.MESSAGE, *, key: str = "k1.0", **more: object) -> Outgoing:
    fields: dict[str, object] = {"platform": "discord", "chat_id": channel, "purpose": Purpose.REPLY}
    return Outgoing(**{**fields, "kind": kind, "key": key, "text": text, **more})  # type: ignore[arg-type]


@asynccontextmanager
async def whole_bot(
    discord: FakeDiscord,
    *,
    allowed: tuple[str, ...] = ("1",),
    plugins: Mapping[str, Mapping[str, object]] | None = None,
    orchestrator: Orchestrator | None = None,
    home: Path | None = None,
    transcriber: Transcriber | None = None,
    state: str = "running",
    **settings: object,
) -> AsyncIterator[RunningBot]:
    """The whole bot with all five plugins; returns once the connector's state is `state`."""
    section = {"enabled": True, "bot_token": discord.token, "rest_url": discord.rest_url, "allowed_users": list(allowed), **settings}
    on = {name: dict((plugins or {}).get(name, {})) for name in FIVE}
    config = yaml.safe_dump({"discord": section, "plugins": on}, sort_keys=False)
    catalog = Catalog({"discord": make_connector})
    async with running_bot(
        platform="discord", config=config, connectors=catalog, orchestrator=orchestrator, home=home, transcriber=transcriber
    ) as bot:
        await until(lambda: status(bot)["status"] == state)
        yield bot


def status(bot: RunningBot) -> dict[str, object]:
    return bot.runtime.fleet.status("discord")


async def passing(bot: RunningBot, condition: Callable[[], object]) -> None:
    """Let time pass, a second at a time, until `condition` holds."""
    for _ in range(1000):
        if condition():
            return
        await bot.clock.advance(1.0)
        await asyncio.sleep(0.01)
    raise TimeoutError("what was waited for did not happen")


async def reads(discord: FakeDiscord, *texts: str, user_id: str = "1") -> None:
    """Return once the person's direct channel shows exactly these messages of the bot."""
    channel = discord.direct(user_id)
    try:
        await until(lambda: discord.texts(channel) == list(texts))
    except TimeoutError:
        raise AssertionError(discord.texts(channel)) from None
