"""Discord's calls behind the signs of an answer in the making."""

from hikari import Emoji
from hikari.api import RESTClient

from parachute_core.connectors.discord.calls import Calls
from parachute_core.connectors.discord.ids import snowflake

TYPING_EVERY = 8.0
"""Seconds; Discord shows it for ten."""


class DiscordSigns:
    """Implements `connectors.signs.SignCalls`."""

    def __init__(self, rest: RESTClient, calls: Calls, emoji: str | None) -> None:
        self._rest = rest
        self._calls = calls
        self._emoji = None if emoji is None else Emoji.parse(emoji)

    async def show_typing(self, chat_id: str, thread_id: str | None) -> None:  # noqa: ARG002 - a thread is a channel of its own
        """See `SignCalls.show_typing`."""
        await self._calls.make(self._type(snowflake(chat_id)))

    async def hide_typing(self, chat_id: str, thread_id: str | None) -> None:
        """See `SignCalls.hide_typing`: Discord ends it by itself, with the bot's next message or after ten seconds."""

    async def react(self, chat_id: str, message_id: str) -> str | None:
        """See `SignCalls.react`. The use of a slash command is no message, so it is refused without asking Discord."""
        if self._emoji is not None:
            await self._calls.make(self._rest.add_reaction(snowflake(chat_id), snowflake(message_id), self._emoji))
        return None

    async def take_off(self, chat_id: str, message_id: str, reaction: str | None) -> None:  # noqa: ARG002 - the emoji says which it is
        """See `SignCalls.take_off`."""
        if self._emoji is not None:
            await self._calls.make(self._rest.delete_my_reaction(snowflake(chat_id), snowflake(message_id), self._emoji))

    async def _type(self, channel: int) -> None:
        await self._rest.trigger_typing(channel)
