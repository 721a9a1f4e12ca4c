"""How a command ends when something is wrong: what it says, and its exit code."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

from parachute_core.cli.output import complain
from parachute_core.model.errors import AddressInUse, ConfigError, ParachuteError, PluginError

PROBLEM = 1
"""A problem in what was asked."""
BAD_CONFIG = 78
"""The configuration cannot be used; starting again without changing it is pointless. The same number as EX_CONFIG of sysexits."""


class Failure(click.ClickException):
    """Ends the command with these lines on stderr."""

    exit_code = PROBLEM

    def show(self, file: IO[Any] | None = None) -> None:
        """See `click.ClickException.show`."""
        complain(self.message, file)


class Misconfigured(Failure):
    """As `Failure`, for a configuration that cannot be used."""

    exit_code = BAD_CONFIG


@contextmanager
def explained(redactor: Callable[[str], str] = str) -> Iterator[None]:
    """Turn the errors that the product raises on purpose into their lines, through `redactor`, and the right exit code."""
    try:
        yield
    except ParachuteError as error:
        kind = Misconfigured if needs_mending(error) else Failure
        raise kind(redactor(str(error))) from error


def needs_mending(error: ParachuteError) -> bool:
    """Whether only a change of configuration or installation can help."""
    return isinstance(error, ConfigError | PluginError) and not isinstance(error, AddressInUse)
