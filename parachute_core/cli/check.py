"""`parachute-core check`."""

import click

from parachute_core.cli.exits import BAD_CONFIG
from parachute_core.cli.options import home_option, json_option
from parachute_core.cli.output import complain, result, warn
from parachute_core.home import Home


@click.command()
@home_option
@json_option
def check(home: Home, as_json: bool) -> None:
    """Print every problem of the configuration.

    Validates configuration, plugins, agent and transcriber; starts nothing, connects to nothing, writes nothing.
    """
    import asyncio

    from parachute_core.cli.examine import examine

    report = asyncio.run(examine(home))
    for warning in report.warnings:
        warn(warning)
    for problem in report.problems:
        complain(problem)
    facts = {"ok": not report.problems, "config": str(home.config_path), "problems": report.problems, "warnings": report.warnings}
    if as_json or not report.problems:
        result(facts, as_json=as_json, text=f"{home.config_path}: fine; on, in this order: {', '.join(report.plugins) or 'no plugin'}")
    if report.problems:
        raise SystemExit(BAD_CONFIG)
