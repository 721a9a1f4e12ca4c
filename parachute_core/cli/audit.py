"""`parachute-core audit`: who decided what about the running bot."""

from typing import Any

import click

from parachute_core.cli.options import home_option, json_option
from parachute_core.cli.output import result, table
from parachute_core.home import Home


@click.command()
@home_option
@click.option("--who", help="`owner`, `owner by hand`, `core`, or a plugin's name.")
@click.option("--what", help="Decisions of one kind, such as `revoked`.")
@click.option("--platform", help="Those that concern this platform alone.")
@click.option("--chat", "chat_id", help="Those that concern this chat alone, by its id.")
@click.option("--user", "user_id", help="Those that concern this user alone, by their id.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="How many.")
@json_option
def audit(home: Home, as_json: bool, **sought: Any) -> None:
    """Show what the owner, the bot and its plugins decided, newest first."""
    from parachute_core.cli.client import RunningBot, path_of

    answer = RunningBot(home).ask("GET", path_of("api", "audit"), query=sought)
    rows = [(one["at"][:19].replace("T", " "), one["who"], one["what"], _concerned(one), one["why"]) for one in answer["entries"]]
    text = table(("WHEN (UTC)", "WHO", "WHAT", "WHOM", "WHY"), rows) if rows else "nothing is on record"
    result(answer, as_json=as_json, text=text)


def _concerned(one: dict[str, Any]) -> str:
    """On whom or what it was decided."""
    named = (
        ("", one["platform"]),
        ("user ", one["user_id"]),
        ("chat ", one["chat_id"]),
        ("session ", one["session_id"]),
        ("delivery ", one["delivery"]),
        ("request ", one["request_id"]),
    )
    return ", ".join(f"{word}{value}" for word, value in named if value is not None)
