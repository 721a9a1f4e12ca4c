"""`parachute-core init`."""

from typing import IO

import click

from parachute_core.cli.options import PLATFORMS, TOKEN_VARIABLE, home_option, json_option
from parachute_core.cli.output import result
from parachute_core.home import Home


@click.command()
@home_option
@click.option("--platform", type=click.Choice(PLATFORMS), help="Where people write.  [default: asked for; else web]")
@click.option(
    "--token-file",
    type=click.File(),
    help=f"File that holds the bot's token, - for stdin.  [default: ${TOKEN_VARIABLE}; else asked for, unseen]",
)
@click.option("--owner", metavar="ID", help="Your user id there: let in from the start.")
@click.option("--homeserver", metavar="URL", help="Matrix: where the bot's account is.")
@click.option("--account", metavar="ID", help="Matrix: the bot's own id, such as @bot:example.org.")
@click.option("--base-url", metavar="URL", help="Telegram, Discord: another server than the platform's own.")
@click.option("--agent", metavar="NAME", help="What answers, an installed orchestrator.  [default: asked for; else echo]")
@click.option("--program", metavar="COMMAND", help="With --agent command: the program that answers, such as 'python3 agent.py'.")
@click.option("--model", help="With --agent anthropic, openai: the model, by the service's name for it.")
@click.option("--agent-url", metavar="URL", help="With --agent anthropic, openai: another server than the service's own.")
@click.option(
    "--agent-key-file",
    type=click.File(),
    help="File that holds the key of the service.  [default: $ANTHROPIC_API_KEY, $OPENAI_API_KEY; else asked for, unseen]",
)
@click.option("--overwrite", is_flag=True, help="Write over a bots.yaml that is there; it is kept as bots.yaml.bak.")
@click.option("--no-test", is_flag=True, help="Do not ask the platform whether the token is right.")
@click.option("--yes", is_flag=True, help="Ask nothing: take the defaults of what no option says.")
@json_option
def init(
    home: Home,
    platform: str | None,
    token_file: IO[str] | None,
    owner: str | None,
    homeserver: str | None,
    account: str | None,
    base_url: str | None,
    agent: str | None,
    program: str | None,
    model: str | None,
    agent_url: str | None,
    agent_key_file: IO[str] | None,
    overwrite: bool,
    no_test: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Write a first bots.yaml.

    Asks, on a terminal, for what the options do not say; tests the token; writes nothing unless all is well.
    Tokens and keys go into files of their own beside bots.yaml.
    """
    from parachute_core.cli.agent_questions import AgentWishes
    from parachute_core.cli.setting_up import Wishes, set_up, told

    who_answers = AgentWishes(agent, program, model, agent_url, agent_key_file)
    wishes = Wishes(platform, token_file, owner, homeserver, account, base_url, who_answers)
    facts = set_up(home, wishes, overwrite=overwrite, test=not no_test, ask=not yes)
    result(facts, as_json=as_json, text=told(facts))
