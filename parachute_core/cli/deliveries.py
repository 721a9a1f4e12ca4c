"""`parachute-core deliveries …`: what the running bot has not delivered."""

from collections.abc import Sequence
from typing import Any

import click

from parachute_core.cli.groups import ListUnlessTold
from parachute_core.cli.options import home_option, json_option
from parachute_core.cli.output import result, table
from parachute_core.home import Home

API = ("api", "deliveries")
MOST_SHOWN = 200


@click.group(cls=ListUnlessTold)
def deliveries() -> None:
    """See what has not arrived; send it all the same, or let it be. Without a command: list."""


@deliveries.command("list")
@home_option
@click.option("--state", type=click.Choice(["queued", "held", "dead"]), help="Those in this state alone.")
@click.option("--platform", help="Those for this platform alone.")
@click.option("--chat", help="Those for this chat alone, by its id.")
@json_option
def list_deliveries(home: Home, state: str | None, platform: str | None, chat: str | None, as_json: bool) -> None:
    """List what waits, is held, or was given up, newest first; at most 200."""
    from parachute_core.cli.client import RunningBot, path_of

    given = {"state": state, "platform": platform, "chat_id": chat, "limit": MOST_SHOWN}
    answer = RunningBot(home).ask("GET", path_of(*API), query=given)
    found = answer["deliveries"]
    result(answer, as_json=as_json, text=_listed(found) if found else "nothing waits, nothing is held, nothing was given up")


@deliveries.command()
@home_option
@click.argument("numbers", metavar="ID...", type=click.IntRange(min=1), nargs=-1, required=True)
@json_option
def retry(home: Home, numbers: Sequence[int], as_json: bool) -> None:
    """Send what is held or dead once more, one after the other, behind what waits for its chat."""
    _each(home, numbers, "retry", "is sent once more", as_json=as_json)


@deliveries.command()
@home_option
@click.argument("numbers", metavar="ID...", type=click.IntRange(min=1), nargs=-1, required=True)
@json_option
def discard(home: Home, numbers: Sequence[int], as_json: bool) -> None:
    """Let what is queued, held or dead never arrive."""
    _each(home, numbers, "discard", "is discarded", as_json=as_json)


def _listed(found: list[dict[str, Any]]) -> str:
    rows = [
        (
            one["id"],
            one["at"][:19].replace("T", " "),
            one["state"],
            one["platform"],
            one["chat_id"],
            one["purpose"],
            one["tries"],
            one["error"],
        )
        for one in found
    ]
    return table(("ID", "SINCE (UTC)", "STATE", "PLATFORM", "CHAT", "WHAT", "TRIES", "WHY"), rows)


def _each(home: Home, numbers: Sequence[int], word: str, done: str, *, as_json: bool) -> None:
    """The first that cannot be done ends it, with what was done before it told."""
    from parachute_core.cli.client import RunningBot, path_of

    bot = RunningBot(home)
    for number in numbers:
        answer = bot.ask("POST", path_of(*API, str(number), word))
        result(answer, as_json=as_json, text=f"delivery {number} {done}")
