"""`parachute-core doctor`."""

from typing import TYPE_CHECKING

import click

from parachute_core.cli.exits import PROBLEM
from parachute_core.cli.options import home_option, json_option
from parachute_core.cli.output import marked, plain, result
from parachute_core.home import Home

if TYPE_CHECKING:
    from parachute_core.doctor.check import Finding

COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}


@click.command()
@home_option
@click.option("--offline", is_flag=True, help="Ask no platform; the bot of this home is asked all the same.")
@json_option
def doctor(home: Home, offline: bool, as_json: bool) -> None:
    """Look for what is wrong with the bot and around it.

    Changes nothing. Every finding has an id, and says what to do. Exit code 1 when there is an error or a warning.
    """
    import asyncio

    from parachute_core.cli.consultation import consult
    from parachute_core.doctor.catalog import CHECKS
    from parachute_core.doctor.check import Severity

    case = asyncio.run(consult(home, offline=offline))
    findings = [finding for check in CHECKS for finding in check.findings(case)]
    wrong = [one for one in findings if one.severity is not Severity.NOTE]
    facts = {
        "ok": not wrong,
        "home": str(home.path),
        "checks": len(CHECKS),
        "findings": [{"id": one.id, "severity": one.severity.value, "what": one.what, "advice": one.advice} for one in findings],
    }
    result(facts, as_json=as_json, text=_told(findings, len(CHECKS), wrong=bool(wrong)))
    if wrong:
        raise SystemExit(PROBLEM)


def _told(findings: "list[Finding]", checks: int, *, wrong: bool) -> str:
    lines = []
    for one in findings:
        lines += [f"{marked(one.severity.value, COLOURS[one.severity.value])} {one.id}: {plain(one.what)}", f"  {plain(one.advice)}"]
    return "\n".join([*lines, f"looked at {checks} things: " + ("something is wrong" if wrong else "all is well")])
