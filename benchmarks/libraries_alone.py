"""Each platform's library without anything of ours: it answers each message with its text."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

import hikari
import nio
import telegram
from telegram.request import HTTPXRequest


class Alone(Protocol):
    """The library alone, answering each message with its text until the block ends."""

    def __call__(self, section: Mapping[str, Any]) -> AbstractAsyncContextManager[None]:
        """With the settings of a section of `bots.yaml`."""
        ...


@asynccontextmanager
async def telegram_alone(section: Mapping[str, Any]) -> AsyncIterator[None]:
    """python-telegram-bot: poll, send."""

    async def poll(bot: telegram.Bot) -> None:
        offset = None
        tasks: set[asyncio.Task[Any]] = set()
        while True:
            for update in await bot.get_updates(offset, timeout=25, allowed_updates=["message"]):
                offset = update.update_id + 1
                if update.message is not None:
                    tasks.add(asyncio.create_task(bot.send_message(update.message.chat.id, update.message.text or "")))
            tasks = {one for one in tasks if not one.done()}

    request = HTTPXRequest(connection_pool_size=64)
    async with telegram.Bot(section["bot_token"], section["base_url"], request=request) as bot, running(poll(bot)):
        yield


@asynccontextmanager
async def discord_alone(section: Mapping[str, Any]) -> AsyncIterator[None]:
    """hikari: listen, send."""
    intents = hikari.Intents.GUILDS | hikari.Intents.GUILD_MESSAGES | hikari.Intents.DM_MESSAGES | hikari.Intents.MESSAGE_CONTENT
    bot = hikari.GatewayBot(
        section["bot_token"],
        banner=None,
        intents=intents,
        logs=None,
        rest_url=section["rest_url"],
        suppress_optimization_warning=True,
    )

    async def answer(event: hikari.MessageCreateEvent) -> None:
        if event.is_human:
            await bot.rest.create_message(event.channel_id, event.content or "")

    bot.subscribe(hikari.MessageCreateEvent, answer)
    await bot.start(check_for_updates=False)
    try:
        yield
    finally:
        await bot.close()


@asynccontextmanager
async def matrix_alone(section: Mapping[str, Any]) -> AsyncIterator[None]:
    """matrix-nio: sync, send."""
    config = nio.AsyncClientConfig(encryption_enabled=False, store=None)
    client = nio.AsyncClient(section["homeserver_url"], section["user_id"], config=config)
    client.access_token, client.user_id = section["access_token"], section["user_id"]

    async def answer(room: nio.MatrixRoom, event: nio.RoomMessageText) -> None:
        if event.sender != client.user_id:
            await client.room_send(room.room_id, "m.room.message", {"msgtype": "m.text", "body": event.body})

    await client.sync(timeout=0)
    client.add_event_callback(answer, nio.RoomMessageText)
    async with running(client.sync_forever(timeout=30_000)):
        yield
    await client.close()


@asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
