"""The command `parachute-core`. Its modules import what a command needs only when that command runs, so that `--version` is quick."""

import sys
from io import TextIOWrapper

import click

from parachute_core._version import __version__
from parachute_core.cli.audit import audit
from parachute_core.cli.check import check
from parachute_core.cli.deliveries import deliveries
from parachute_core.cli.pairing import pairing
from parachute_core.cli.plugins import plugins
from parachute_core.cli.run import run
from parachute_core.cli.status import status


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="parachute-core", message="%(prog)s %(version)s")
def main() -> None:
    """Chat bots in front of an answering agent.

    Exit codes: 0 fine, 1 a problem in what was asked, 2 wrong usage, 78 bad configuration.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that the terminal's encoding lacks must not end the command.
            stream.reconfigure(errors="backslashreplace")


for _command in (run, check, plugins, pairing, deliveries, audit, status):
    main.add_command(_command)
