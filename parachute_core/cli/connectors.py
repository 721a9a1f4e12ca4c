"""`parachute-core connectors …`: the platforms of the running bot."""

import click

from parachute_core.cli.options import home_option, json_option
from parachute_core.cli.output import plain, result
from parachute_core.home import Home

API = ("api", "bots")


@click.group()
def connectors() -> None:
    """Start, stop or test a platform; `parachute-core status` shows how they are."""


@connectors.command()
@home_option
@click.argument("platform")
@json_option
def start(home: Home, platform: str, as_json: bool) -> None:
    """Start PLATFORM; returns before it is connected."""
    _told(home, platform, "start", as_json=as_json)


@connectors.command()
@home_option
@click.argument("platform")
@json_option
def stop(home: Home, platform: str, as_json: bool) -> None:
    """Stop PLATFORM until it is started again, or the bot is."""
    _told(home, platform, "stop", as_json=as_json)


@connectors.command()
@home_option
@click.argument("platform")
@json_option
def test(home: Home, platform: str, as_json: bool) -> None:
    """Ask PLATFORM who the bot is there, with the credentials of bots.yaml."""
    from parachute_core.cli.client import RunningBot, path_of

    answer = RunningBot(home).ask("POST", path_of(*API, platform, "test"))
    who = ", ".join(f"{name} {plain(value)}" for name, value in answer.items() if name != "success")
    result(answer, as_json=as_json, text=f"{plain(platform)} answers" + (f": {who}" if who else ""))


def _told(home: Home, platform: str, word: str, *, as_json: bool) -> None:
    from parachute_core.cli.client import RunningBot, path_of

    answer = RunningBot(home).ask("POST", path_of(*API, platform, word))
    result(answer, as_json=as_json, text=str(answer["message"]))
