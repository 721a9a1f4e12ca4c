"""What the library's errors mean: for one call, and for the connection. Decided by class and cause, never by trying again."""

import httpx
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, TelegramError, TimedOut

from parachute_core.connectors.telegram.api import FloodControl, NoAnswer
from parachute_core.connectors.telegram.words import FOREIGN_WEBHOOK, SECOND_POLLER
from parachute_core.model.errors import (
    Ambiguous,
    ConnectionLost,
    ConnectorError,
    CredentialsRefused,
    NotDelivered,
    Rejected,
    SendError,
    Unreachable,
)

CONFLICT_WAIT = 30.0
"""Seconds before the next poll after a conflict: the slot of a poller that is gone lingers that long."""

NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.InvalidURL,
    httpx.LocalProtocolError,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""Causes that prove that no request has left."""

# An answer may quote the message, so it is not passed on; these parts of it say what an owner needs to know.
FORBIDDEN = {
    "blocked": "the chat blocked the bot",
    "kicked": "the bot was removed from the chat",
    "not a member": "the bot is no member of the chat",
    "deactivated": "the user's account is deleted",
    "initiate": "the user has not written to the bot yet",
}
REFUSALS = (
    "chat not found",
    "message is too long",
    "message text is empty",
    "message to edit not found",
    "message can't be edited",
    "not enough rights",
    "have no rights",
    "group chat was deactivated",
    "topic_closed",
)


def not_modified(error: BadRequest) -> bool:
    """Whether an edit was refused because the message reads so already: what was wanted is the case."""
    return "message is not modified" in error.message.lower()


def about_entities(error: BadRequest) -> bool:
    """Whether the message was refused for its formatting alone."""
    return "entit" in error.message.lower()


def question_missing(error: BadRequest) -> bool:
    """Whether the message was refused because what it is a reply to is not there (any more)."""
    words = error.message.lower()
    return "not found" in words and ("replied" in words or "reply message" in words)


def topic_missing(error: BadRequest) -> bool:
    """Whether the message was refused because its topic is not there (any more)."""
    return "message thread not found" in error.message.lower()


def send_error(error: TelegramError) -> SendError:
    """What a failed call means for the message."""
    if isinstance(error, FloodControl):
        return NotDelivered("too many requests", error.retry_after)
    if isinstance(error, NoAnswer):
        # Below 500 it is the word of something that stands before the Bot API and did not let the call through.
        return NotDelivered(str(error)) if 300 <= error.status < 500 else Ambiguous(str(error))
    if isinstance(error, Forbidden):
        return Unreachable(_said(error, FORBIDDEN) or "the chat does not let the bot write")
    if isinstance(error, InvalidToken):
        return Rejected("the bot token is refused")
    if isinstance(error, BadRequest):
        return Rejected(f"refused: {_said(error, {one: one for one in REFUSALS}) or 'bad request'}")
    if isinstance(error, Conflict):
        return Rejected("refused: conflict")
    if isinstance(error.__cause__, NEVER_SENT):
        return NotDelivered(_technical(error))
    return Ambiguous(_technical(error))


def connection_error(error: TelegramError) -> ConnectorError:
    """What a failed poll, or a failed look at who the bot is, means for the connection."""
    if isinstance(error, InvalidToken):
        return CredentialsRefused("Telegram refuses the bot token")
    if isinstance(error, FloodControl):
        return ConnectionLost("too many requests", error.retry_after)
    if isinstance(error, Conflict):
        if "webhook" in error.message.lower():
            return ConnectionLost(FOREIGN_WEBHOOK, CONFLICT_WAIT)
        return ConnectionLost(SECOND_POLLER, CONFLICT_WAIT)
    if isinstance(error, BadRequest):
        return ConnectionLost("the Bot API refuses the request", CONFLICT_WAIT)
    if isinstance(error, NoAnswer):
        return ConnectionLost(f"the Bot API does not answer properly ({error})")
    return ConnectionLost(f"the Bot API cannot be reached ({_technical(error)})")


def _said(error: TelegramError, known: dict[str, str]) -> str | None:
    words = error.message.lower()
    return next((meaning for part, meaning in known.items() if part in words), None)


def _technical(error: TelegramError) -> str:
    """The class behind it, which is all that is safe to tell: texts may hold the URL, and with it the token."""
    kind = type(error.__cause__ or error).__name__
    return f"no answer in time: {kind}" if isinstance(error, TimedOut) else kind
