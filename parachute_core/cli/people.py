"""`parachute-core people`: who may talk to the running bot."""

import click

from parachute_core.cli.options import home_option, json_option
from parachute_core.cli.output import result, table
from parachute_core.home import Home


@click.command()
@home_option
@click.option("--platform", help="Those of this platform alone.")
@click.option("--search", "q", help="Those whose id or name has this in it.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="How many.")
@json_option
def people(home: Home, platform: str | None, q: str | None, limit: int, as_json: bool) -> None:
    """List who is let in, the last seen first."""
    from parachute_core.cli.client import RunningBot, path_of

    answer = RunningBot(home).ask("GET", path_of("api", "people"), query={"platform": platform, "q": q, "limit": limit})
    rows = [
        (one["platform"], one["user_id"], one["name"], one["trust_level"] or "unknown", (one["last_seen"] or "")[:16].replace("T", " "))
        for one in answer["people"]
    ]
    text = table(("PLATFORM", "USER", "NAME", "TRUST", "LAST SEEN (UTC)"), rows) if rows else "nobody is let in"
    more = answer["total"] - len(rows)
    result(answer, as_json=as_json, text=f"{text}\n\nand {more} more" if rows and more else text)
