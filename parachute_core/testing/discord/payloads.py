"""Discord's objects as its API writes them, with every field that clients rely on."""

import itertools
from typing import Any

Payload = dict[str, Any]

EVER = "2026-01-01T00:00:00.000000+00:00"
"""A moment where the exact one means nothing."""


def user(user_id: str, name: str | None = None, *, bot: bool = False) -> Payload:
    """A user; `name` is the display name."""
    return {
        "id": user_id,
        "username": f"user{user_id}",
        "global_name": name,
        "discriminator": "0",
        "avatar": None,
        "bot": bot,
        "public_flags": 0,
    }


def own_user(user_id: str, name: str) -> Payload:
    """The bot's own user."""
    return {
        **user(user_id, bot=True),
        "username": name,
        "flags": 0,
        "mfa_enabled": False,
        "verified": True,
        "email": None,
        "locale": "en-US",
    }


def member(nick: str | None = None) -> Payload:
    """A member of a server, as it comes along with a message."""
    return {
        "nick": nick,
        "avatar": None,
        "roles": [],
        "joined_at": EVER,
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None,
    }


def message(message_id: str, channel_id: str, author: Payload, text: str, kind: int = 0) -> Payload:
    """A message."""
    return {
        "id": message_id,
        "channel_id": channel_id,
        "author": author,
        "content": text,
        "timestamp": EVER,
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "components": [],
        "pinned": False,
        "type": kind,
        "flags": 0,
    }


def attachment(attachment_id: str, name: str, media_type: str, size: int) -> Payload:
    """A file of a message, still without its address."""
    return {"id": attachment_id, "filename": name, "content_type": media_type, "size": size, "flags": 0}


def interaction(interaction_id: str, application_id: str, token: str, channel_id: str, data: Payload) -> Payload:
    """The use of a slash command, still without whoever used it."""
    return {
        "id": interaction_id,
        "application_id": application_id,
        "type": 2,
        "token": token,
        "version": 1,
        "channel_id": channel_id,
        "channel": {"id": channel_id, "type": 1},
        "data": {"id": "900000000000000001", "type": 1, **data},
        "locale": "en-US",
        "app_permissions": "0",
        "entitlements": [],
        "authorizing_integration_owners": {},
        "context": 1,
        "attachment_size_limit": 10_485_760,
    }


def numbered(rows: list[Payload]) -> list[Payload]:
    """Rows of components with the ids that they have once they are shown (Message Components, Anatomy of a Component)."""
    numbers = itertools.count(1)
    return [{**row, "id": next(numbers), "components": [{**one, "id": next(numbers)} for one in row["components"]]} for row in rows]


def ready(session_id: str, url: str, me: Payload, application_id: str) -> Payload:
    """What a new session is greeted with."""
    return {
        "v": 10,
        "user": me,
        "guilds": [],
        "session_id": session_id,
        "resume_gateway_url": url,
        "shard": [0, 1],
        "application": {"id": application_id, "flags": 0},
    }
