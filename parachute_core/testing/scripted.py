"""A platform that outlives the bot: each call ends as a script says, and what people see is kept whatever happens to the bot."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from parachute_core.clock import SystemClock
from parachute_core.model.errors import Ambiguous, NotDelivered, Rejected, Unreachable
from parachute_core.model.outgoing import Outgoing, Receipt, SendKind
from parachute_core.model.traits import Traits
from parachute_core.testing.connector import FakeConnector


class Fate(Enum):
    """How a call ends."""

    DELIVERED = auto()
    REFUSED = auto()
    """Not delivered, and proven so."""
    LATER = auto()
    """Not delivered; the platform asks for a long wait."""
    ANSWER_LOST = auto()
    """Delivered, and nobody is told."""
    UNKNOWN = auto()
    """Not delivered, and nobody is told."""
    BLOCKED = auto()
    """The chat takes nothing."""
    REJECTED = auto()
    """Refused for good."""


TIME = SystemClock()
LONG_WAIT = 300.0
"""Seconds that a platform asks for when it asks for a wait."""


@dataclass(slots=True)
class Shown:
    """One of the bot's messages as people see it."""

    message_id: str
    text: str


class ScriptedPlatform:
    """What is in the chats, and every call that reached it. One object serves every start of every bot."""

    def __init__(self, traits: Traits) -> None:
        self.traits = traits
        self.fate: Callable[[Outgoing], Fate] = lambda _: Fate.DELIVERED
        """Asked at each call that is not cosmetic."""
        self.calls: list[Outgoing] = []
        """Those calls, oldest first."""
        self.chats: defaultdict[str, list[Shown]] = defaultdict(list)
        self.doubtful: set[str] = set()
        """Keys of calls after which nobody knew."""

    def texts(self, chat_id: str) -> list[str]:
        """What the bot's messages in a chat read now, oldest first."""
        return [one.text for one in self.chats[chat_id]]

    def take(self, outgoing: Outgoing) -> Receipt:
        """One call. Raises `SendError`."""
        self.calls.append(outgoing)
        match self.fate(outgoing):
            case Fate.REFUSED:
                raise NotDelivered("refused for now")
            case Fate.LATER:
                raise NotDelivered("too many", LONG_WAIT)
            case Fate.BLOCKED:
                raise Unreachable("blocked")
            case Fate.REJECTED:
                raise Rejected("never")
            case Fate.UNKNOWN:
                self.doubtful.add(outgoing.key)
                raise Ambiguous("no answer in time")
            case Fate.ANSWER_LOST:
                self._show(outgoing)
                self.doubtful.add(outgoing.key)
                raise Ambiguous("the answer was lost")
            case Fate.DELIVERED:
                return Receipt(self._show(outgoing))

    def _show(self, outgoing: Outgoing) -> str:
        shown = self.chats[outgoing.chat_id]
        wanted = outgoing.target_id if outgoing.kind is SendKind.EDIT else outgoing.key
        known = next((one for one in shown if one.message_id == wanted), None)
        if outgoing.kind is SendKind.EDIT:
            if known is None:
                raise Rejected("no such message")
            known.text = outgoing.text
            return known.message_id
        if known is None or not self.traits.idempotent_messages:
            shown.append(Shown(outgoing.key, outgoing.text))
        return outgoing.key


class ScriptedConnector(FakeConnector):
    """A bot's connection to such a platform."""

    def __init__(self, platform: ScriptedPlatform) -> None:
        super().__init__(platform.traits)
        self._platform = platform
        self.dead = False
        """True: the process that this connector belongs to was killed; nothing of it reaches the platform."""

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Connector.send`."""
        if self.dead or not self.open:
            raise NotDelivered("not connected")
        if outgoing.kind.cosmetic:
            return Receipt()
        await TIME.sleep(0)  # on its way
        if self.dead:
            raise NotDelivered("the process was killed")
        receipt = self._platform.take(outgoing)
        await TIME.sleep(0)  # on its way back
        return receipt
