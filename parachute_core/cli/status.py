"""`parachute-core status`."""

from typing import Any

import click

from parachute_core.cli.options import home_option, json_option
from parachute_core.cli.output import plain, result, table
from parachute_core.home import Home


@click.command()
@home_option
@json_option
def status(home: Home, as_json: bool) -> None:
    """Show how the running bot's platforms are."""
    from parachute_core.cli.client import RunningBot, path_of

    bot = RunningBot(home)
    answer = bot.ask("GET", path_of("api", "bots", "status"))
    connectors: dict[str, dict[str, Any]] = answer["connectors"]
    rows = [
        (
            platform,
            one["status"] if one["enabled"] else "off",
            one["allowed_users_count"],
            _moment(one.get("last_proof_at")),
            one["last_error"],
        )
        for platform, one in connectors.items()
    ]
    text = f"running at {bot.url}\n\n" + table(("PLATFORM", "STATUS", "USERS", "LAST PROOF OF LIFE (UTC)", "LAST ERROR"), rows)
    agent = answer["agent"]
    text += f"\n\nthe agent is {plain(agent['use'])}"
    if agent["trouble"] is not None:
        text += f"; it does not answer since {_moment(agent['since'])} UTC: {plain(agent['trouble'])}"
    waiting = answer["deliveries"]
    text += "\n\nnot delivered: " + ", ".join(f"{waiting[state]} {state}" for state in ("queued", "held", "dead"))
    if waiting["oldest_waits"] is not None:
        text += f"; the oldest waits for {waiting['oldest_waits']:.0f} s"
    if answer["undelivered"]:
        failures = [
            (one["id"], _moment(one["at"]), one["state"], one["platform"], one["chat_id"], one["purpose"], one["error"])
            for one in answer["undelivered"]
        ]
        text += "\n\nmet with trouble, newest first\n\n"
        text += table(("ID", "WHEN (UTC)", "STATE", "PLATFORM", "CHAT", "WHAT", "WHY"), failures)
    if not answer["store"]["usable"]:
        text += f"\n\nmessages cannot be kept: {plain(answer['store']['trouble'])}"
    result({"url": bot.url, **answer}, as_json=as_json, text=text)


def _moment(seconds: object) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S") if isinstance(seconds, int | float) else ""
