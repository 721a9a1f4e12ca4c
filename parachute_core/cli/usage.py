"""`parachute-core usage`: what the running bot's agent has used."""

import click

from parachute_core.cli.options import home_option, json_option
from parachute_core.cli.output import result, table
from parachute_core.home import Home

HEADINGS = ("LATEST (UTC)", "PLATFORM", "USER", "SESSION", "MODEL", "IN", "OUT", "CACHED", "INTO CACHE")


@click.command()
@home_option
@click.option("--by", type=click.Choice(["user", "session"]), default="user", show_default=True, help="What is added up.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="How many.")
@json_option
def usage(home: Home, by: str, limit: int, as_json: bool) -> None:
    """Show the tokens that the agent used, by user or session and model, the latest first."""
    from parachute_core.cli.client import RunningBot, path_of

    answer = RunningBot(home).ask("GET", path_of("api", "usage"), query={"by": by, "limit": limit})
    rows = [
        (
            one["at"][:19].replace("T", " "),
            one["platform"],
            one["user"],
            one["session_id"] or "all",
            one["model"] or "unknown",
            one["input_tokens"],
            one["output_tokens"],
            one["cached_tokens"],
            one["cache_write_tokens"],
        )
        for one in answer["usage"]
    ]
    result(answer, as_json=as_json, text=table(HEADINGS, rows) if rows else "nothing was used yet, or the agent does not tell")
