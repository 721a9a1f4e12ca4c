"""The rig of one platform: the server that the bot's library talks to, and the people on it. Written once for each platform."""

# ruff: noqa: ARG002, B027 - what a platform may leave alone says so when it is asked all the same

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import ClassVar, NoReturn, Self

from parachute_core.connectors.base import Connector, ConnectorContext
from parachute_core.testing.conformance.abilities import Ability, Flow, Oddity, Trouble
from parachute_core.testing.http import Fault


class Counterpart(ABC):
    """A platform on loopback sockets. Used as an async context manager; one for each scenario.

    What is abstract here every platform has. The other methods belong to an `Ability`, and a platform without it names it in
    `lacks` and leaves them alone: the scenarios that need it are then not made.
    """

    platform: ClassVar[str]
    """Its name in `bots.yaml`."""
    lacks: ClassVar[Mapping[Ability, str]] = MappingProxyType({})
    """What this platform cannot do, each with the reason. Everything else is tried."""
    serves: ClassVar[bool] = False
    """Whether people come in through the bot's own web server, so that it must listen."""
    crowd: ClassVar[int] = 200
    """How many people write at once where many do; fewer where the server is slow."""
    patience: ClassVar[float] = 15.0
    """Real seconds after which what should have happened is a failure."""
    pause: ClassVar[float] = 0.02
    """Real seconds that the network gets each time the bot's clock was moved on; fewer where the server is in the same process."""
    hurried = False
    """Set by a scenario before the bot starts; see `Ability.GIVES_UP_SOON`."""

    # The bot

    @abstractmethod
    def connector(self, context: ConnectorContext) -> Connector:
        """Make the connector that is tried, as its `make_connector` does."""

    @abstractmethod
    async def section(self, allowed: Sequence[str]) -> Mapping[str, object]:
        """The platform's section of `bots.yaml`, with these users on its allowlist and without `enabled`. Asked before each start."""

    def credentials(self) -> Mapping[str, str]:
        """CREDENTIALS: the secret keys of the section, with what is accepted."""
        self._lacking(Ability.CREDENTIALS)

    def wrong_credentials(self) -> Mapping[str, str]:
        """CREDENTIALS: the same keys, with what has the right form and is refused."""
        self._lacking(Ability.CREDENTIALS)

    async def revoke(self) -> None:
        """CREDENTIALS: from now on refuse what was accepted, also on the connection that is open."""
        self._lacking(Ability.CREDENTIALS)

    # People and chats

    @abstractmethod
    async def people(self, count: int) -> Sequence[str]:
        """The ids of so many people, the same ones at each call; more are behind the ones before."""

    @abstractmethod
    async def direct(self, user: str) -> str:
        """The chat of this person and the bot."""

    @abstractmethod
    async def say(self, user: str, text: str, chat: str | None = None) -> str:
        """A person writes, in their direct chat where `chat` is None, in a group not to the bot; the message's id."""

    @abstractmethod
    def texts(self, chat: str) -> list[str]:
        """What the bot's messages in the chat read now, oldest first. What only a command's user sees does not count."""

    async def group(self) -> str:
        """GROUPS: a new chat of the first ten people and the bot."""
        self._lacking(Ability.GROUPS)

    async def mention(self, user: str, text: str, chat: str) -> str:
        """GROUPS: a person says this to the bot, in a group; the message's id."""
        self._lacking(Ability.GROUPS)

    async def command(self, user: str, text: str, chat: str | None = None) -> None:
        """INTERACTIONS: a person says this by a command of the platform's own; a text like `/new` is that command."""
        self._lacking(Ability.INTERACTIONS)

    async def speak(self, user: str, text: str) -> None:
        """VOICE: a person sends a spoken message, directly; the bytes of the file are the text in UTF-8."""
        self._lacking(Ability.VOICE)

    async def attach(self, user: str, caption: str = "") -> None:
        """ATTACHMENTS: a person sends a picture, directly, with this caption."""
        self._lacking(Ability.ATTACHMENTS)

    async def edit(self, user: str, message_id: str, text: str, chat: str) -> None:
        """EDITS: a person changes what they wrote."""
        self._lacking(Ability.EDITS)

    async def bot_says(self, text: str, chat: str) -> None:
        """BOTS: another bot writes in the chat, to this one."""
        self._lacking(Ability.BOTS)

    async def repeat(self) -> None:
        """REPEATS: deliver the newest message that a person wrote once more, as the platform would."""
        self._lacking(Ability.REPEATS)

    @abstractmethod
    async def disturb(self, oddity: Oddity, user: str) -> None:
        """Push an odd event, from or about this person where it has somebody."""

    # What is seen of the bot

    def replies(self, chat: str) -> list[str | None]:
        """REPLIES: for each of the bot's messages in the chat, oldest first, the message that it is shown as a reply to."""
        self._lacking(Ability.REPLIES)

    def reactions(self, chat: str) -> list[str]:
        """REACTIONS: the ids of the messages that have a reaction of the bot now."""
        self._lacking(Ability.REACTIONS)

    def typed(self, chat: str) -> int:
        """TYPING: how often the bot was shown typing in the chat so far."""
        self._lacking(Ability.TYPING)

    # What goes wrong

    def fault(self, flow: Flow, trouble: Trouble, *, count: int | None = 1, skip: int = 0, retry_after: float | None = None) -> Fault:
        """SERVER: put a fault in force, in the platform's own form, and return it: `met` tells how often it was met.

        `retry_after` is what a FLOOD names, in seconds. A receiving call that is open is ended, so that a fault of RECEIVING is met
        at the next one.
        """
        self._lacking(Ability.SERVER)

    def heal(self) -> None:
        """SERVER: no fault is in force any more."""
        self._lacking(Ability.SERVER)

    def requests(self, flow: Flow | None = None) -> int:
        """SERVER: how many requests came so far, those that met a fault included. None: of whatever kind."""
        self._lacking(Ability.SERVER)

    async def drop(self) -> None:
        """SERVER: break what the bot has open; it may connect again at once."""
        self._lacking(Ability.SERVER)

    async def start(self) -> None:
        """SERVER: take connections again, at the same place."""
        self._lacking(Ability.SERVER)

    async def stop(self) -> None:
        """SERVER: break every connection and refuse new ones."""
        self._lacking(Ability.SERVER)

    async def block(self, user: str) -> None:
        """BLOCKING: this person shuts the bot out; what they write still comes."""
        self._lacking(Ability.BLOCKING)

    async def unblock(self, user: str) -> None:
        """BLOCKING: this person lets the bot in again."""
        self._lacking(Ability.BLOCKING)

    # The rig itself

    @abstractmethod
    async def __aenter__(self) -> Self: ...

    @abstractmethod
    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    async def attached(self, url: str) -> None:
        """The bot runs; with `serves` it listens at `url`. Default: nothing to do."""

    @classmethod
    def _lacking(cls, ability: Ability) -> NoReturn:
        raise NotImplementedError(f"{cls.__name__} neither offers {ability!r} nor names it in `lacks`")
