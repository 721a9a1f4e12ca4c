"""getUpdates."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from parachute_core.testing.telegram.people import Chats
from parachute_core.testing.telegram.refusals import Refused

HAS_WEBHOOK = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
OTHER_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(slots=True)
class Poll:
    """A getUpdates that waits."""

    overtaken: asyncio.Event = field(default_factory=asyncio.Event)


class Polling:
    """One poll at a time; the last one wins."""

    def __init__(self, chats: Chats) -> None:
        self._chats = chats
        self._poll: Poll | None = None
        self.confirmed = 0

    async def get_updates(self, asked: Mapping[str, str]) -> Any:
        """An update comes again until the offset is above its id; a kind that is not in allowed_updates is not kept (Bot API, getUpdates).

        409 while a webhook is set, and for the older of two polls (observed).
        """
        chats = self._chats
        if chats.webhook:
            raise Refused(409, HAS_WEBHOOK)
        self.overtake()
        poll = self._poll = Poll()
        if "allowed_updates" in asked:
            chats.allowed = json.loads(asked["allowed_updates"]) or None
        if offset := int(asked.get("offset", "0")):
            self.confirmed = max(self.confirmed, offset)
            chats.updates = [one for one in chats.updates if one.get("update_id", 0) >= offset]
        try:
            return await self._waiting(poll, float(asked.get("timeout", "0")), int(asked.get("limit", "100")))
        finally:
            if self._poll is poll:
                self._poll = None

    def overtake(self) -> None:
        """End the poll that waits, if one does."""
        if self._poll is not None:
            self._poll.overtaken.set()

    async def _waiting(self, poll: Poll, seconds: float, limit: int) -> list[dict[str, Any]]:
        """Long polling: answers with the first update, or empty after `timeout` seconds; at most `limit` of 100 (Bot API, getUpdates)."""
        chats = self._chats
        chats.news.set()
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not chats.updates and (left := end - loop.time()) > 0:
            chats.fresh.clear()
            waits = [asyncio.ensure_future(chats.fresh.wait()), asyncio.ensure_future(poll.overtaken.wait())]
            try:
                await asyncio.wait(waits, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()
            if chats.webhook:
                raise Refused(409, HAS_WEBHOOK)
            if poll.overtaken.is_set():
                raise Refused(409, OTHER_POLLER)
        return chats.updates[:limit]
