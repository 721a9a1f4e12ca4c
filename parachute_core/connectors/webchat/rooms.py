"""Which sockets are open, and whose they are."""

from collections.abc import Iterator

from parachute_core.connectors.webchat.sockets import Tab

MOST_SOCKETS = 5120
"""Open sockets of all visitors together."""
MOST_TABS = 8
"""Open sockets of one visitor."""


class Rooms:
    """The open tabs. A visitor without one leaves no trace."""

    def __init__(self) -> None:
        self._open: set[Tab] = set()
        self._rooms: dict[str, set[Tab]] = {}

    def __iter__(self) -> Iterator[Tab]:
        """Every open tab, greeted or not."""
        return iter(tuple(self._open))

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, tab: Tab) -> bool:
        """Count a new socket; False when there is no room for another."""
        if len(self._open) >= MOST_SOCKETS:
            return False
        self._open.add(tab)
        return True

    def enter(self, user_id: str, tab: Tab) -> bool:
        """Let the visitor's frames reach `tab` too; False when the visitor has too many open."""
        room = self._rooms.get(user_id, set())
        if tab not in room and len(room) >= MOST_TABS:
            return False
        self._rooms.setdefault(user_id, set()).add(tab)
        return True

    def leave(self, user_id: str | None, tab: Tab) -> None:
        """Forget a closed tab; `user_id` None: it was never greeted."""
        self._open.discard(tab)
        if user_id is not None and (room := self._rooms.get(user_id)):
            room.discard(tab)
            if not room:
                del self._rooms[user_id]

    def tabs_of(self, user_id: str) -> tuple[Tab, ...]:
        """The visitor's open tabs."""
        return tuple(self._rooms.get(user_id, ()))
