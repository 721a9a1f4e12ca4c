"""What shows that a message was taken and that an answer is being made."""

import asyncio
from collections import defaultdict

import hikari

from parachute_core.clock import Clock
from parachute_core.connectors.discord.calls import Calls
from parachute_core.model.errors import SendError

TYPING_EVERY = 8.0
"""Seconds; Discord shows it for ten."""
TYPING_AT_MOST = 80
"""How often it is shown for one answer: more than the longest that an answer may take."""


class Presence:
    """The reactions and typing signs that are shown at the moment."""

    def __init__(self, rest: hikari.api.RESTClient, calls: Calls, clock: Clock, emoji: str | None) -> None:
        self._rest = rest
        self._calls = calls
        self._clock = clock
        self._emoji = None if emoji is None else hikari.Emoji.parse(emoji)
        self._typing: dict[int, asyncio.Task[None]] = {}
        self._marked: dict[int, list[int]] = defaultdict(list)

    async def mark(self, channel: int, message: int) -> None:
        """Put the reaction on a user's message, until `end`. Raises `SendError`."""
        if self._emoji is not None:
            self._marked[channel].append(message)
            await self._calls.make(self._rest.add_reaction(channel, message, self._emoji))

    def begin(self, channel: int) -> None:
        """Show that an answer is being made, until `end`."""
        if channel not in self._typing:
            self._typing[channel] = asyncio.create_task(self._type(channel))

    async def end(self, channel: int) -> None:
        """Take the signs of the channel away. Raises `SendError`."""
        if typing := self._typing.pop(channel, None):
            typing.cancel()
        for message in self._marked.pop(channel, ()):
            if self._emoji is not None:
                await self._calls.make(self._rest.delete_my_reaction(channel, message, self._emoji))

    async def close(self) -> None:
        """Show nothing any more; returns once nothing runs."""
        tasks = tuple(self._typing.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _type(self, channel: int) -> None:
        try:
            for _ in range(TYPING_AT_MOST):
                await self._calls.make(self._trigger(channel))
                await self._clock.sleep(TYPING_EVERY)
        except SendError:
            return  # a sign that cannot be shown costs nobody anything

    async def _trigger(self, channel: int) -> None:
        await self._rest.trigger_typing(channel)
