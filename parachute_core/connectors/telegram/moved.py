"""Groups that became supergroups, by the id they had before. Known over restarts."""

from parachute_core.connectors.base import Link, Memory

PREFIX = "moved:"
MOST = 1000
"""Groups that are remembered; the one that moved first is forgotten, and told again by Telegram when it is used."""


class Moved:
    """Where messages for a chat go now."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._link: Link | None = None
        self._new: dict[str, str] = {}

    async def begin(self, link: Link) -> None:
        """Recall what was known before; the core is told of what is new over this link. Raises `StoreError`."""
        self._link = link
        self._new = {key.removeprefix(PREFIX): new for key, new in (await self._memory.items(PREFIX)).items()}

    def current(self, chat_id: str) -> str:
        """The id under which the chat is reached."""
        return self._new.get(chat_id, chat_id)

    async def remember(self, old: str, new: str) -> None:
        """The chat has another id from now on: its session first, then the memory, so that a crash in between is made good.

        Raises `StoreError`. Before the first `begin` nothing is kept; Telegram says it again.
        """
        if self._link is None or self._new.get(old) == new:
            return
        await self._link.moved(old, new)
        await self._memory.put(PREFIX + old, new)
        await self._memory.keep_newest(PREFIX, MOST)
        if len(self._new) >= MOST:
            del self._new[next(iter(self._new))]
        self._new[old] = new
