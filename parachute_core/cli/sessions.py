"""`parachute-core sessions …`: the conversations of the running bot."""

import click

from parachute_core.cli.groups import ListUnlessTold
from parachute_core.cli.options import home_option, json_option
from parachute_core.cli.output import result, table
from parachute_core.home import Home

API = ("api", "sessions")


@click.group(cls=ListUnlessTold)
def sessions() -> None:
    """See the conversations, and end one. Without a command: list."""


@sessions.command("list")
@home_option
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="How many.")
@json_option
def list_sessions(home: Home, limit: int, as_json: bool) -> None:
    """List the conversations, the last used one first."""
    from parachute_core.cli.client import RunningBot, path_of

    answer = RunningBot(home).ask("GET", path_of(*API), query={"limit": limit})
    rows = [
        (
            one["id"],
            one["platform"],
            one["chat_id"],
            one["user"],
            one["trust_level"] or "unknown",
            "archived" if one["archived"] else "",
            one["last_used"][:16].replace("T", " "),
        )
        for one in answer["sessions"]
    ]
    text = table(("SESSION", "PLATFORM", "CHAT", "USER", "TRUST", "", "LAST USED (UTC)"), rows) if rows else "no conversation has begun yet"
    result(answer, as_json=as_json, text=text)


@sessions.command()
@home_option
@click.argument("session")
@json_option
def archive(home: Home, session: str, as_json: bool) -> None:
    """End SESSION, by its id; the chat's next message opens a new one."""
    from parachute_core.cli.client import RunningBot, path_of

    answer = RunningBot(home).ask("POST", path_of(*API, session, "archive"))
    stopped = answer["stopped"]
    done = f"archived; stopped: {stopped['turns']} turns, {stopped['replies']} replies" if answer["changed"] else "was archived before"
    result(answer, as_json=as_json, text=done)
