"""A platform that exists only in memory."""

import asyncio
from collections import deque
from collections.abc import Mapping

from parachute_core.connectors.base import Connector, Link
from parachute_core.model.errors import ConnectorError, CredentialsRefused, NotDelivered, SendError
from parachute_core.model.message import Voice
from parachute_core.model.outgoing import Outgoing, Receipt, SendKind
from parachute_core.model.traits import Traits

Outcome = SendError | Receipt | None


class FakeConnector(Connector):
    """A real `Connector` with its platform built in; one object serves every start, so a test can look at it throughout."""

    def __init__(self, traits: Traits | None = None, *, buttons: bool = False) -> None:
        """`buttons`: whether its platform has some; `traits`, where they are given, say so themselves."""
        self.traits = traits or Traits(max_length=4096, buttons=buttons)
        self.outcomes: deque[Outcome] = deque()
        """Answers to the coming calls that are not cosmetic, oldest first; None and an empty queue mean success."""
        self.failures: deque[Exception | None] = deque()
        """What the coming runs end with before they prove life; None is a run that works."""
        self.attempts: list[Outgoing] = []
        """Every call that was tried, cosmetic ones too."""
        self.sent: list[Outgoing] = []
        """Every call that the platform took, cosmetic ones too."""
        self.runs = 0
        """How often it was run."""
        self.open = 0
        """How many runs are open at this moment."""
        self.most_open = 0
        """The most runs that were ever open at once; above 1 the supervision is broken."""
        self.bot_name = "fake"
        self.recordings: dict[str, bytes] = {}
        """Spoken messages by their reference."""
        self._taken = asyncio.Event()
        self._links: list[Link] = []
        self._breaks: asyncio.Queue[Exception | None] = asyncio.Queue()

    @property
    def link(self) -> Link:
        """The way into the core, of the newest run that worked. Fails when there was none yet."""
        return self._links[-1]

    async def run(self, link: Link) -> None:
        """See `Connector.run`."""
        self.runs += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            failure = self.failures.popleft() if self.failures else None
            if failure is not None:
                raise failure
            self._links.append(link)
            link.prove("fake poll")
            self._breaks = asyncio.Queue()
            if (error := await self._breaks.get()) is not None:
                raise error
        finally:
            self.open -= 1

    def lose(self, error: Exception | None = None) -> None:
        """End the open run with `error`; with None it returns as if it were done."""
        self._breaks.put_nowait(error)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Connector.send`. Answers with the next of `outcomes`."""
        if not self.open:
            raise NotDelivered("not connected")
        self.attempts.append(outgoing)
        outcome = None if outgoing.kind.cosmetic or not self.outcomes else self.outcomes.popleft()
        if isinstance(outcome, SendError):
            raise outcome
        self.sent.append(outgoing)
        self._taken.set()
        return outcome or Receipt(outgoing.target_id if outgoing.kind is SendKind.EDIT else outgoing.key)

    async def took(self, kind: SendKind, count: int = 1, within: float = 10.0) -> None:
        """Return once the platform took `count` calls of this kind in all. Fails after `within` real seconds."""
        async with asyncio.timeout(within):
            while sum(one.kind is kind for one in self.sent) < count:
                self._taken.clear()
                await self._taken.wait()

    async def fetch(self, voice: Voice) -> bytes:
        """See `Connector.fetch`. Gives what `recordings` has."""
        try:
            return self.recordings[voice.reference]
        except KeyError:
            raise ConnectorError("no such file") from None

    async def test(self) -> Mapping[str, str]:
        """See `Connector.test`. Refused while a coming run's failure says that the credentials are."""
        for failure in self.failures:
            if isinstance(failure, CredentialsRefused):
                raise failure
        return {"bot_name": self.bot_name}

    def texts(self, chat_id: str) -> list[str]:
        """What a person sees in the chat now: the bot's messages, oldest first, with their edits applied."""
        shown: dict[str, str] = {}
        for outgoing in self.sent:
            if outgoing.chat_id == chat_id and not outgoing.kind.cosmetic:
                shown[(outgoing.target_id if outgoing.kind is SendKind.EDIT else None) or outgoing.key] = outgoing.text
        return list(shown.values())
