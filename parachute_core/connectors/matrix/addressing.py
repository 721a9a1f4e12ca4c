"""Whether a message of a group is for the bot, and what it says once the bot's name is cut out of it."""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from parachute_core.connectors.matrix.said import Said

PILL = re.compile(r"<a\s[^>]*?href=[\"'](https://matrix\.to/#/|matrix:u/)([^\"'?]+)[^\"']*[\"'][^>]*>(.*?)</a>", re.IGNORECASE | re.DOTALL)
TAG = re.compile(r"<[^>]*>")
COMMAND = re.compile(r"!(?=(?:new|help|status|start)(?:\s|$))", re.IGNORECASE)
"""Most clients keep an unknown slash command to themselves, so these are taken with an exclamation mark too."""


@dataclass(frozen=True, slots=True)
class Addressed:
    """Whether the bot is named, and the text without its name."""

    by_name: bool
    text: str


def addressed(said: Said, me: str, display_name: str | None) -> Addressed:
    """Looks at what the sender marked as a mention, at links to the bot's id, and at its name with a colon or comma in front."""
    localpart = me[1:].partition(":")[0]
    names = [one for one in (display_name, me, me.removeprefix("@"), localpart) if one]
    shown = [label for target, label in _pills(said.html) if target == me]
    front = re.compile(rf"\s*@?(?:{_any(names)})\s*[:,]\s*", re.IGNORECASE)
    if me in said.mentions or shown:
        text = re.sub(rf"^\s*@?(?:{_any([*shown, *names])})(?:\s*[:,]|(?=\s|$))\s*", "", said.text, count=1, flags=re.IGNORECASE)
        if text == said.text:  # it stands further back, where only what was marked is sure to be the name
            marked = [one for one in (*shown, f"@{display_name}" if display_name else "", me) if one]
            text = re.sub(rf"(?:^|(?<=\s))@?(?:{_any(marked)})(?!\w)[ \t]?", "", said.text, count=1)
        return Addressed(True, _some(text, said.text))
    if found := front.match(said.text):
        return Addressed(True, _some(said.text[found.end() :], said.text))
    return Addressed(False, said.text)


def as_command(text: str) -> str:
    """The text with `!new` and the like as the slash commands that they stand for."""
    return COMMAND.sub("/", text, count=1) if COMMAND.match(text) else text


def _pills(formatted: str) -> Iterable[tuple[str, str]]:
    """Whom the links of a formatted text name, and what they are shown as."""
    for scheme, target, label in PILL.findall(formatted):
        found = unquote(html.unescape(target))
        yield (f"@{found}" if scheme.lower() == "matrix:u/" else found), html.unescape(TAG.sub("", label)).strip().removeprefix("@")


def _any(names: list[str]) -> str:
    return "|".join(re.escape(one) for one in sorted({one for one in names if one}, key=len, reverse=True))


def _some(text: str, otherwise: str) -> str:
    """What is left; all of it where nothing else is."""
    return text.strip() or otherwise.strip()
