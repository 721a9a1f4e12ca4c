"""A platform's side of `connectors.signs`: writes down what it is asked to show."""

import asyncio
from collections import deque

from parachute_core.model.errors import SendError

Call = tuple[str, str, str | None]
"""What was called, the chat, and the thread, the message or the reaction."""


class FakeSignCalls:
    """A `SignCalls`."""

    def __init__(self) -> None:
        self.made: list[Call] = []
        """Every call that was begun, oldest first."""
        self.failures: deque[SendError] = deque()
        """What the coming calls raise, oldest first."""
        self.gate = asyncio.Event()
        """While cleared, calls do not end."""
        self.gate.set()

    async def show_typing(self, chat_id: str, thread_id: str | None) -> None:
        """See `SignCalls.show_typing`."""
        await self._call("show", chat_id, thread_id)

    async def hide_typing(self, chat_id: str, thread_id: str | None) -> None:
        """See `SignCalls.hide_typing`."""
        await self._call("hide", chat_id, thread_id)

    async def react(self, chat_id: str, message_id: str) -> str | None:
        """See `SignCalls.react`. The reaction's name is `on` and the message's id."""
        await self._call("react", chat_id, message_id)
        return f"on {message_id}"

    async def take_off(self, chat_id: str, message_id: str, reaction: str | None) -> None:  # noqa: ARG002 - named by the reaction
        """See `SignCalls.take_off`."""
        await self._call("take off", chat_id, reaction)

    async def _call(self, what: str, chat_id: str, of: str | None) -> None:
        self.made.append((what, chat_id, of))
        await self.gate.wait()
        if self.failures:
            raise self.failures.popleft()
