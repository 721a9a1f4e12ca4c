"""A whole bot, all five plugins on, whose connector talks to a counterpart."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from parachute_core.clock import SystemClock
from parachute_core.connectors.catalog import Catalog
from parachute_core.model.traits import Traits
from parachute_core.testing.bot import Factory, Response, RunningBot, running_bot
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.conformance.agent import Agent, Reader
from parachute_core.testing.conformance.counterpart import Counterpart
from parachute_core.testing.trials import demand

FIVE = ("ratelimit", "retry", "pairing", "strictstate", "sessionguard")
WAITS = (1.0, 2.0, 4.0)
"""Seconds between the four tries of a message."""
LATER = (15.0, 60.0)
"""Seconds between the next ones."""
LOOK_EVERY = 0.01
"""Real seconds between two looks at what should happen."""
NOTICE_WITHIN = 0.4
"""Real seconds that a library takes at most to close a connection that it finds dead."""


@dataclass(frozen=True, slots=True)
class Rig:
    """What a scenario works with."""

    counterpart: Counterpart
    bot: RunningBot
    agent: Agent
    people: Sequence[str]
    """The first ten; the owner is the first. How many of them are allowed the scenario said."""

    @property
    def owner(self) -> str:
        """Somebody who is allowed."""
        return self.people[0]

    @property
    def clock(self) -> FakeClock:
        """The bot's time."""
        return self.bot.clock

    @property
    def traits(self) -> Traits:
        """What the connector says of its platform."""
        return self.bot.runtime.outbound.outlet(self.counterpart.platform).traits

    def status(self) -> Mapping[str, Any]:
        """The connector's report."""
        return self.bot.runtime.fleet.status(self.counterpart.platform)

    async def until(self, happened: Callable[[], object], what: Callable[[], object]) -> None:
        """Return once `happened()`, without moving the bot's clock. Fails after some real seconds with `what()`."""
        await until(happened, what, self.counterpart.patience)

    async def flows(self, happened: Callable[[], object], what: Callable[[], object], step: float = 0.5, most: float = 600.0) -> float:
        """Move the bot's clock on, step by step, until `happened()`; returns the seconds that it took. Fails after `most` of them."""
        passed = 0.0
        while not happened():
            demand(passed < most, f"{what()} (after {most:g} s of the bot's time)")
            await self.clock.advance(step)
            await self.pause()
            passed += step
        return passed

    async def reaches(self, state: str) -> None:
        """Return once the connector is in this state, with time passing as long as it is not."""
        await self.flows(lambda: self.status()["status"] == state, lambda: f"not {state}: {dict(self.status())}", step=2.0)

    async def reads(self, chat: str, *texts: str) -> None:
        """Return once the chat shows exactly these messages of the bot."""
        shown = self.counterpart.texts
        await self.until(lambda: shown(chat) == list(texts), lambda: f"the chat reads {_brief(shown(chat))} instead of {_brief(texts)}")

    async def will_read(self, chat: str, *texts: str) -> None:
        """`reads`, with time passing meanwhile."""
        shown = self.counterpart.texts
        await self.flows(lambda: shown(chat) == list(texts), lambda: f"the chat reads {_brief(shown(chat))} instead of {_brief(texts)}")

    async def ends_with(self, chat: str, text: str) -> None:
        """Return once this is the newest message of the bot in the chat."""
        shown = self.counterpart.texts
        await self.until(lambda: shown(chat)[-1:] == [text], lambda: f"the chat reads {_brief(shown(chat))} and not {text!r} at last")

    async def asked(self, count: int) -> None:
        """Return once the agent was asked so many times in all."""
        await self.until(lambda: len(self.agent.turns) >= count, lambda: f"the agent was asked {len(self.agent.turns)} times, not {count}")

    async def pause(self, pauses: float = 1.0) -> None:
        """Give the network a moment, without moving the bot's clock."""
        await SystemClock().sleep(pauses * self.counterpart.pause)

    async def quiet(self) -> None:
        """Return when nothing is judged, answered or said, and the network had a moment to bring more."""
        await self.pause(5)
        await self.bot.settled()

    async def quiet_in_its_pace(self, most: float = 20.0) -> None:
        """`quiet`, with time passing as far as the bot waits for its turn with the platform. Fails after `most` seconds of its time."""
        quiet = asyncio.ensure_future(self.quiet())
        try:
            await asyncio.wait({quiet}, timeout=10 * self.counterpart.pause)
            await self.flows(quiet.done, lambda: "the bot does not come to rest", step=0.25, most=most)
            await quiet
        finally:
            quiet.cancel()

    async def much_later(self, seconds: float) -> None:
        """So much time passes at once; return when the connection that may have suffered from it is there again, and all is quiet."""
        await self.clock.leap(seconds)
        await SystemClock().sleep(NOTICE_WITHIN)
        await self.reaches("running")
        await self.quiet_in_its_pace()

    async def brings_everything(self) -> None:
        """Let time pass until nothing that was said is on its way any more. Fails when something still is after a minute of it."""
        async with self.clock.passing():
            for _ in range(60):
                await self.bot.settled()
                if not await self.undelivered():
                    return
                await self.pause(5)
        raise AssertionError(f"on its way is still {await self.undelivered()}")

    async def settles(self) -> None:
        """Let the bot repeat what it repeats at once; return when it does nothing more by itself for a while."""
        for wait in (0.0, *WAITS):
            await self.clock.advance(wait)
            await self.pause(5)
        await self.quiet_in_its_pace()

    async def undelivered(self) -> list[str]:
        """What the owner is told about messages in trouble that have not arrived: the latest first, each as the class of its error."""
        answer = await self.api("GET", "/status")
        return [str(one["error"]) for one in answer.json["undelivered"]]

    async def api(self, method: str, path: str, json: Any = None) -> Response:
        """Ask the admin API, below `/api/bots`."""
        return await self.bot.request(method, f"/api/bots{path}", json)


@asynccontextmanager
async def whole_bot(
    counterpart: Counterpart,
    *,
    allowed: int = 1,
    plugins: Mapping[str, Mapping[str, object]] | None = None,
    home: Path | None = None,
    state: str | None = "running",
    hears: bool = True,
    extra_plugins: Mapping[str, Factory] | None = None,
    settings: Mapping[str, object] | None = None,
    watch: bool = False,
) -> AsyncIterator[Rig]:
    """Run it; entered once the connector is in `state`, at once for None.

    The first `allowed` people are on the allowlist. `settings` are more keys of the platform's section. `hears`: whether there is
    somebody to write down spoken messages. `watch`: whether what is changed in `bots.yaml` by hand is followed.
    """
    people = await counterpart.people(max(10, allowed))
    section = {"enabled": True, **await counterpart.section(people[:allowed]), **(settings or {})}
    on = {name: dict((plugins or {}).get(name, {})) for name in (*FIVE, *(extra_plugins or {}))}
    config = yaml.safe_dump({counterpart.platform: section, "plugins": on}, sort_keys=False)
    agent = Agent()
    async with running_bot(
        platform=counterpart.platform,
        config=config,
        connectors=Catalog({counterpart.platform: counterpart.connector}),
        orchestrator=agent,
        transcriber=Reader() if hears else None,
        home=home,
        serve=counterpart.serves,
        extra_plugins=extra_plugins,
        watch=watch,
    ) as bot:
        rig = Rig(counterpart, bot, agent, people)
        if state is not None:
            await rig.until(lambda: rig.status()["status"] == state, lambda: f"not {state}: {dict(rig.status())}")
        await counterpart.attached(bot.url if counterpart.serves else "")
        yield rig


async def until(happened: Callable[[], object], what: Callable[[], object], within: float) -> None:
    """Return once `happened()`. Fails after `within` real seconds with `what()`."""
    clock = SystemClock()
    end = clock.monotonic() + within
    while not happened():
        demand(clock.monotonic() < end, f"{what()} (within {within:g} s)")
        await clock.sleep(LOOK_EVERY)


def _brief(texts: Sequence[str]) -> list[str]:
    return [one if len(one) <= 200 else f"{one[:100]}… ({len(one)} characters)" for one in texts]
