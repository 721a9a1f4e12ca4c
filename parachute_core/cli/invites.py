"""`parachute-core pairing invite …`: codes that let somebody in past the queue."""

import click

from parachute_core.cli.durations import in_seconds
from parachute_core.cli.options import home_option, json_option
from parachute_core.cli.output import plain, result, table, talk
from parachute_core.home import Home

API = ("api", "bots", "pairing", "invites")


@click.group()
def invite() -> None:
    """Make invitation codes, list them, take them back."""


@invite.command()
@home_option
@click.option(
    "--trust", type=click.Choice(["sandboxed", "direct"]), default="sandboxed", show_default=True, help="What their turns may do."
)
@click.option(
    "--for", "seconds", metavar="TIME", callback=in_seconds, default="7d", show_default=True, help="For how long the code is good."
)
@json_option
def make(home: Home, trust: str, seconds: int, as_json: bool) -> None:
    """Make a code that lets one person in. It is shown once."""
    from parachute_core.cli.client import RunningBot, path_of

    answer = RunningBot(home).ask("POST", path_of(*API), {"trust_level": trust, "expires_in": seconds})
    made = answer["invite"]
    result(answer, as_json=as_json, text=str(answer["code"]))
    talk(f"invitation {made['id']}, {made['trustLevel']}, good once until {made['expiresAt']}: whoever sends it to the bot is let in")
    talk("(in a direct chat, alone or behind /pair; on Telegram also as a link: https://t.me/YOUR_BOT?start=CODE)")


@invite.command("list")
@home_option
@json_option
def list_invites(home: Home, as_json: bool) -> None:
    """List the invitations, newest first; never their codes."""
    from parachute_core.cli.client import RunningBot, path_of

    answer = RunningBot(home).ask("GET", path_of(*API))
    rows = [(one["id"], one["status"], one["trustLevel"], _minute(one["expiresAt"]), one["requestId"]) for one in answer["invites"]]
    headings = ("INVITATION", "STATUS", "TRUST", "GOOD UNTIL (UTC)", "REQUEST")
    result(answer, as_json=as_json, text=table(headings, rows) if rows else "there are no invitations")


@invite.command()
@home_option
@click.argument("invitation")
@json_option
def withdraw(home: Home, invitation: str, as_json: bool) -> None:
    """Make INVITATION, an id, good no more."""
    from parachute_core.cli.client import RunningBot, path_of

    answer = RunningBot(home).ask("DELETE", path_of(*API, invitation))
    result(answer, as_json=as_json, text=f"withdrawn: {plain(invitation)}")


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")
