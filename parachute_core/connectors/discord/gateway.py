"""The connection to the gateway: opened, watched and closed so that nothing of it outlives `run`."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Any

import hikari
from hikari.impl.config import CacheSettings, HTTPSettings, HTTPTimeoutSettings

from parachute_core.clock import Clock, within
from parachute_core.connectors.discord.errors import loads
from parachute_core.model.errors import ConnectionLost, CredentialsRefused
from parachute_core.store.unbroken import unbroken

INTENTS = hikari.Intents.GUILDS | hikari.Intents.GUILD_MESSAGES | hikari.Intents.DM_MESSAGES | hikari.Intents.MESSAGE_CONTENT
LONGEST_PAUSE = 1.0
"""Seconds that the library may wait by itself for its turn under a rate limit; what takes longer is an error."""
CALL_WITHIN = 10.0
REACH_WITHIN = 10.0
"""Seconds for one call, and for reaching Discord. The library lets the first messages to all channels of which it knows no limits yet wait
for each other, so a call that hangs holds up others for as long; given up, it is repeated under its nonce."""
READY_WITHIN = 60.0
"""Seconds from the start to READY."""
LOOK_EVERY = 5.0
RESUME_WITHIN = 30.0
"""Seconds that the library has to resume by itself after a connection broke."""
SILENT = 150.0
"""Seconds without an acknowledged heartbeat; Discord asks for one about every 41."""
KEEP_ALIVE = "keep alive (shard "
"""How the library names the task that holds a connection."""


def http_settings() -> HTTPSettings:
    """Settings for every connection; making them reads the machine's certificates."""
    timeouts = HTTPTimeoutSettings(total=CALL_WITHIN, request_socket_connect=REACH_WITHIN)
    return HTTPSettings(force_close_transports=False, timeouts=timeouts)


def make_bot(token: str, rest_url: str | None, http: HTTPSettings) -> hikari.GatewayBot:
    """A bot that retries nothing, caches nothing and logs nothing of its own. Raises `CredentialsRefused` for what is no token."""
    try:
        return hikari.GatewayBot(
            token,
            allow_color=False,
            auto_chunk_members=False,
            banner=None,
            cache_settings=CacheSettings(components=hikari.api.CacheComponents.NONE),
            http_settings=http,
            intents=INTENTS,
            loads=loads,
            logs=None,
            max_rate_limit=LONGEST_PAUSE,
            max_retries=0,
            rest_url=rest_url,
            suppress_optimization_warning=True,
        )
    except ValueError:
        raise CredentialsRefused("discord.bot_token does not have the form of a bot token") from None


def notice_losses(bot: hikari.GatewayBot, lost: Callable[[str], None]) -> None:
    """Say so each time that an established connection breaks; the library then resumes the session by itself."""

    async def disconnected(_event: hikari.ShardDisconnectedEvent) -> None:
        lost("the connection to Discord's gateway broke")

    bot.subscribe(hikari.ShardDisconnectedEvent, disconnected)


async def stay_connected(
    bot: hikari.GatewayBot, clock: Clock, prove: Callable[[str], None], leaving: Callable[[], Awaitable[None]]
) -> None:
    """Connect, and raise when the connection is over for good; `prove` is told of acknowledged heartbeats.

    `leaving` is awaited while calls can still be made. Nothing of the connection runs any more afterwards, also when cancelled.
    """
    others = asyncio.all_tasks()
    try:
        await within(clock, READY_WITHIN, bot.start(check_for_updates=False))
        async with asyncio.TaskGroup() as group:
            group.create_task(_until_over(bot))
            group.create_task(_watch(bot, clock, prove))
    finally:
        await unbroken(_leave(bot, leaving, others))


async def _leave(bot: hikari.GatewayBot, leaving: Callable[[], Awaitable[None]], others: set[asyncio.Task[Any]]) -> None:
    """Close everything that was opened since only `others` ran."""
    await leaving()
    if bot.is_alive:
        await bot.close()
    # A start that is cut off leaves the task of a half-open connection behind, which would go on connecting for ever. Nothing
    # public leads to it: the shard that made it is known to the bot only once it has started.
    left = [one for one in asyncio.all_tasks() - others if one.get_name().startswith(KEEP_ALIVE)]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def _until_over(bot: hikari.GatewayBot) -> None:
    await bot.join()
    raise ConnectionLost("the connection to the gateway ended")


async def _watch(bot: hikari.GatewayBot, clock: Clock, prove: Callable[[str], None]) -> None:
    """Notice what the library does not tell: heartbeats that are answered, and connections that do not come back."""
    latencies: dict[int, float] = {}
    alive_at = {number: clock.monotonic() for number in bot.shards}
    back_by: dict[int, float] = {}
    while True:
        await clock.sleep(LOOK_EVERY)
        now = clock.monotonic()
        for number, shard in bot.shards.items():
            if not shard.is_connected:
                if now >= back_by.setdefault(number, now + RESUME_WITHIN):
                    raise ConnectionLost(f"the gateway connection could not be resumed within {RESUME_WITHIN:.0f} s")
                continue
            if back_by.pop(number, None) is not None:
                alive_at[number] = now
            latency = shard.heartbeat_latency
            if not math.isnan(latency) and latency != latencies.get(number):
                latencies[number] = latency
                alive_at[number] = now
                prove("heartbeat")
            elif now - alive_at[number] > SILENT:
                raise ConnectionLost(f"no heartbeat was acknowledged for {SILENT:.0f} s")
