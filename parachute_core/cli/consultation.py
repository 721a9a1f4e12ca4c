"""Gathers the facts for `doctor`."""

import asyncio
import os
import shutil
from dataclasses import replace

from parachute_core.assembly import Bot
from parachute_core.cli.client import RunningBot, path_of
from parachute_core.cli.examine import examine
from parachute_core.cli.exits import Failure
from parachute_core.cli.preview import assembled
from parachute_core.clock import SystemClock
from parachute_core.config.file import ConfigFile
from parachute_core.config.schema import PlatformSection
from parachute_core.connectors.catalog import Catalog
from parachute_core.doctor.case import Asked, Case, Running
from parachute_core.doctor.remote_clock import seconds_ahead
from parachute_core.home import Home
from parachute_core.hooks.discover import discover
from parachute_core.model.errors import ConfigError, ConnectorError, CredentialsRefused, NotConfigured, ParachuteError


async def consult(home: Home, *, offline: bool) -> Case:
    """All that can be found out. With `offline` no platform is asked; the bot of this home is."""
    case = Case(home, SystemClock(), loaded=None, installed=discover(), free=_free(home), port=_port())
    case = replace(case, problems=(await examine(home)).problems)
    running, silent = await asyncio.to_thread(_running, home)
    case = replace(case, running=running, silent=silent)
    config = ConfigFile(home.config_path, os.environ, Catalog().sections())
    try:
        loaded = config.load()
    except ConfigError:
        return case
    case = replace(case, loaded=loaded)
    try:
        async with assembled(config, loaded, dict(os.environ)) as bot:
            case = replace(case, order=bot.hooks.order(), places=_places(case, bot))
            if not offline:
                case = replace(case, asked=await _asked(bot, alone=not home.in_use()))
    except ParachuteError:
        pass  # told as what keeps the bot from starting
    return case


def _places(case: Case, bot: Bot) -> dict[str, int]:
    """Of those that are on: what is switched off is not even imported."""
    on = {one.name for one in bot.hooks.plugins}
    declared = {one.name: one.declare().place for one in case.installed if one.name in on}
    return {name: place for name, place in declared.items() if isinstance(place, int)}


async def _asked(bot: Bot, *, alone: bool) -> dict[str, Asked]:
    sections = bot.config.current.config.sections()
    wanted = {name: one for name, one in sections.items() if one.enabled and one.has_token and one.secret_keys}
    return dict(zip(wanted, await asyncio.gather(*(_ask(bot, name, one, alone=alone) for name, one in wanted.items())), strict=True))


async def _ask(bot: Bot, platform: str, section: PlatformSection, *, alone: bool) -> Asked:
    asked = Asked(clock_ahead=await seconds_ahead(section, SystemClock()))
    try:
        return replace(asked, complaints=await bot.fleet.examine(platform, alone=alone))
    except NotConfigured:
        return asked  # told as what keeps the bot from starting
    except CredentialsRefused as error:
        return replace(asked, refused=bot.redactor(str(error)))
    except ConnectorError as error:
        return replace(asked, unreachable=bot.redactor(str(error)))


def _running(home: Home) -> tuple[Running | None, str | None]:
    if not home.in_use():
        return None, None
    try:
        bot = RunningBot(home)
        plugins = bot.ask("GET", path_of("api", "plugins"))["plugins"]
        return Running(plugins, bot.ask("GET", path_of("api", "bots", "status"))), None
    except Failure as error:
        return None, error.message


def _free(home: Home) -> int | None:
    """Of the nearest folder that is there."""
    folder = next((one for one in (home.path, *home.path.parents) if one.exists()), None)
    try:
        return shutil.disk_usage(folder).free if folder else None
    except OSError:
        return None


def _port() -> int | None:
    chosen = os.environ.get("PARACHUTE_PORT", "")
    return int(chosen) if chosen.isdecimal() and int(chosen) < 1 << 16 else None
