"""`parachute-core budget`: what the running bot's agent has spent of its budgets."""

from typing import Any

import click

from parachute_core.cli.options import home_option, json_option
from parachute_core.cli.output import result, table
from parachute_core.home import Home

ABSENT = "this bot has no budgets: the plugin budget is not installed, or switched off"


@click.command()
@home_option
@json_option
def budget(home: Home, as_json: bool) -> None:
    """Show what is spent of each budget."""
    from parachute_core.cli.client import RunningBot, path_of

    answer = RunningBot(home).ask("GET", path_of("api", "budget"), absent=ABSENT)
    result(answer, as_json=as_json, text=_listed(answer) if answer["budgets"] else "there are no budgets: nothing is limited")


def _listed(answer: dict[str, Any]) -> str:
    rows = [
        (
            f"per {one['per']} and {one['period']}" if one["per"] != "all" else f"all, per {one['period']}",
            " ".join(filter(None, (account["platform"], account["id"]))) or "all",
            _amount(account["spent"], one["measure"]),
            _amount(account["reserved"], one["measure"]),
            f"{_amount(one['limit'], one['measure'])} {answer['currency'] if one['measure'] == 'money' else one['measure']}",
            one["next_start"][:16].replace("T", " "),
        )
        for one in answer["budgets"]
        for account in one["accounts"] or [{"platform": None, "id": "nobody yet", "spent": 0, "reserved": 0}]
    ]
    return table(("BUDGET", "WHO", "SPENT", "RUNNING", "OF", "ANEW (UTC)"), rows)


def _amount(value: float, measure: str) -> str:
    return f"{value:.2f}" if measure == "money" else f"{value:.0f}"
