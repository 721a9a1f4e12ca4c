"""Messages through the five plugins' gates, and all the way."""

import time
from collections.abc import Mapping
from types import MappingProxyType

from benchmarks.gatekeeping import CHATS, TIMES
from benchmarks.own.bot import PLUGINS, WINDOW, Echo, Wire, message
from benchmarks.own.journal import fed
from parachute_core.testing import running_bot


async def gate(more: Mapping[str, Mapping[str, object]] = MappingProxyType({})) -> float:
    """Only the gates of the five plugins and `more`, in chats that have a session."""
    async with running_bot({**PLUGINS, **more}, connector=Wire(), orchestrator=Echo()) as bot:
        await fed(bot, CHATS, together=False)
        coming = [message(chat, chat=f"chat-{chat}") for chat in range(CHATS)]
        began = time.process_time()
        for number in range(TIMES * 5):
            assert await bot.runtime.hooks.before_dispatch(coming[number % CHATS]) is None
        return (time.process_time() - began) / (TIMES * 5) * 1e9


async def whole() -> float:
    """From the connector's link to the connector's send."""
    async with running_bot(PLUGINS, connector=Wire(), orchestrator=Echo()) as bot:
        await fed(bot, CHATS, together=False)
        await bot.clock.advance(WINDOW)
        return await fed(bot, 400, together=False)


async def bare() -> float:
    """A coroutine that is awaited and does nothing."""

    async def handler(_: object) -> None:
        return None

    coming = message(0, chat="chat-0")
    began = time.process_time()
    for _ in range(TIMES * 20):
        await handler(coming)
    return (time.process_time() - began) / (TIMES * 20) * 1e9


CASES = {"gate": gate, "whole": whole, "bare": bare}
