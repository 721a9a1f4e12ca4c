"""`parachute-core pairing …`: who may talk to the bot that runs."""

from typing import Any

import click

from parachute_core.cli.blocking import block, list_blocked, unblock
from parachute_core.cli.durations import in_seconds
from parachute_core.cli.exits import Failure
from parachute_core.cli.invites import invite
from parachute_core.cli.options import home_option, json_option
from parachute_core.cli.output import plain, result, table
from parachute_core.home import Home

API = ("api", "bots", "pairing")
SHORTEST_ID = 8


@click.group()
def pairing() -> None:
    """See who asks, let them in, keep them out, or invite them."""


@pairing.command("list")
@home_option
@click.option("--all", "everything", is_flag=True, help="Also those that were approved or denied, or expired.")
@json_option
def list_requests(home: Home, everything: bool, as_json: bool) -> None:
    """List the requests, newest first."""
    from parachute_core.cli.client import RunningBot, path_of

    answer = RunningBot(home).ask("GET", path_of(*API) + ("?status=all" if everything else ""))
    requests = answer["requests"]
    result(answer, as_json=as_json, text=_listed(requests) if requests else "nobody asks")


@pairing.command()
@home_option
@click.argument("request", metavar="REQUEST")
@click.option(
    "--trust", type=click.Choice(["sandboxed", "direct"]), default="sandboxed", show_default=True, help="What their turns may do."
)
@click.option("--for", "seconds", metavar="TIME", callback=in_seconds, help="For how long, like 12h or 30d; without an end when left out.")
@click.option("--until", metavar="MOMENT", help="Until when, like 2027-01-31T18:00:00+00:00.")
@json_option
def approve(home: Home, request: str, trust: str, seconds: int | None, until: str | None, as_json: bool) -> None:
    """Let in who made REQUEST, an id or its beginning."""
    from parachute_core.cli.client import RunningBot, path_of

    bot = RunningBot(home)
    answer = bot.ask(
        "POST", path_of(*API, _full_id(bot, request), "approve"), {"trust_level": trust, "expires_in": seconds, "until": until}
    )
    end = (answer.get("request") or {}).get("grantUntil")
    lasts = f", until {plain(end)}" if end else ""
    result(answer, as_json=as_json, text=f"approved: {_person(answer.get('request'))}, {trust}{lasts}")


@pairing.command()
@home_option
@click.argument("request", metavar="REQUEST")
@json_option
def deny(home: Home, request: str, as_json: bool) -> None:
    """Refuse REQUEST, an id or its beginning."""
    from parachute_core.cli.client import RunningBot, path_of

    bot = RunningBot(home)
    answer = bot.ask("POST", path_of(*API, _full_id(bot, request), "deny"))
    result(answer, as_json=as_json, text=f"denied: {_person(answer.get('request'))}")


@pairing.command()
@home_option
@click.argument("platform")
@click.argument("user")
@json_option
def revoke(home: Home, platform: str, user: str, as_json: bool) -> None:
    """Take USER of PLATFORM off the list of those who may talk to the bot."""
    from parachute_core.cli.client import RunningBot, path_of

    answer = RunningBot(home).ask("DELETE", path_of(*API, platform, user))
    result(answer, as_json=as_json, text=f"revoked: {plain(platform)} {plain(user)}")


for command in (block, unblock, list_blocked, invite):
    pairing.add_command(command)


def _full_id(bot: Any, given: str) -> str:
    """The one pending request whose id starts so; else what was given: the bot knows best what is wrong with it."""
    from parachute_core.cli.client import path_of

    if not given:
        raise Failure("name a request: its id, or the beginning of it")
    ids = [one["id"] for one in bot.ask("GET", path_of(*API))["requests"]]
    matches = [one for one in ids if one.startswith(given.lower())]
    if given in ids or not matches:
        return given
    if len(matches) > 1:
        raise Failure(f"{given!r} is the beginning of {len(matches)} requests: {', '.join(matches)}")
    return str(matches[0])


def _listed(requests: list[dict[str, Any]]) -> str:
    ids = [one["id"] for one in requests]
    rows = [
        (
            _short(one["id"], ids),
            one["status"],
            one["platform"],
            one["platformUserId"],
            one["platformUserDisplay"],
            one["createdAt"][:16].replace("T", " "),
        )
        for one in requests
    ]
    return table(("REQUEST", "STATUS", "PLATFORM", "USER", "NAME", "ASKED (UTC)"), rows)


def _short(full: str, ids: list[str]) -> str:
    """As much of the id as tells it from the others."""
    for length in range(SHORTEST_ID, len(full)):
        if sum(one.startswith(full[:length]) for one in ids) == 1:
            return full[:length]
    return full


def _person(request: dict[str, Any] | None) -> str:
    if not request:
        return "the request"
    name = request.get("platformUserDisplay")
    return plain(f"{request['platform']} {request['platformUserId']}" + (f" ({name})" if name else ""))
