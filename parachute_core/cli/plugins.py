"""`parachute-core plugins`."""

from typing import Any

import click

from parachute_core.cli.exits import explained
from parachute_core.cli.options import home_option, json_option
from parachute_core.cli.output import result, table
from parachute_core.home import Home


@click.command()
@home_option
@json_option
def plugins(home: Home, as_json: bool) -> None:
    """List the installed plugins and their order.

    Those that are on come first, in their order; then, for each hook, in which order they are asked.
    """
    import asyncio

    from parachute_core.cli.inventory import take_inventory

    with explained():
        facts = asyncio.run(take_inventory(home))
    result(facts, as_json=as_json, text=_told(facts))


def _told(facts: dict[str, Any]) -> str:
    rows = [(one["name"], "on" if one["enabled"] else "off", one["distribution"], one["version"]) for one in facts["plugins"]]
    if not rows:
        return "no plugin is installed"
    orders = [(hook, ", ".join(names) or "-") for hook, names in facts["order"].items()]
    return f"{table(('PLUGIN', '', 'DISTRIBUTION', 'VERSION'), rows)}\n\n{table(('HOOK', 'ASKED IN THIS ORDER'), orders)}"
