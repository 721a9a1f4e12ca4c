"""Options that several commands take."""

import os
from collections.abc import Callable
from typing import Any

import click

from parachute_core.cli.exits import Failure
from parachute_core.home import Home

TOKEN_VARIABLE = "PARACHUTE_TOKEN"  # noqa: S105 - a name
"""Holds a platform's token where no option names a file."""
PLATFORMS = ("web", "telegram", "discord", "matrix")

Decorated = Callable[..., Any]


def _chosen(_context: click.Context, _option: click.Parameter, value: str | None) -> Home:
    home = Home.chosen(value, os.environ)
    try:
        home.config_path.stat()  # in a folder that may not be looked into, nothing can be told from what is missing
    except PermissionError:
        raise Failure(f"{home.path}: this user may not look into it; run the command as the user that the bot runs as") from None
    except OSError:
        pass  # it is not there yet, or something else is in its place
    return home


def home_option(command: Decorated) -> Decorated:
    """`--home`; the command gets a `Home`."""
    return click.option(
        "--home",
        metavar="DIR",
        callback=_chosen,
        help="Folder of the bot's configuration, database and key.  [default: $PARACHUTE_HOME, else ./.parachute]",
    )(command)


def json_option(command: Decorated) -> Decorated:
    """`--json`; the command gets `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")(command)
