"""`parachute-core pairing block …`: whose messages are dropped."""

import click

from parachute_core.cli.options import home_option, json_option
from parachute_core.cli.output import plain, result, table
from parachute_core.home import Home

API = ("api", "bots", "pairing")


@click.command()
@home_option
@click.argument("who", metavar="REQUEST|PLATFORM")
@click.argument("user", required=False)
@json_option
def block(home: Home, who: str, user: str | None, as_json: bool) -> None:
    """Drop whatever somebody sends, without a word, and revoke their access: who made REQUEST, or USER of PLATFORM."""
    from parachute_core.cli.client import RunningBot, path_of

    path = path_of(*API, who, "block") if user is None else path_of(*API, who, user, "block")
    answer = RunningBot(home).ask("POST", path)
    person = answer["blocked"]
    result(answer, as_json=as_json, text=f"blocked: {plain(person['platform'])} {plain(person['platformUserId'])}")


@click.command()
@home_option
@click.argument("platform")
@click.argument("user")
@json_option
def unblock(home: Home, platform: str, user: str, as_json: bool) -> None:
    """Let USER of PLATFORM ask again."""
    from parachute_core.cli.client import RunningBot, path_of

    answer = RunningBot(home).ask("DELETE", path_of(*API, "blocked", platform, user))
    result(answer, as_json=as_json, text=f"unblocked: {plain(platform)} {plain(user)}")


@click.command("blocked")
@home_option
@json_option
def list_blocked(home: Home, as_json: bool) -> None:
    """List who is blocked, newest first."""
    from parachute_core.cli.client import RunningBot, path_of

    answer = RunningBot(home).ask("GET", path_of(*API, "blocked"))
    rows = [
        (one["platform"], one["platformUserId"], one["platformUserDisplay"], one["blockedAt"][:16].replace("T", " "))
        for one in answer["blocked"]
    ]
    result(answer, as_json=as_json, text=table(("PLATFORM", "USER", "NAME", "BLOCKED (UTC)"), rows) if rows else "nobody is blocked")
