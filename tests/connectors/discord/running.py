"""The connector alone, and the whole bot, connected to the fake Discord."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from parachute_core.clock import Clock
from parachute_core.config.schema import DiscordSection
from parachute_core.connectors.base import Connector
from parachute_core.connectors.discord import make_connector
from parachute_core.model.outgoing import Outgoing, Purpose, SendKind
from parachute_core.model.turn import Orchestrator, Transcriber
from parachute_core.testing.bot import RunningBot
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.discord import FakeDiscord
from parachute_core.testing.memory import DictMemory, connector_context
from parachute_core.testing.sockets import FakeLink
from tests.connectors.running import Connected, Plugins, bot_on, connecting, until
from tests.connectors.running import status as status_on


def connector_for(discord: FakeDiscord, clock: Clock | None = None, *, memory: DictMemory | None = None, **settings: object) -> Connector:
    section = DiscordSection.model_validate({"bot_token": discord.token, "rest_url": discord.rest_url, **settings})
    return make_connector(connector_context("discord", section, clock=clock, memory=memory))


@asynccontextmanager
async def connected(
    discord: FakeDiscord,
    *,
    link: FakeLink | None = None,
    memory: DictMemory | None = None,
    clock: FakeClock | None = None,
    **settings: object,
) -> AsyncIterator[Connected[Connector]]:
    """The connector, connected to the fake or refused by it; it is stopped at the end of the block."""
    clock = clock or FakeClock()
    async with connecting(connector_for(discord, clock, memory=memory, **settings), clock, link) as bot:
        yield bot


def outgoing(channel: str, text: str = "", kind: SendKind = SendKind.MESSAGE, *, key: str = "k1.0", **more: object) -> Outgoing:
    fields: dict[str, object] = {"platform": "discord", "chat_id": channel, "purpose": Purpose.REPLY}
    return Outgoing(**{**fields, "kind": kind, "key": key, "text": text, **more})  # type: ignore[arg-type]


@asynccontextmanager
async def whole_bot(
    discord: FakeDiscord,
    *,
    allowed: tuple[str, ...] = ("1",),
    plugins: Plugins | None = None,
    orchestrator: Orchestrator | None = None,
    home: Path | None = None,
    transcriber: Transcriber | None = None,
    state: str = "running",
    **settings: object,
) -> AsyncIterator[RunningBot]:
    """See `bot_on`; entered once the connector's state is `state`."""
    section = {"bot_token": discord.token, "rest_url": discord.rest_url, "allowed_users": list(allowed), **settings}
    async with bot_on(
        "discord",
        section,
        make_connector,
        state=state,
        plugins=plugins,
        orchestrator=orchestrator,
        home=home,
        transcriber=transcriber,
    ) as bot:
        yield bot


def status(bot: RunningBot) -> dict[str, object]:
    return status_on(bot, "discord")


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
