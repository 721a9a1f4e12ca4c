"""From an owner's wishes to a tested configuration on the disk."""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import IO, Any
from urllib.parse import urlsplit

import click

from parachute_core.cli.agent_questions import AgentWishes, choose_agent
from parachute_core.cli.exits import Failure, explained
from parachute_core.cli.options import PLATFORMS, TOKEN_VARIABLE
from parachute_core.cli.output import complain, plain
from parachute_core.cli.questions import TOKENS, Questions, read_secret
from parachute_core.cli.trying import plugins_here, try_out
from parachute_core.clock import SystemClock
from parachute_core.config.disk import put_files
from parachute_core.config.draft import Draft
from parachute_core.home import Home
from parachute_core.model.errors import ConnectorError, CredentialsRefused, NotConfigured

NO_TOKEN = f"the token is needed: --token-file FILE (- is stdin), or the environment variable {TOKEN_VARIABLE}"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the options said; None: nothing."""

    platform: str | None
    token_file: IO[str] | None
    owner: str | None
    homeserver: str | None
    account: str | None
    base_url: str | None
    agent: AgentWishes


def set_up(home: Home, wishes: Wishes, *, overwrite: bool, test: bool, ask: bool) -> dict[str, Any]:
    """Ask for what is missing, try it out, write it; returns the facts that `init` prints.

    Raises `Failure` and `click.UsageError`; nothing was written then.
    """
    if home.config_path.exists() and not overwrite:
        raise Failure(f"{home.config_path}: is there already; it was not changed (--overwrite replaces it)")
    questions = Questions(ask and sys.stdin.isatty())
    platform = questions.choice("Where do people write to the bot?", wishes.platform, PLATFORMS, "web")
    keys = _keys(questions, platform, wishes)
    owner = None
    if platform == "web":
        _unused("--owner", wishes.owner)
    else:
        owner = questions.owner(platform, wishes.owner)
    with explained():
        agent = choose_agent(questions, wishes.agent)
    with explained():
        untried = Draft(platform, owner, None, keys, agent.name, agent.keys, agent.secrets)
        draft, who = _tried(questions, untried, wishes.token_file, test=test)
        files = draft.files(plugins_here())
        with home.lock():
            put_files(home.path, files, overwrite=overwrite)
    written = [str(home.path / name) for name in files]
    following = _following(platform, owner, who)
    return {"config": str(home.config_path), "files": written, "platform": platform, "bot": dict(who), "next": following}


def _tried(questions: Questions, draft: Draft, token_file: IO[str] | None, *, test: bool) -> tuple[Draft, Mapping[str, str]]:
    """The draft with its token, and who that belongs to. One that was typed and is refused is asked for again."""
    needed = draft.platform != "web"
    given = (read_secret(token_file, "--token-file") or os.environ.get(TOKEN_VARIABLE, "").strip() or None) if needed else None
    while True:
        token = questions.secret(TOKENS[draft.platform], NO_TOKEN) if needed and given is None else given
        whole = replace(draft, token=token)
        try:
            return whole, asyncio.run(try_out(whole, ask_platform=test))
        except CredentialsRefused as error:
            if token is None or token == given:
                raise  # asking again would bring nothing else
            complain(str(error))
        except NotConfigured:
            raise  # a library is missing; the network has no part in it
        except ConnectorError as error:
            raise Failure(f"{error}\n{_perhaps()}") from error


def told(facts: Mapping[str, Any]) -> str:
    """The facts for a person."""
    known = ", ".join(f"{key.removeprefix('bot_').replace('_', ' ')} {value}" for key, value in facts["bot"].items() if value)
    right = [f"the token is right: {plain(known)}"] if known and facts["platform"] != "web" else []
    return "\n".join([*right, *(f"wrote {one}" for one in facts["files"]), "", "next:", *(f"  {one}" for one in facts["next"])])


def _keys(questions: Questions, platform: str, wishes: Wishes) -> dict[str, str]:
    """The keys of the platform's section that say where it is."""
    homeserver, account, base_url = wishes.homeserver, wishes.account, wishes.base_url
    if platform != "matrix":
        _unused("--homeserver", homeserver)
        _unused("--account", account)
    if platform in ("matrix", "web"):
        _unused("--base-url", base_url)
    match platform:
        case "matrix":
            return {
                "homeserver_url": questions.needed("The homeserver, such as https://matrix.example.org", homeserver, "--homeserver"),
                "user_id": questions.needed("The bot's own id, such as @bot:example.org", account, "--account"),
            }
        case "telegram" if base_url:
            return _bot_api(base_url.rstrip("/"))
        case "discord" if base_url:
            return {"rest_url": base_url}
    return {}


def _bot_api(url: str) -> dict[str, str]:
    """A Bot API server gives files out beside what it is asked at; where it does so behind another path is not known."""
    bare = url.removesuffix("/bot")
    return {"base_url": url} if bare == url and urlsplit(url).path else {"base_url": f"{bare}/bot", "base_file_url": f"{bare}/file/bot"}


def _unused(option: str, value: str | None) -> None:
    if value is not None:
        raise click.UsageError(f"{option} has no use with what was chosen")


def _perhaps() -> str:
    now = SystemClock().now().strftime("%Y-%m-%d %H:%M")
    return f"nothing was written; is this machine online, and its clock right ({now} UTC)? --no-test writes without asking the platform"


def _following(platform: str, owner: str | None, who: Mapping[str, str]) -> list[str]:
    """What to do next, a line each."""
    name = who.get("bot_username")
    where = {
        "web": "open the link of its last line in a browser: you are the owner",
        "telegram": f"write to https://t.me/{name}" if name else "write to your bot in Telegram",
        "discord": "invite the bot to a server of yours (docs/discord.md), and write to it",
        "matrix": "begin a direct chat with the bot, and write",
    }[platform]
    steps = ["parachute-core doctor   # looks whether all is well", "parachute-core run   # starts the bot; Ctrl-C stops it", where]
    if platform != "web" and owner is None:
        steps.append("parachute-core pairing list   # there is your request; parachute-core pairing approve REQUEST lets you in")
    return steps
