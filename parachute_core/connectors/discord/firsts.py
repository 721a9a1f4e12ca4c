"""Direct chats in which nobody spoke to the bot yet, as far as it knows. What was written there while it was away is asked for too.

Discord gives a bot no list of its direct chats, and tells a new session nothing of before. So those of listed people are opened, which
they do not see, and any other is looked through when the first message of it comes.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from hikari import Snowflake

from parachute_core.clock import Clock
from parachute_core.connectors.base import Memory
from parachute_core.connectors.discord.backfill import Backfill
from parachute_core.connectors.discord.ids import is_snowflake
from parachute_core.model.errors import Rejected
from parachute_core.store.inbox import RECOGNISED

AT_MOST = 50
"""People whose direct chat is opened when a session begins; Discord minds bots that open many at once (User, Create DM)."""
OPENED = "direct/"


class Firsts:
    """Knows what was missed of a conversation that is not known. Times are the machine's own."""

    def __init__(self, memory: Memory, clock: Clock, realm: str, listed: Sequence[str]) -> None:
        self._memory = memory
        self._clock = clock
        self._key = f"alive/{realm}"
        self._listed = listed
        self._alive: datetime | None = None
        """When this account was last connected, in whatever process; None: never yet."""
        self._since = self._ready_at = clock.now()

    async def load(self) -> None:
        """Take over what earlier starts noted. Raises `StoreError`."""
        if (kept := await self._memory.get(self._key)) is not None:
            self._alive = datetime.fromisoformat(kept)

    def ready(self) -> None:
        """A session begins, to which Discord replays nothing. What is older than `RECOGNISED` stays missed: it might be answered twice."""
        now = self._clock.now()
        self._since = max(self._alive or now, now - RECOGNISED)
        self._ready_at = self._alive = now

    async def alive(self) -> None:
        """The session lives. Raises `StoreError`."""
        self._alive = self._clock.now()
        await self._memory.put(self._key, self._alive.isoformat())

    @property
    def since(self) -> Snowflake:
        """What is older was told to a session, or was written before the bot was there at all."""
        return Snowflake.from_datetime(self._since)

    @property
    def missed(self) -> bool:
        """Whether anything can have been written since then and not been told to a session."""
        return self._since < self._ready_at

    async def open(self, backfill: Backfill) -> AsyncIterator[str]:
        """The direct channels of listed people that were never opened before. Raises `SendError` and `StoreError`."""
        await self.alive()  # kept before anybody's chat is looked at, so that what is missed from now on is
        opened = await self._memory.items(OPENED)
        new = [one for one in self._listed if is_snowflake(one) and OPENED + one not in opened]
        for user_id in new[:AT_MOST]:
            try:
                channel_id = await backfill.open(user_id)
            except Rejected:
                continue
            yield channel_id
            await self._memory.put(OPENED + user_id, channel_id)
