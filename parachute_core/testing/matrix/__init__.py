"""A real Matrix homeserver for tests, and people on it. Needs what the extra `matrix` installs, and an interpreter with Synapse."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from parachute_core.testing.matrix.accounts import Account, Accounts
from parachute_core.testing.matrix.calls import Calls, Refused
from parachute_core.testing.matrix.homeserver import Homeserver, NoSynapse, find_synapse
from parachute_core.testing.matrix.person import Person
from parachute_core.testing.matrix.seen import Event, Room

__all__ = [
    "Account",
    "Accounts",
    "Calls",
    "Event",
    "Homeserver",
    "MatrixWorld",
    "NoSynapse",
    "Person",
    "Refused",
    "Room",
    "find_synapse",
    "matrix_world",
]


@dataclass(frozen=True, slots=True)
class MatrixWorld:
    """A running homeserver as one test uses it: with accounts and rooms of its own."""

    homeserver: Homeserver
    accounts: Accounts
    bot: Account
    """The account that the bot under test has."""
    calls: Calls

    async def person(self, name: str = "ann", *, exactly: bool = False, display: str | None = None) -> Person:
        """Somebody with a new account."""
        return Person(await self.accounts.register(name, exactly=exactly, display=display), self.calls)

    def as_person(self, account: Account) -> Person:
        """An account acting by hand, such as the bot's own."""
        return Person(account, self.calls)


@asynccontextmanager
async def matrix_world(homeserver: Homeserver) -> AsyncIterator[MatrixWorld]:
    """A new bot account on a homeserver that runs; the connections are closed at the end of the block."""
    async with Calls(homeserver.url) as calls:
        accounts = Accounts(homeserver, calls)
        yield MatrixWorld(homeserver, accounts, await accounts.register("bot", display="Parachute"), calls)
