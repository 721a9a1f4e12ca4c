"""Messages flow, the bot is killed and started again; then everybody has been answered, or not."""

import asyncio
import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import yaml

from parachute_core.clock import SystemClock
from parachute_core.store.database import Database
from parachute_core.store.outbox import PARCEL
from parachute_core.testing.crashes.counterparts import CHATS, Counterpart
from parachute_core.testing.crashes.counting import Counts, count
from parachute_core.testing.crashes.process import BotProcess
from parachute_core.testing.crashes.weather import Weather

MOST_OPEN = 8
"""Questions of one chat that wait for an answer at once, far from where the bot asks people to slow down."""
PLUGINS = {
    "ratelimit": {"enabled": False},
    "retry": {"waits": [0.1, 0.2, 0.4], "later": [1.0, 2.0, 3.0]},
    "pairing": {},
    "budget": {"enabled": False},
    "sessionguard": {},
    "strictstate": {},
}


@dataclass(frozen=True, slots=True)
class Trial:
    """How long and how hard."""

    kills: int
    seed: int = 0
    faults: bool = True
    hangs: bool = False
    """Also calls that are never answered: each holds up its chat for as long as the platform's library waits."""
    longest_life: float = 1.5
    """Seconds that a bot lives at most once it is up."""
    patience: float = 60.0
    """Seconds in which everything is answered after the last start."""


class Talk:
    """What was asked, and whether it was answered."""

    def __init__(self, side: Counterpart, dice: random.Random) -> None:
        self.asked: defaultdict[int, list[str]] = defaultdict(list)
        self._open: defaultdict[int, list[str]] = defaultdict(list)
        self._saying: dict[str, asyncio.Task[str]] = {}
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._side = side
        self._dice = dice

    def go_on(self) -> None:
        """Somebody may say something."""
        chat = self._dice.randrange(CHATS)
        if self._dice.random() < 0.5 and self.open(chat) < MOST_OPEN:
            text = f"question {chat}.{len(self.asked[chat])}."
            self.asked[chat].append(text)
            self._open[chat].append(text)
            self._saying[text] = asyncio.create_task(self._say(chat, text))

    def open(self, chat: int) -> int:
        """How many questions of a chat wait for an answer: none that comes before an answered one does, for answers keep their order."""
        read = "\n".join(self._side.read(chat))
        waiting = self._open[chat]
        answered = [number for number, text in enumerate(waiting) if text in read]
        del waiting[: answered[-1] + 1 if answered else 0]
        return len(waiting)

    async def counts(self, journal: Path) -> Counts:
        """What became of it all, the bot being gone."""
        async with Database.open(journal, SystemClock()) as database:
            taken = {row["message_id"] for row in await database.fetch_all("SELECT message_id FROM inbox")}
            given_up = await database.fetch_all("SELECT parcel FROM outbox WHERE state = 'dead' AND parcel IS NOT NULL")
        unheard = {text for text, said in self._saying.items() if await said not in taken}
        dead = {PARCEL.load(row["parcel"]).outgoing.text for row in given_up}
        return count(self.asked, {chat: self._side.read(chat) for chat in range(CHATS)}, unheard, dead)

    @property
    def done(self) -> bool:
        """Whether everything is answered."""
        return not any(self.open(chat) for chat in range(CHATS))

    async def _say(self, chat: int, text: str) -> str:
        async with self._turns[chat]:
            return await self._side.say(chat, text)


async def run_trial(side: Counterpart, trial: Trial, home: Path) -> Counts:
    """Run a trial in a fresh folder; the counterpart is started already."""
    dice, clock = random.Random(trial.seed), SystemClock()  # noqa: S311 - the same in every run
    talk = Talk(side, dice)
    weather = Weather(side.faults, side.sending if trial.faults else "", side.flood, dice, hangs=trial.hangs)
    bot = await _begin(side, home)
    try:
        for _ in range(trial.kills):
            end = clock.monotonic() + dice.uniform(0.05, trial.longest_life)
            while clock.monotonic() < end:
                talk.go_on()
                weather.change()
                await clock.sleep(0.01)
            await bot.kill()
            talk.go_on()
            bot = await _again(side, home, bot)
        weather.clear()
        end = clock.monotonic() + trial.patience
        while clock.monotonic() < end and not talk.done:
            await clock.sleep(0.05)
        await clock.sleep(1.0)  # for what comes twice
    finally:
        await bot.kill()
    counts = await talk.counts(home / "parachute.db")
    counts.kills, counts.faults = trial.kills, weather.met
    return counts


async def _begin(side: Counterpart, home: Path) -> BotProcess:
    _configure(side, home)
    bot = await BotProcess.start(home, 0)
    while not await side.started(bot.url):
        await bot.kill()
        _configure(side, home)
        bot = await _again(side, home, bot, tell=False)
    return bot


async def _again(side: Counterpart, home: Path, before: BotProcess, *, tell: bool = True) -> BotProcess:
    """Start it where it was served before, so that pages find it again."""
    bot = await BotProcess.start(home, int(before.url.rsplit(":", 1)[1]))
    if tell:
        async with asyncio.timeout(30.0):
            await side.started(bot.url)
    return bot


def _configure(side: Counterpart, home: Path) -> None:
    home.mkdir(mode=0o700, exist_ok=True)
    path = home / "bots.yaml"
    path.write_text(yaml.safe_dump({side.name: dict(side.section()), "orchestrator": {"use": "echo"}, "plugins": PLUGINS}, sort_keys=False))
    path.chmod(0o600)
