"""One update of the Bot API, however it came, into the core's hands."""

import logging
from typing import Any

from telegram import Message, Update, User

from parachute_core.clock import Clock
from parachute_core.config.values import MentionMode
from parachute_core.connectors.base import Link
from parachute_core.connectors.chores import Chores
from parachute_core.connectors.telegram.albums import Albums
from parachute_core.connectors.telegram.api import PollingBot
from parachute_core.connectors.telegram.attachments import SERVICE
from parachute_core.connectors.telegram.buttons import PRESS, pressed, release
from parachute_core.connectors.telegram.inbound import Ignored, Migrated, translate
from parachute_core.connectors.telegram.moved import Moved
from parachute_core.model.message import Inbound

PLAIN = {
    "message_id",
    "message_thread_id",
    "is_topic_message",
    "date",
    "chat",
    "from",
    "sender_chat",
    "text",
    "entities",
    "caption",
    "caption_entities",
    "media_group_id",
}
"""Fields of a message that say who wrote what and where."""


def update_id(raw: Any) -> int | None:
    """The number of an update; None for what is no update."""
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return number if isinstance(number, int) else None


class Updates:
    """Reads updates one at a time."""

    def __init__(self, *, platform: str, mode: MentionMode, clock: Clock, logger: logging.Logger, moved: Moved, chores: Chores) -> None:
        self._platform = platform
        self._mode = mode
        self._clock = clock
        self._logger = logger
        self._moved = moved
        self._chores = chores
        self._albums = Albums()

    async def take(self, raw: dict[str, Any], bot: PollingBot, me: User, link: Link) -> None:
        """Returns when the core has taken it over, or when there is nothing in it for the core.

        Raises `StoreError`, and what the core raises.
        """
        found = self._read(raw, bot, me)
        if isinstance(found, Inbound):
            await link.receive(found)
            if found.button:
                # Beside the updates: Telegram may take its time to hear that, and nobody else's message is to wait for it.
                self._chores.begin("acknowledge a press", release(bot, found.message_id.removeprefix(PRESS)))
        elif found is not None:
            await self._moved.remember(found.old, found.new)

    def _read(self, raw: dict[str, Any], bot: PollingBot, me: User) -> Inbound | Migrated | None:
        fields: dict[str, object] = {"platform": self._platform, "update_id": update_id(raw)}
        try:
            message, now = None, self._clock.now()
            found: Inbound | Migrated | Ignored
            if "callback_query" in raw:
                query = Update.de_json(raw, bot).callback_query
                found = Ignored("no press") if query is None else pressed(query, platform=self._platform, now=now)
            else:
                message = self._message(raw, bot, fields)
                found = translate(message, me, platform=self._platform, mode=self._mode, now=now)
        except Exception as error:  # noqa: BLE001 - one update that cannot be read must not cost the others
            self._logger.warning("an update cannot be read", extra={**fields, "error": type(error).__name__})
            return None
        if isinstance(found, Inbound) and message is not None:
            found = self._whole(found, message)
        if isinstance(found, Ignored):
            self._logger.debug("an update is ignored", extra={**fields, "reason": found.why})
            return None
        return found

    def _message(self, raw: dict[str, Any], bot: PollingBot, fields: dict[str, object]) -> Message | None:
        """The update's message. Where the library does not know something that is attached, the message without it."""
        try:
            return Update.de_json(raw, bot).message
        except Exception as error:
            whole = raw.get("message")
            if not isinstance(whole, dict) or SERVICE & whole.keys():
                raise
            message = Update.de_json({**raw, "message": {key: whole[key] for key in PLAIN & whole.keys()}}, bot).message
            self._logger.warning("an update is read in part", extra={**fields, "error": type(error).__name__})
            return message

    def _whole(self, found: Inbound, message: Message) -> Inbound | Ignored:
        if message.media_group_id is None:
            return found
        return self._albums.part(found, message.media_group_id) or Ignored("a further part of an album")
