"""A bot's life, made of dice: messages, faults, fences, restarts and kills; and what must be true at its end."""

import asyncio
import itertools
import random
import re
import shutil
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from parachute_core.model.errors import ConnectionLost
from parachute_core.model.message import ChatRef
from parachute_core.model.outgoing import SENT_AGAIN
from parachute_core.model.traits import Traits
from parachute_core.model.turn import Done, TextDelta, Turn, TurnEvent
from parachute_core.testing import FakeClock, RunningBot, running_bot
from parachute_core.testing.scripted import Fate, ScriptedConnector, ScriptedPlatform

T = TypeVar("T")
USERS = ("1", "2", "3")
TOKEN = re.compile(r"ask-\d+")
FAULTS = ("INSERT ON inbox", "INSERT ON outbox", "UPDATE ON outbox", "UPDATE ON inbox", "INSERT ON history", "INSERT ON sessions")
PATIENCE = 20.0
"""Real seconds."""


class Agent:
    """Repeats the question, at once or after a while, in one go or word by word."""

    def __init__(self, clock: FakeClock, dice: random.Random) -> None:
        self._clock = clock
        self._dice = dice

    async def answer(self, turn: Turn) -> AsyncGenerator[TurnEvent, None]:
        words = turn.text.split(" ")
        pause = self._dice.choice((0.0, 0.0, 0.0, 1.0, 4.0, 20.0))
        for number, word in enumerate(words):
            if pause:
                await self._clock.sleep(pause / len(words))
            yield TextDelta(word if number == 0 else " " + word)
        yield Done()


@dataclass
class Said:
    """A message of a person."""

    token: str
    user: str
    text: str
    certain: bool
    """Nothing was in the way of an answer when it was taken over."""


@dataclass
class Life:
    """One history."""

    dice: random.Random
    platform: ScriptedPlatform
    folder: Path
    log: list[str] = field(default_factory=list)
    """What happened, for whoever has to find out why."""
    taken: dict[str, Said] = field(default_factory=dict)
    """What the platform was told was taken."""
    refused: list[Said] = field(default_factory=list)
    """What was not, so that it is delivered again."""
    allowed: set[str] = field(default_factory=lambda: set(USERS))
    fenced: list[tuple[int, set[str], str]] = field(default_factory=list)
    """Number of calls at the end of a fence, the tokens or sessions that it concerns, and what it was."""
    killed: bool = False
    starts: int = 0
    bot: RunningBot = field(init=False)
    agent_clock: FakeClock = field(default_factory=FakeClock)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    background: "list[asyncio.Task[None]]" = field(default_factory=list)
    faulty: bool = False

    @property
    def home(self) -> Path:
        return self.folder / f"home{self.starts}"

    async def run(self, steps: int) -> None:
        await self.start()
        try:
            for _ in range(steps):
                await self.step()
            await self.heal()
            await self.examine()
        finally:
            await self.within(self.stack.aclose())

    async def start(self) -> None:
        clock = self.agent_clock
        connector = ScriptedConnector(self.platform)
        self.stack = AsyncExitStack()
        self.bot = await self.stack.enter_async_context(
            running_bot(
                ["retry", "pairing", "sessionguard"],
                allowed=USERS,
                connector=connector,
                orchestrator=Agent(clock, self.dice),
                clock=clock,
                home=self.home,
            )
        )

    async def step(self) -> None:
        events = {
            self.say: 30,
            self.wait: 20,
            self.weather: 12,
            self.again: 8,
            self.say_twice: 5,
            self.kill: 5,
            self.fault: 4,
            self.revoke: 4,
            self.archive: 4,
            self.new: 3,
            self.jump: 3,
            self.restart: 3,
            self.reconnect: 3,
        }
        what = self.dice.choices(list(events), list(events.values()))[0]
        self.log.append(what.__name__)
        await what()
        for _ in range(self.dice.randrange(30)):
            await asyncio.sleep(0)

    # What may happen.

    async def say(self) -> None:
        user = self.dice.choice(USERS)
        token = f"ask-{next(self.numbers)}"
        text = f"{token} said" if self.dice.random() < 0.7 else f"{token} first {'x' * 30}\n\n{token} second {'y' * 30}"
        await self.deliver(Said(token, user, text, certain=False))

    async def say_twice(self) -> None:
        said = Said(f"ask-{next(self.numbers)}", self.dice.choice(USERS), "", certain=False)
        said.text = f"{said.token} said twice"
        await asyncio.gather(self.deliver(said), self.deliver(said))

    async def again(self) -> None:
        """The platform delivers once more what it may deliver once more."""
        refused, self.refused = self.refused, []
        known = list(self.taken.values())
        for said in [*refused, *(self.dice.sample(known, min(2, len(known))))]:
            await self.deliver(said)

    async def deliver(self, said: Said) -> None:
        session = await self.bot.runtime.sessions.current(ChatRef("telegram", said.user))
        certain = said.user in self.allowed and not (session is not None and session.archived) and not self.background
        saying = asyncio.create_task(self.bot.say(said.text, said.user, message_id=said.token))
        if self.dice.random() < 0.1:
            for _ in range(self.dice.randrange(40)):
                await asyncio.sleep(0)
            saying.cancel()
        try:
            await self.within(saying)
        except (ConnectionLost, asyncio.CancelledError):
            if said.token not in self.taken:
                self.refused.append(said)
            return
        if said.token not in self.taken:
            said.certain = certain
            self.taken[said.token] = said

    async def wait(self) -> None:
        await self.pass_time(self.dice.choice((0.5, 2.0, 10.0, 70.0, 400.0)))

    async def weather(self) -> None:
        kinds, weights = zip(*WEATHER[self.dice.randrange(len(WEATHER))].items(), strict=True)
        dice = self.dice
        self.platform.fate = lambda _outgoing: dice.choices(kinds, weights)[0]

    async def fault(self) -> None:
        if self.faulty:
            await self.mend()
            return
        self.faulty = True
        event = self.dice.choice(FAULTS)
        self.log.append(event)
        await self.sql(f"CREATE TRIGGER fault BEFORE {event} BEGIN SELECT RAISE(ABORT, 'disk full'); END")

    async def mend(self) -> None:
        self.faulty = False
        await self.sql("DROP TRIGGER IF EXISTS fault")

    async def revoke(self) -> None:
        user = self.dice.choice(USERS)
        if user not in self.allowed:
            await self.within(self.bot.runtime.access.allow("telegram", user, None))
            self.allowed.add(user)
            return
        if self.faulty:
            return
        before = {one.token for one in self.taken.values() if one.user == user}
        self.allowed.discard(user)
        await self.within(self.bot.runtime.access.revoke("telegram", user))
        self.fenced.append((len(self.platform.calls), before, f"revoked {user}"))

    async def archive(self) -> None:
        session = await self.bot.runtime.sessions.current(ChatRef("telegram", self.dice.choice(USERS)))
        if session is None or session.archived or self.faulty:
            return
        await self.within(self.bot.runtime.fences.archive(session.id))
        self.fenced.append((len(self.platform.calls), {session.id}, "archived"))

    async def new(self) -> None:
        user = self.dice.choice(USERS)
        if self.faulty:  # what ends a turn waits for the store
            return
        with suppress(ConnectionLost):
            await self.within(self.bot.say("/new", user, message_id=f"new{next(self.numbers)}"))

    async def jump(self) -> None:
        self.bot.clock.jump_wall(self.dice.choice((-7200.0, -30.0, 30.0, 7200.0)))

    async def reconnect(self) -> None:
        await self.within(self.bot.runtime.fleet.stop("telegram"))
        await self.pass_time(self.dice.choice((0.0, 5.0, 100.0)))
        await self.within(self.bot.runtime.fleet.start("telegram"))
        await self.pass_time(0.0)

    async def restart(self) -> None:
        await self.mend()
        await self.within(self.stack.aclose())
        self.agent_clock = FakeClock(self.bot.clock.now())
        await self.start()

    async def kill(self) -> None:
        """What is committed stays, and nothing else: the next bot starts from a copy of the database as it is at this moment."""
        self.killed = True
        connector = self.bot.connector
        assert isinstance(connector, ScriptedConnector)
        connector.dead = True
        before = self.home
        self.starts += 1
        self.home.mkdir(mode=0o700)
        for name in ("bots.yaml", "admin-key"):
            shutil.copy(before / name, self.home / name)
        with closing(sqlite3.connect(before / "parachute.db")) as old, closing(sqlite3.connect(self.home / "parachute.db")) as copy:
            old.backup(copy)
        with closing(sqlite3.connect(self.home / "parachute.db")) as copy:
            copy.execute("DROP TRIGGER IF EXISTS fault")
        await self.mend()
        await self.within(self.stack.aclose())
        self.agent_clock = FakeClock(self.bot.clock.now())
        await self.start()

    # Its end.

    async def heal(self) -> None:
        await self.mend()
        self.platform.fate = lambda _: Fate.DELIVERED
        for _ in range(20):
            await self.again()
            if not self.refused:
                break
        for user in USERS:  # a chat that took nothing takes something again once it writes
            await self.within(self.bot.say("/help", user, message_id=f"help{next(self.numbers)}"))
        for _ in range(4):
            await self.pass_time(3700.0)

    async def examine(self) -> None:
        """Everything that was promised."""
        inbox = {row["message_id"]: row for row in await self.rows("SELECT * FROM inbox")}
        outbox = await self.rows("SELECT * FROM outbox ORDER BY id")
        assert {row["state"] for row in outbox} <= {"sent", "dead", "discarded"}
        assert {row["state"] for row in inbox.values()} <= {"settled", "aside"}
        assert all(row["reason"] for row in outbox if row["state"] in ("dead", "discarded"))
        assert all(row["reason"] for row in inbox.values() if row["state"] == "aside")
        for said in self.taken.values():
            self.is_answered(said, inbox.get(said.token), outbox)
        for user in USERS:
            self.is_in_order(user, inbox)
            self.is_single(user)
        self.no_call_after_a_fence()

    def is_answered(self, said: Said, row: Any, outbox: list[Any]) -> None:
        if row is None or row["state"] == "aside":
            assert row is not None or not said.certain, f"{said} left no trace"
            return
        answers = [one for one in outbox if one["inbox"] == row["number"] and one["last"]]
        assert answers or not said.certain, f"{said} was settled without an answer"
        if answers and answers[-1]["state"] == "sent":
            shown = self.platform.texts(said.user)
            read = any(said.token in TOKEN.findall(one) for one in shown)
            assert read or any(one.startswith(("Sorry", "My answer")) for one in shown), f"{said} is said to be sent, and nobody read it"

    def is_in_order(self, user: str, inbox: dict[str, Any]) -> None:
        seen = list(dict.fromkeys(token for text in self.platform.texts(user) for token in TOKEN.findall(text)))
        numbers = [inbox[token]["number"] for token in seen]
        assert numbers == sorted(numbers), f"out of order in {user}: {seen}"

    def is_single(self, user: str) -> None:
        texts = [one for one in self.platform.texts(user) if TOKEN.search(one)]
        labelled = [one for one in texts if one.startswith(SENT_AGAIN)]
        plain = [one for one in texts if not one.startswith(SENT_AGAIN)]
        assert len(plain) == len(set(plain)), f"doubled without a label in {user}: {texts}"
        if self.platform.traits.idempotent_messages:
            assert not labelled
        elif not self.killed:
            assert len(labelled) <= len(self.platform.doubtful), f"labelled without a doubt in {user}: {texts}"

    def no_call_after_a_fence(self) -> None:
        for count, concerned, what in self.fenced:
            for call in self.platform.calls[count:]:
                assert call.session_id not in concerned, f"{what}, and {call} was made"
                assert not concerned & set(TOKEN.findall(call.text)), f"{what}, and {call} was made"

    # How.

    async def rows(self, sql: str) -> list[Any]:
        return list(await self.bot.runtime.store.fetch_all(sql))

    async def sql(self, statement: str) -> None:
        async with self.bot.runtime.store.transaction() as transaction:
            await transaction.execute(statement)

    async def pass_time(self, seconds: float) -> None:
        await asyncio.sleep(0.002)
        await self.bot.clock.advance(seconds)
        await self.settle(at_most=40)

    async def settle(self, at_most: int) -> None:
        for _ in range(at_most):
            await asyncio.sleep(0.001)
            await self.bot.clock.advance(0.2)

    async def within(self, work: "Coroutine[Any, Any, T] | asyncio.Task[T]") -> T:
        """Await something while time passes. Fails when it takes too many real seconds."""
        task = asyncio.ensure_future(work)
        async with asyncio.timeout(PATIENCE):
            while not task.done():
                await asyncio.wait({task}, timeout=0.002)
                if not task.done():
                    await self.bot.clock.advance(0.5)
        return await task


WEATHER: tuple[dict[Fate, int], ...] = (
    {Fate.DELIVERED: 1},
    {Fate.DELIVERED: 1},
    {Fate.DELIVERED: 6, Fate.REFUSED: 2, Fate.ANSWER_LOST: 1, Fate.UNKNOWN: 1},
    {Fate.DELIVERED: 3, Fate.REFUSED: 1, Fate.LATER: 1, Fate.ANSWER_LOST: 2, Fate.UNKNOWN: 2, Fate.BLOCKED: 1, Fate.REJECTED: 1},
    {Fate.REFUSED: 1},
    {Fate.ANSWER_LOST: 1, Fate.REFUSED: 1},
    {Fate.UNKNOWN: 1},
)

PLATFORMS = {
    "plain": Traits(max_length=60),
    "recognising": Traits(max_length=60, idempotent_messages=True),
    "growing": Traits(max_length=60, edit_interval=0.5),
    "growing and recognising": Traits(max_length=60, edit_interval=0.5, idempotent_messages=True),
}


@asynccontextmanager
async def life(seed: int, traits: Traits, folder: Path) -> AsyncIterator[Life]:
    """A history that can be run; what happened in it is told when something is not as it should be."""
    one = Life(random.Random(seed), ScriptedPlatform(traits), folder)
    try:
        yield one
    except (AssertionError, TimeoutError) as error:
        error.add_note(f"history of seed {seed}: {' '.join(one.log)}")
        raise
