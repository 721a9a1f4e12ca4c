"""Starts the whole bot and unwinds it: one async context manager."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from parachute_core.admin.key import admin_key
from parachute_core.assembly import Bot, assemble
from parachute_core.clock import Clock, within
from parachute_core.config.file import ConfigFile
from parachute_core.engine.housekeeping import keep_house
from parachute_core.engine.inbound import Intake
from parachute_core.home import Home
from parachute_core.hooks.call import Hooks
from parachute_core.model.redaction import Redactor
from parachute_core.seams import Seams
from parachute_core.store.database import Database
from parachute_core.store.salvage import salvage

DRAIN_WITHIN = 6.0
"""Seconds that answers in the making get when the bot is stopped."""
FAREWELL_WITHIN = 2.0
"""Seconds in which those whose answer is given up are told. Both together leave room for the rest of the ten seconds of a stop."""

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_bot(
    home: Home,
    environ: Mapping[str, str],
    *,
    host: str | None = None,
    port: int | None = None,
    redactor: Redactor | None = None,
    seams: Seams | None = None,
    serve: bool = True,
) -> AsyncIterator[Bot]:
    """Start everything below `home`; leave the block to stop it. Stopping lets answers in the making finish for some seconds.

    `host` and `port` override the config's; without `serve` nothing listens. `redactor` learns the secrets as they are read.
    Raises `ConfigError`, `PluginError`, `StoreError` before anything is connected.
    """
    seams = seams or Seams()
    redactor = redactor or Redactor()
    async with AsyncExitStack() as stack:
        stack.enter_context(home.lock())
        config = ConfigFile(home.config_path, environ, seams.connectors.sections())
        loaded = await asyncio.to_thread(config.load)
        key = await asyncio.to_thread(admin_key, home.key_path, loaded.config.admin, host)
        redactor.add(key, *loaded.secrets)
        store = await stack.enter_async_context(Database.open(home.database_path, seams.clock))
        bot = await assemble(config, loaded, store, key, redactor, seams, environ, home.connectors_path, host, port)
        stack.push_async_callback(bot.ledger.close)
        stack.push_async_callback(bot.register.flush)
        stack.push_async_callback(bot.services.people.keep)
        stack.push_async_callback(bot.access.close)
        await bot.access.start()
        await salvage(store)
        for name, span in bot.hooks.lifespans():
            await _enter(stack, bot.hooks, name, span)
        await bot.announcements.open(bot.hooks.on_pairing_event)
        if serve:
            await stack.enter_async_context(bot.server.serving())
        stack.push_async_callback(bot.fleet.stop_all)
        stack.push_async_callback(bot.deliveries.stop)
        bot.intake.open()
        await bot.fleet.start_enabled()
        stack.push_async_callback(_cancelled, asyncio.create_task(keep_house(bot.purges, seams.clock)))
        if seams.watch:
            stack.push_async_callback(_cancelled, asyncio.create_task(bot.watch.run()))
        stack.push_async_callback(_drain, bot.intake, seams.clock)
        yield bot


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait({task})


async def _enter(stack: AsyncExitStack, hooks: Hooks, name: str, span: AbstractAsyncContextManager[None]) -> None:
    """Enter a plugin's lifespan; what it raises as it is entered is named."""
    try:
        await stack.enter_async_context(span)
    except Exception as error:
        raise hooks.error(name, f"lifespan failed: {type(error).__name__}: {error}") from error


async def _drain(intake: Intake, clock: Clock) -> None:
    """Take no more messages; let what is being answered finish, and give up what takes too long."""
    try:
        await within(clock, DRAIN_WITHIN, intake.close())
    except TimeoutError:
        log.warning("answers are given up at the stop")
        try:
            await within(clock, FAREWELL_WITHIN, intake.give_up())
        except TimeoutError:
            await intake.abort()
