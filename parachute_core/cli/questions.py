"""Asks the owner on a terminal for what the options of `init` did not say."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

import click

from parachute_core.config.ids import IdForm
from parachute_core.config.platforms import PLATFORMS

LONGEST_SECRET = 4096
"""Characters; more is some other file."""
TOKENS = {
    "telegram": "The bot's token (BotFather gives it: https://t.me/BotFather, /newbot)",
    "discord": "The bot's token (https://discord.com/developers/applications, page Bot)",
    "matrix": "The access token of the bot's account (docs/matrix.md says how to get one)",
}
OWNERS = {
    "telegram": "Your own user id, a number (@userinfobot tells it)",
    "discord": "Your own user id, a number (Settings, Advanced, Developer Mode; then right-click yourself, Copy User ID)",
    "matrix": "Your own user id, such as @you:example.org",
}


@dataclass(frozen=True, slots=True)
class Questions:
    """Without a terminal nothing is asked: what is missing and needed ends the command with 2 and the option's name."""

    interactive: bool

    def choice(self, text: str, given: str | None, names: tuple[str, ...], default: str) -> str:
        """One of `names`; `default` where nobody can be asked."""
        if given is not None or not self.interactive:
            return given or default
        chosen: str = click.prompt(text, type=click.Choice(names), default=default, err=True)
        return chosen

    def needed(self, text: str, given: str | None, option: str) -> str:
        """A text that there must be."""
        if given is not None and given.strip():
            return given.strip()
        if given is not None or not self.interactive:
            raise click.UsageError(f"{option} is needed")
        answer: str = click.prompt(text, err=True)
        return answer.strip()

    def secret(self, text: str, otherwise: str) -> str:
        """Typed without being shown; `otherwise` is what is told where nobody can be asked."""
        if not self.interactive:
            raise click.UsageError(otherwise)
        answer: str = click.prompt(text, hide_input=True, err=True)
        return answer.strip()

    def owner(self, platform: str, given: str | None) -> str | None:
        """The owner's id, of the platform's form; None: they let themselves in later."""
        form = PLATFORMS[platform].id_lists["allowed_users"]
        if given is not None or not self.interactive:
            return _id(form)(given or "") or None
        answer: str = click.prompt(
            f"{OWNERS[platform]}; empty: let yourself in later", default="", show_default=False, value_proc=_id(form), err=True
        )
        return answer or None


def read_secret(file: IO[str] | None, option: str) -> str | None:
    """What a file holds: one word on one line. None: there is no file."""
    if file is None:
        return None
    try:
        text = file.read(LONGEST_SECRET + 1).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{option}: cannot be read: {error}") from None
    if len(text) > LONGEST_SECRET or len(text.split()) != 1:
        raise click.UsageError(f"{option}: expected one line that is the secret, and nothing else")
    return text


def _id(form: IdForm) -> Callable[[str], str]:
    def read(text: str) -> str:
        try:
            return form.read(text) if text.strip() else ""
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--owner") from None

    return read
