"""Direct chats in which nobody spoke to the bot yet, as far as it knows. What was written there while it was away is asked for too.

Discord gives a bot no list of its direct chats, and tells a new session nothing of before. So those of listed people are opened, which
they do not see, and any other is looked through when the first message of it comes.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from hikari import Snowflake

from parachute_core.clock import Clock
from parachute_core.connectors.base import Memory
from parachute_core.connectors.discord.backfill import Backfill
from parachute_core.connectors.discord.ids import is_snowflake
from parachute_core.model.errors import Rejected
from parachute_core.store.inbox import RECOGNISED

AT_MOST = 50
"""People whose direct chat is opened when a session begins; Discord minds bots that open many at once (User, Create DM)."""
SLACK = timedelta(minutes=1)
"""By how much the machine's clock may be ahead of Discord's. What a session was told meanwhile belongs to chats that are known since."""
OPENED = "direct/"


class Firsts:
    """Knows what was missed of a direct chat that is not known. Times are the machine's own."""

    def __init__(self, memory: Memory, clock: Clock, realm: str, listed: Sequence[str]) -> None:
        self._memory = memory
        self._clock = clock
        self._key = f"alive/{realm}"
        self._listed = listed
        self._alive: datetime | None = None
        """When this account was last connected, as it is kept; None: never yet."""
        self._since: datetime | None = None
        self._looked_back = False

    async def load(self) -> None:
        """Take over what earlier starts noted. Raises `StoreError`."""
        if (kept := await self._memory.get(self._key)) is not None:
            self._alive = datetime.fromisoformat(kept)

    def ready(self) -> None:
        """A session begins, to which Discord replays nothing. What is older than `RECOGNISED` stays missed: it might be answered twice."""
        self._since = None if self._alive is None else max(self._alive - SLACK, self._clock.now() - RECOGNISED)
        self._looked_back = self._since is None

    @property
    def since(self) -> Snowflake | None:
        """After what something may have been missed; None: the bot was never there before, and nothing was."""
        return None if self._since is None else Snowflake.from_datetime(self._since)

    async def alive(self) -> None:
        """The session lives. Kept once nothing of before needs to be looked for, so that a crash hides nothing. Raises `StoreError`."""
        if self._looked_back:
            self._alive = self._clock.now()
            await self._memory.put(self._key, self._alive.isoformat())

    async def look_back(self, backfill: Backfill, look: Callable[[str], Awaitable[None]]) -> None:
        """`look` at each direct channel of a listed person; it is opened if it never was. Raises `SendError` and `StoreError`."""
        await self.alive()
        opened = await self._memory.items(OPENED)
        new = [one for one in self._listed if is_snowflake(one) and OPENED + one not in opened]
        for user_id in new[:AT_MOST]:
            try:
                channel_id = await backfill.open(user_id)
            except Rejected:
                continue
            opened[OPENED + user_id] = channel_id
            await self._memory.put(OPENED + user_id, channel_id)
        for user_id in self._listed:
            if (known := opened.get(OPENED + user_id)) is not None:
                await look(known)
        self._looked_back = True
        await self.alive()
