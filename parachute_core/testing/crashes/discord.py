"""Discord's side of a trial."""

from collections.abc import Mapping, Sequence
from typing import Self

from parachute_core.testing.crashes.counterparts import CHATS
from parachute_core.testing.discord import FakeDiscord
from parachute_core.testing.http import Fault


class DiscordSide:
    """The fake Discord. It replays nothing to a process that was started anew."""

    name = "discord"
    recognises = True
    sending = r"/channels/\d+/messages$"
    flood: object = {"message": "You are being rate limited.", "retry_after": 0.5, "global": False}

    def __init__(self) -> None:
        self._discord = FakeDiscord()

    async def __aenter__(self) -> Self:
        await self._discord.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._discord.__aexit__(None, None, None)

    def section(self) -> Mapping[str, object]:
        """See `Counterpart.section`."""
        users = [str(one) for one in range(1, CHATS + 1)]
        return {"enabled": True, "bot_token": self._discord.token, "rest_url": self._discord.rest_url, "allowed_users": users}

    async def started(self, _url: str) -> bool:
        """See `Counterpart.started`: what is written before a bot's very first session is history to it, so that is waited for."""
        await self._discord.server.asked("/users/@me/channels$", within=30.0)
        return True

    async def say(self, chat: int, text: str) -> str:
        """See `Counterpart.say`."""
        return self._discord.say(text, str(chat + 1))

    def read(self, chat: int) -> Sequence[str]:
        """See `Counterpart.read`."""
        return self._discord.texts(self._discord.direct(str(chat + 1)))

    @property
    def faults(self) -> list[Fault]:
        """See `Counterpart.faults`."""
        return self._discord.server.faults
