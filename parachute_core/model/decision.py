"""What was decided about the bot, its users and its messages: the words of the audit log."""

from dataclasses import dataclass
from enum import StrEnum

OWNER = "owner"
"""Over the admin API, whoever asks it for them, in a chat, or by a link of the owner's."""
BY_HAND = "owner by hand"
"""In `bots.yaml`, with an editor."""
CORE = "core"
"""The bot by itself. Whatever else decides is a plugin, by its name."""


class What(StrEnum):
    """What was decided, or came to pass by itself."""

    ALLOWED = "allowed"
    REVOKED = "revoked"
    PAIRING_REQUESTED = "pairing_requested"
    PAIRING_APPROVED = "pairing_approved"
    PAIRING_DENIED = "pairing_denied"
    PAIRING_EXPIRED = "pairing_expired"
    PAIRING_REVOKED = "pairing_revoked"
    PAIRING_BLOCKED = "pairing_blocked"
    PAIRING_UNBLOCKED = "pairing_unblocked"
    INVITE_MADE = "invite_made"
    INVITE_WITHDRAWN = "invite_withdrawn"
    LINK_USED = "link_used"
    SESSION_ARCHIVED = "session_archived"
    DELIVERY_RETRIED = "delivery_retried"
    DELIVERY_DISCARDED = "delivery_discarded"
    DELIVERY_HELD = "delivery_held"
    DELIVERY_GIVEN_UP = "delivery_given_up"
    MESSAGE_SET_ASIDE = "message_set_aside"
    CHAT_SILENT = "chat_silent"
    CHAT_HEARD = "chat_heard"
    CONNECTOR_STARTED = "connector_started"
    CONNECTOR_STOPPED = "connector_stopped"
    CONNECTOR_PARKED = "connector_parked"
    CONFIG_CHANGED = "config_changed"
    CONNECTOR_TESTED = "connector_tested"
    LOGGED_IN = "logged_in"
    LOGGED_OUT = "logged_out"
    AGENT_REFUSED = "agent_refused"
    STORE_RECOVERED = "store_recovered"


@dataclass(frozen=True, slots=True)
class Decision:
    """One of them. Never what anybody wrote, nor a secret."""

    what: What
    who: str | None = None
    """`owner`, `owner by hand`, `core`, or a plugin's name; None: whoever acts at this moment."""
    platform: str | None = None
    chat_id: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    delivery: int | None = None
    request_id: str | None = None
    """A pairing request."""
    why: str | None = None
    """In words."""
