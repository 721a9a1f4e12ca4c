"""`parachute-core run`."""

import logging
import sys

import click

from parachute_core.cli.exits import PROBLEM, Failure, explained
from parachute_core.cli.options import home_option, json_option
from parachute_core.cli.output import talk
from parachute_core.home import Home


@click.command()
@home_option
@click.option("--host", help="Address to listen on.  [default: admin.host of bots.yaml, else 127.0.0.1]")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    envvar="PARACHUTE_PORT",
    help="Port to listen on; 0 takes a free one.  [default: $PARACHUTE_PORT, else admin.port of bots.yaml, else 3333]",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    envvar="PARACHUTE_LOG_LEVEL",
    help="Lowest level that is logged.  [default: $PARACHUTE_LOG_LEVEL, else info]",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    envvar="PARACHUTE_LOG_FORMAT",
    help="One line a record, on stderr.  [default: $PARACHUTE_LOG_FORMAT, else text]",
)
@json_option
def run(home: Home, host: str | None, port: int | None, log_level: str, log_format: str, as_json: bool) -> None:
    """Start the bot; SIGTERM or Ctrl-C stops it.

    A home without a bots.yaml gets one, with the web chat, the echo agent and all plugins that are installed.
    """
    import asyncio

    from parachute_core import logs
    from parachute_core.cli.collecting import collect_rarely
    from parachute_core.cli.open_files import allow_many
    from parachute_core.cli.serve import serve
    from parachute_core.config.default import write_default
    from parachute_core.hooks.discover import discover
    from parachute_core.model.redaction import Redactor

    allow_many()
    collect_rarely()
    redactor = Redactor()
    logs.configure(sys.stderr, form=log_format, level=log_level, redactor=redactor)
    try:
        with explained(redactor):
            home.prepare()
            if not home.config_path.exists():
                write_default(home.config_path, {one.name for one in discover()})
                talk(f"wrote a first configuration to {home.config_path}")
            asyncio.run(serve(home, host, port, redactor, as_json=as_json))
    except Failure:
        raise
    except Exception as error:
        # Through the log, because a bare traceback would pass around the redactor.
        logging.getLogger("parachute_core").critical("the bot ended unexpectedly", exc_info=error)
        raise SystemExit(PROBLEM) from None
