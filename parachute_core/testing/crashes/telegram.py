"""Telegram's side of a trial."""

from collections.abc import Mapping, Sequence
from typing import Self

from parachute_core.testing.crashes.counterparts import CHATS
from parachute_core.testing.http import Fault
from parachute_core.testing.telegram import FakeBotApi


class TelegramSide:
    """The fake Bot API."""

    name = "telegram"
    recognises = False
    sending = "sendMessage"
    flood: object = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 1}}

    def __init__(self) -> None:
        self._api = FakeBotApi()

    async def __aenter__(self) -> Self:
        await self._api.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._api.__aexit__(None, None, None)

    def section(self) -> Mapping[str, object]:
        """See `Counterpart.section`."""
        servers = {"base_url": self._api.base_url, "base_file_url": self._api.base_file_url}
        return {"enabled": True, "bot_token": self._api.token, **servers, "allowed_users": list(range(1, CHATS + 1)), "ack_emoji": None}

    async def started(self, _url: str) -> bool:
        """See `Counterpart.started`."""
        return True

    async def say(self, chat: int, text: str) -> str:
        """See `Counterpart.say`."""
        return str(self._api.say(text, str(chat + 1))["message_id"])

    def read(self, chat: int) -> Sequence[str]:
        """See `Counterpart.read`."""
        return self._api.texts(str(chat + 1))

    @property
    def faults(self) -> list[Fault]:
        """See `Counterpart.faults`."""
        return self._api.server.faults
