"""The kinds of value that a key may hold. Each accepts what owners and older versions write, and says what it expected."""

import ipaddress
import re
from enum import StrEnum
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from parachute_core.model.addresses import is_web_address
from parachute_core.model.trust import TrustLevel, read_trust

T = TypeVar("T")


class MentionMode(StrEnum):
    """Which messages of a group are for the bot."""

    MENTION_ONLY = "mention_only"
    ALL_MESSAGES = "all_messages"


class ReplyMode(StrEnum):
    """Which answers are shown as replies to their question."""

    ALWAYS = "always"
    GROUPS = "groups"
    NEVER = "never"


def _trust(value: object) -> TrustLevel:
    level = read_trust(value)
    if level is None:
        raise ValueError("expected direct or sandboxed")
    return level


def _mention_mode(value: object) -> MentionMode:
    if isinstance(value, str) and value in list(MentionMode):
        return MentionMode(value)
    raise ValueError("expected mention_only or all_messages")


def _reply_mode(value: object) -> ReplyMode:
    if isinstance(value, str) and value in list(ReplyMode):
        return ReplyMode(value)
    raise ValueError("expected always, groups or never")


def _text(value: object) -> object:
    """A key with nothing behind it is an empty text."""
    if value is None:
        return ""
    if isinstance(value, (bool, int, float)):
        raise ValueError("expected text; write it in quotes")
    return value.strip() if isinstance(value, str) else value


def _url(text: str | None) -> str | None:
    if text and not is_web_address(text):
        raise ValueError("expected an address such as https://example.org")
    return text


def _webhook(text: str | None) -> str | None:
    """What a platform calls from outside is encrypted; in the clear it may only go to this machine, as in tests."""
    parts = urlsplit(text or "")
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError("expected an https address; http is for this machine alone")
    if parts.username is not None or parts.fragment:
        raise ValueError("expected an address without a user name and without #")
    return text


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`. A name other than localhost is not trusted to stay here."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _empty_is_none(value: str | None) -> str | None:
    return value or None


def _port(value: object) -> object:
    """Text is what a `${NAME}` gives."""
    return int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,5}", value, re.ASCII) else value


def _listed(value: object) -> object:
    """A list as YAML or a program gives it; nothing is the empty list."""
    if value is None:
        return ()
    if isinstance(value, (list, tuple)):
        return tuple(value)
    raise ValueError("expected a list, such as [one, two]")


def _without_repeats(values: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))


LISTED = BeforeValidator(_listed)
WITHOUT_REPEATS = AfterValidator(_without_repeats)

Trust = Annotated[TrustLevel, BeforeValidator(_trust)]
Mentions = Annotated[MentionMode, BeforeValidator(_mention_mode)]
Replies = Annotated[ReplyMode, BeforeValidator(_reply_mode)]
Text = Annotated[str, BeforeValidator(_text)]
Secret = Annotated[str, Field(repr=False), BeforeValidator(_text)]
Url = Annotated[str, BeforeValidator(_text), AfterValidator(_url)]
OptionalUrl = Annotated[str | None, BeforeValidator(_text), AfterValidator(_url), AfterValidator(_empty_is_none)]
WebhookUrl = Annotated[str | None, BeforeValidator(_text), AfterValidator(_url), AfterValidator(_webhook), AfterValidator(_empty_is_none)]
OptionalSecret = Annotated[str | None, Field(repr=False), BeforeValidator(_text), AfterValidator(_empty_is_none)]
Emoji = Annotated[str | None, BeforeValidator(_text), AfterValidator(_empty_is_none)]
Port = Annotated[int, BeforeValidator(_port), Field(ge=0, le=65_535)]
Names = Annotated[tuple[Text, ...], LISTED, WITHOUT_REPEATS]
