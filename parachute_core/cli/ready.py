"""`parachute-core ready`: whether the bot takes messages, for probes and scripts."""

import click

from parachute_core.cli.exits import PROBLEM
from parachute_core.cli.options import home_option, json_option
from parachute_core.cli.output import plain, result
from parachute_core.home import Home


@click.command()
@home_option
@json_option
def ready(home: Home, as_json: bool) -> None:
    """Ask the running bot whether it takes messages; exit code 1 when it does not, or when none runs."""
    from parachute_core.cli.client import RunningBot, path_of

    answer = RunningBot(home).ask("GET", path_of("api", "ready"))
    lines = ["ready" if answer["ready"] else "not ready"]
    for kind in ("reasons", "degraded"):
        lines += ["  " + plain(" ".join(filter(None, (one["code"], one["platform"], one["detail"])))) for one in answer[kind]]
    result(answer, as_json=as_json, text="\n".join(lines))
    if not answer["ready"]:
        raise SystemExit(PROBLEM)
