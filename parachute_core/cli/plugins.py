"""`parachute-core plugins`."""

from typing import Any

import click

from parachute_core.cli.exits import explained
from parachute_core.cli.groups import ListUnlessTold
from parachute_core.cli.options import home_option, json_option
from parachute_core.cli.output import plain, result, table
from parachute_core.home import Home


@click.group(cls=ListUnlessTold)
def plugins() -> None:
    """See which plugins are installed, and switch one on or off. Without a command: list."""


@plugins.command("list")
@home_option
@json_option
def list_plugins(home: Home, as_json: bool) -> None:
    """List the installed plugins and their order.

    Those that are on come first, in their order; then, for each hook, in which order they are asked.
    """
    import asyncio

    from parachute_core.cli.inventory import take_inventory

    with explained():
        facts = asyncio.run(take_inventory(home))
    result(facts, as_json=as_json, text=_told(facts))


@plugins.command()
@home_option
@click.argument("name")
@json_option
def on(home: Home, name: str, as_json: bool) -> None:
    """Switch NAME on in the bots.yaml of the running bot, from its next start on."""
    _switch(home, name, "enable", as_json=as_json)


@plugins.command()
@home_option
@click.argument("name")
@json_option
def off(home: Home, name: str, as_json: bool) -> None:
    """Switch NAME off in the bots.yaml of the running bot, from its next start on."""
    _switch(home, name, "disable", as_json=as_json)


def _switch(home: Home, name: str, word: str, *, as_json: bool) -> None:
    from parachute_core.cli.client import RunningBot, path_of

    answer = RunningBot(home).ask("POST", path_of("api", "plugins", name, word))
    state = "on" if answer["enabled"] else "off"
    text = f"{name} is {state} after the next start" if answer["restart_needed"] else f"{name} is {state}"
    result(answer, as_json=as_json, text=plain(text))


def _told(facts: dict[str, Any]) -> str:
    rows = [(one["name"], "on" if one["enabled"] else "off", one["distribution"], one["version"]) for one in facts["plugins"]]
    if not rows:
        return "no plugin is installed"
    orders = [(hook, ", ".join(names) or "-") for hook, names in facts["order"].items()]
    return f"{table(('PLUGIN', '', 'DISTRIBUTION', 'VERSION'), rows)}\n\n{table(('HOOK', 'ASKED IN THIS ORDER'), orders)}"
