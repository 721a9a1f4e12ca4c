"""A platform that keeps nothing, an agent that echoes, and messages for them."""

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime

from parachute_core import ChatType, Done, Inbound, Outgoing, Receipt, TextDelta, Turn, TurnEvent
from parachute_core.testing import FakeConnector

PLUGINS: Mapping[str, Mapping[str, object]] = {
    "ratelimit": {"limit": 10_000, "window": 60},
    "retry": {},
    "pairing": {},
    "strictstate": {},
    "sessionguard": {},
}
OWNER = "1"
WINDOW = 60.0


class Wire(FakeConnector):
    """A platform that takes everything and keeps nothing."""

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Take it."""
        return Receipt(outgoing.target_id or outgoing.key)


class Echo:
    """The agent of the benchmark."""

    async def answer(self, turn: Turn) -> AsyncGenerator[TurnEvent, None]:
        """The text that came."""
        yield TextDelta(turn.text)
        yield Done()


def message(number: int, *, chat: str, user: str = OWNER) -> Inbound:
    """A message as a connector makes it."""
    return Inbound(
        platform="telegram",
        chat_id=chat,
        user_id=user,
        text="How much does a message cost?",
        message_id=str(number),
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
        chat_type=ChatType.DIRECT if chat == user else ChatType.GROUP,
    )
