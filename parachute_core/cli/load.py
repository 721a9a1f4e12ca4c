"""`parachute-core load`."""

import os
import signal
import sys

import click

from parachute_core.cli.exits import Failure, explained
from parachute_core.cli.options import json_option
from parachute_core.cli.output import result, talk
from parachute_core.home import Home

MOST_VISITORS = 5000
STEPS = 1000


@click.command()
@click.option("--visitors", type=click.IntRange(1, MOST_VISITORS), default=200, show_default=True, help="Visitors that are there at once.")
@click.option("--rate", type=click.FloatRange(0.1, 10_000), default=20, show_default=True, help="Messages a second of all together.")
@click.option("--duration", type=click.FloatRange(1, 3600), default=20, show_default=True, help="Seconds.")
@click.option("--flood", type=click.FloatRange(0, 1000), default=0, help="One more visitor sends this many times the limit.")
@click.option("--home", metavar="DIR", help="Load the bot that runs with this home.  [default: one that is started for it and thrown away]")
@click.option("--yes", is_flag=True, help="With --home: the visitors may be put on its allowlist until the end.")
@json_option
def load(visitors: int, rate: float, duration: float, flood: float, home: str | None, yes: bool, as_json: bool) -> None:
    """Let visitors write in the web chat of a bot, and measure how soon they are answered.

    Without --home nothing of yours is touched. The agent must repeat what it is told, as `echo` does.
    """
    import asyncio
    from contextlib import AbstractContextManager, nullcontext

    from parachute_core.cli.client import RunningBot, path_of
    from parachute_core.cli.collecting import collect_rarely
    from parachute_core.cli.open_files import allow_many
    from parachute_core.clock import SystemClock
    from parachute_core.loading.drive import Plan, drive
    from parachute_core.loading.target import Target, thrown_away

    if home is not None and not yes:
        raise Failure(
            f"{visitors + bool(flood)} visitors would be put on the allowlist of {home} until the end; say --yes if that is all right"
        )
    allow_many()
    collect_rarely()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does: nobody stays on the allowlist
    chosen = Home.chosen(home, os.environ)
    with explained():
        place: AbstractContextManager[Target] = nullcontext(Target.of(chosen)) if home is not None else thrown_away()
        with place as target:
            bot = RunningBot(target.home)

            def allowed() -> int:
                return int(bot.ask("GET", path_of("api", "bots", "status"))["connectors"]["web"]["allowed_users_count"])

            talk(f"{visitors} visitors open the chat of the bot at {bot.url}")
            with click.progressbar(length=STEPS, label="writing", file=sys.stderr) as bar:

                def progress(share: float) -> None:
                    bar.update(round(share * STEPS) - bar.pos)

                figures = asyncio.run(drive(target, Plan(visitors, rate, duration, flood), allowed, SystemClock(), progress))
    result(figures.plain(), as_json=as_json, text=figures.text())
