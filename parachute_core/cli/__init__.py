"""The command `parachute-core`. Its modules import what a command needs only when that command runs, so that `--version` is quick."""

import sys
from io import TextIOWrapper

import click

from parachute_core._version import __version__


class Commands(click.Group):
    """A group that imports its commands when one of them is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        self._load()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or None."""
        self._load()
        return super().get_command(ctx, cmd_name)

    def _load(self) -> None:
        from parachute_core.cli.audit import audit
        from parachute_core.cli.backup import backup, restore
        from parachute_core.cli.budget import budget
        from parachute_core.cli.check import check
        from parachute_core.cli.connectors import connectors
        from parachute_core.cli.deliveries import deliveries
        from parachute_core.cli.desk import desk
        from parachute_core.cli.doctor import doctor
        from parachute_core.cli.init import init
        from parachute_core.cli.load import load
        from parachute_core.cli.pairing import pairing
        from parachute_core.cli.people import people
        from parachute_core.cli.plugins import plugins
        from parachute_core.cli.ready import ready
        from parachute_core.cli.reload import reload
        from parachute_core.cli.run import run
        from parachute_core.cli.sessions import sessions
        from parachute_core.cli.status import status
        from parachute_core.cli.usage import usage

        for command in (
            init,
            run,
            check,
            doctor,
            plugins,
            pairing,
            people,
            connectors,
            sessions,
            deliveries,
            audit,
            budget,
            usage,
            status,
            ready,
            reload,
            backup,
            restore,
            desk,
            load,
        ):
            self.add_command(command)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="parachute-core", message="%(prog)s %(version)s")
def main() -> None:
    """Chat bots in front of an answering agent.

    Exit codes: 0 fine, 1 a problem in what was asked, 2 wrong usage, 78 bad configuration.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that the terminal's encoding lacks must not end the command.
            stream.reconfigure(errors="backslashreplace")
