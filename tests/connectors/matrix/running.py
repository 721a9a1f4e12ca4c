"""The connector alone, and the whole bot, connected to the homeserver."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from parachute_core.clock import Clock
from parachute_core.config.schema import MatrixSection
from parachute_core.connectors.matrix.connector import Matrix
from parachute_core.connectors.matrix.library import Timeouts
from parachute_core.model.outgoing import Outgoing, Purpose, SendKind
from parachute_core.model.turn import Orchestrator
from parachute_core.testing.bot import RunningBot
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.matrix import MatrixWorld, Person
from parachute_core.testing.memory import DictMemory, connector_context
from parachute_core.testing.sockets import FakeLink
from tests.connectors.running import Connected, Plugins, bot_on, connecting
from tests.connectors.running import status as status_on

SHORT = Timeouts(call=1.0, poll=1.0, slack=1.0)
"""For tests in which the homeserver does not answer."""


def section_for(world: MatrixWorld, url: str | None = None, **settings: object) -> dict[str, object]:
    return {
        "homeserver_url": url or world.homeserver.url,
        "user_id": world.bot.user_id,
        "access_token": world.bot.access_token,
        **settings,
    }


def connector_for(
    world: MatrixWorld,
    *,
    url: str | None = None,
    clock: Clock | None = None,
    memory: DictMemory | None = None,
    folder: Path | None = None,
    timeouts: Timeouts | None = None,
    encryption: bool = False,
    settings: Mapping[str, object] | None = None,
) -> Matrix:
    section = MatrixSection.model_validate(section_for(world, url, **(settings or {})))
    context = connector_context("matrix", section, clock=clock, memory=memory, folder=folder)
    return Matrix(context, timeouts, encryption=encryption)


@asynccontextmanager
async def connected(
    world: MatrixWorld,
    *,
    link: FakeLink | None = None,
    url: str | None = None,
    memory: DictMemory | None = None,
    folder: Path | None = None,
    timeouts: Timeouts | None = None,
    encryption: bool = False,
    **settings: object,
) -> AsyncIterator[Connected[Matrix]]:
    """The connector, syncing or refused; it is stopped at the end of the block."""
    clock = FakeClock()
    connector = connector_for(
        world, url=url, clock=clock, memory=memory, folder=folder, timeouts=timeouts, encryption=encryption, settings=settings
    )
    async with connecting(connector, clock, link) as bot:
        yield bot


def outgoing(room: str, text: str = "", kind: SendKind = SendKind.MESSAGE, *, key: str = "k1.0", **more: object) -> Outgoing:
    fields: dict[str, object] = {"platform": "matrix", "chat_id": room, "purpose": Purpose.REPLY}
    return Outgoing(**{**fields, "kind": kind, "key": key, "text": text, **more})  # type: ignore[arg-type]


@asynccontextmanager
async def whole_bot(
    world: MatrixWorld,
    *,
    url: str | None = None,
    allowed: tuple[str, ...] = (),
    plugins: Plugins | None = None,
    orchestrator: Orchestrator | None = None,
    home: Path | None = None,
    state: str = "running",
    timeouts: Timeouts | None = None,
    encryption: bool = False,
    watch: bool = False,
    **settings: object,
) -> AsyncIterator[RunningBot]:
    """See `bot_on`; entered once the connector's state is `state`."""
    async with bot_on(
        "matrix",
        {**section_for(world, url), "allowed_users": list(allowed), **settings},
        partial(Matrix, timeouts=timeouts, encryption=encryption),
        state=state,
        plugins=plugins,
        orchestrator=orchestrator,
        home=home,
        watch=watch,
    ) as bot:
        yield bot


def status(bot: RunningBot) -> dict[str, object]:
    return status_on(bot, "matrix")


async def direct(world: MatrixWorld, person: Person, *, joined: bool = True) -> str:
    """A chat of two that the person begins; the bot must run if it is to be `joined` at the end."""
    room = await person.create(world.bot.user_id, direct=True)
    if joined:
        await enters(world, person, room)
    return room


async def begun(bot: Connected[Matrix], world: MatrixWorld, person: Person) -> str:
    """A chat of two of which the connector has heard; what was said there so far is forgotten."""
    room = await direct(world, person)
    before = len(bot.link.received)
    await person.say(room, "hello")
    await bot.link.texts(before + 1, within=20.0)
    del bot.link.received[before:]
    return room


async def enters(world: MatrixWorld, person: Person, room: str) -> None:
    """Return once the bot is in the room."""
    async with asyncio.timeout(20.0):
        while True:
            if world.bot.user_id in await person.members(room):
                return
            await asyncio.sleep(0.05)
