"""Matrix's side of a trial: a real homeserver, a proxy in front of it that brings the faults, and people who read along."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Self

import aiohttp

from parachute_core.clock import SystemClock
from parachute_core.testing.crashes.counterparts import CHATS
from parachute_core.testing.http import Fault
from parachute_core.testing.matrix import Homeserver, MatrixWorld, Person, Refused, find_synapse, matrix_world
from parachute_core.testing.proxy import FaultProxy

LOOK_EVERY = 0.05
HOLD = 10_000
"""Milliseconds that the homeserver holds a sync of somebody who reads along."""


class MatrixSide:
    """On a homeserver that runs. What people read is what it tells them, never what the bot was told."""

    name = "matrix"
    recognises = True
    sending = "/send/m.room.message/"
    flood: object = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests", "retry_after_ms": 500}

    def __init__(self, homeserver: Homeserver) -> None:
        self._homeserver = homeserver
        self._stack = contextlib.AsyncExitStack()
        self._proxy = FaultProxy(homeserver.url)
        self._world: MatrixWorld | None = None
        self._people: list[tuple[Person, str]] = []
        """Each with the room that the bot and this person are in."""

    async def __aenter__(self) -> Self:
        world = self._world = await self._stack.enter_async_context(matrix_world(self._homeserver))
        await self._stack.enter_async_context(self._proxy)
        for number in range(CHATS):
            person = await world.person(f"person-{number}")
            room = await person.create(world.bot.user_id, direct=True)
            await world.as_person(world.bot).join(room)
            self._people.append((person, room))
        reading = [asyncio.create_task(_read_along(person)) for person, _ in self._people]
        self._stack.push_async_callback(_end, reading)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def section(self) -> Mapping[str, object]:
        """See `Counterpart.section`."""
        bot, users = self._opened.bot, [person.id for person, _ in self._people]
        account = {"user_id": bot.user_id, "access_token": bot.access_token, "device_id": bot.device_id}
        return {"enabled": True, "homeserver_url": self._proxy.url, **account, "allowed_users": users, "ack_emoji": None}

    async def started(self, _url: str) -> bool:
        """See `Counterpart.started`: what is written before a bot's very first sync is history to it, so that is waited for."""
        while not any("since" in one.query for one in self._proxy.requests):
            await SystemClock().sleep(LOOK_EVERY)
        return True

    async def say(self, chat: int, text: str) -> str:
        """See `Counterpart.say`."""
        person, room = self._people[chat]
        return await person.say(room, text)

    def read(self, chat: int) -> Sequence[str]:
        """See `Counterpart.read`."""
        person, room = self._people[chat]
        return person.texts(room, self._opened.bot.user_id)

    @property
    def faults(self) -> list[Fault]:
        """See `Counterpart.faults`."""
        return self._proxy.faults

    @property
    def _opened(self) -> MatrixWorld:
        assert self._world is not None  # noqa: S101 - a context manager
        return self._world


@asynccontextmanager
async def matrix_side() -> AsyncIterator[MatrixSide]:
    """With a homeserver of its own. Raises `NoSynapse` where there is none to be started."""
    homeserver = Homeserver(find_synapse())
    await asyncio.to_thread(homeserver.start)
    try:
        async with MatrixSide(homeserver) as side:
            yield side
    finally:
        await asyncio.to_thread(homeserver.__exit__, None, None, None)


async def _read_along(person: Person) -> None:
    while True:
        try:
            await person.sync(HOLD)
        except (Refused, OSError, TimeoutError, aiohttp.ClientError):
            await SystemClock().sleep(LOOK_EVERY)


async def _end(tasks: Sequence["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
