"""`parachute-core reload`: let the running bot read `bots.yaml` anew."""

import click

from parachute_core.cli.options import home_option, json_option
from parachute_core.cli.output import result, warn
from parachute_core.home import Home


@click.command()
@home_option
@json_option
def reload(home: Home, as_json: bool) -> None:
    """Let the running bot read bots.yaml anew, and say what needs a restart.

    It does so by itself within seconds of a change; this also picks up what stands in files that bots.yaml refers to.
    """
    from parachute_core.cli.client import RunningBot, path_of

    answer = RunningBot(home).ask("POST", path_of("api", "reload"))
    for warning in answer.get("warnings", ()):
        warn(warning)
    lines = [f"changed: {', '.join(answer['changed']) or 'nothing since it was read last'}"]
    if answer["needs_start"]:
        lines.append(f"takes effect at the next start: {', '.join(answer['needs_start'])}")
    result(answer, as_json=as_json, text="\n".join(lines))
