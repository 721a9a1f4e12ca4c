"""Restarts and crashes: what was taken is answered, what was answered arrives."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from parachute_core.model.outgoing import SENT_AGAIN
from parachute_core.testing.conformance.abilities import Ability, Flow, Trouble
from parachute_core.testing.conformance.counterpart import Counterpart
from parachute_core.testing.conformance.rig import whole_bot
from parachute_core.testing.conformance.scenario import scenario
from parachute_core.testing.trials import demand


@scenario(Ability.FLOOD_CONTROL, plugins=("retry",))
async def what_was_not_delivered_before_a_restart_is_delivered_after_it(counterpart: Counterpart) -> None:
    """Once, in order, and without another turn."""
    said = ["one", "two", "three"]
    with tempfile.TemporaryDirectory() as folder:
        async with whole_bot(counterpart, home=Path(folder)) as rig:
            chat = await counterpart.direct(rig.owner)
            fault = counterpart.fault(Flow.SENDING, Trouble.FLOOD, count=None, retry_after=1)
            for text in said:
                await counterpart.say(rig.owner, text)
            await rig.flows(lambda: fault.met >= 4, lambda: f"it was tried {fault.met} times")
            await rig.until(lambda: rig.agent.finished == said, lambda: f"the agent was asked {rig.agent.asked}")
            await rig.quiet()
        counterpart.heal()
        demand(counterpart.texts(chat) == [], f"before the restart: {counterpart.texts(chat)}")
        async with whole_bot(counterpart, home=Path(folder)) as rig:
            await rig.flows(lambda: len(counterpart.texts(chat)) >= len(said), lambda: f"after the restart: {counterpart.texts(chat)}")
            await rig.quiet()
            await rig.reads(chat, *said)
            demand(rig.agent.turns == [], f"what was answered is answered anew: {rig.agent.asked}")
            demand(await rig.undelivered() == [], "what is delivered is listed as undelivered")


@scenario()
async def a_message_whose_answer_a_crash_cut_off_is_answered(counterpart: Counterpart) -> None:
    """At the next start, from what was on the disk when the bot died."""
    async with _crashed() as crash:
        async with whole_bot(counterpart, allowed=2, home=crash.home) as rig:
            people = rig.people[:2]
            chats = [await counterpart.direct(one) for one in people]
            for person in people:
                rig.agent.hold(person)
                await counterpart.say(person, person)
            await rig.asked(2)
            crash.now()
        before = [counterpart.texts(one) for one in chats]
        async with whole_bot(counterpart, allowed=2, home=crash.left) as rig:
            for person, chat, shown in zip(people, chats, before, strict=True):
                await counterpart.direct(person)
                await rig.will_read(chat, *shown, person)
            await rig.quiet()
            demand(sorted(rig.agent.asked) == sorted(people), f"the agent was asked {rig.agent.asked}")


@scenario(Ability.SERVER)
async def an_answer_that_a_crash_met_on_its_way_arrives(counterpart: Counterpart) -> None:
    """Once where the platform recognises a repetition; else with a label, since it may be there already."""
    async with _crashed() as crash:
        async with whole_bot(counterpart, home=crash.home) as rig:
            chat = await counterpart.direct(rig.owner)
            fault = counterpart.fault(Flow.SENDING, Trouble.HANG)
            await counterpart.say(rig.owner, "Hello")
            await rig.until(lambda: fault.met, lambda: "nothing was sent")
            crash.now()
        counterpart.heal()
        async with whole_bot(counterpart, home=crash.left) as rig:
            wanted = "Hello" if rig.traits.idempotent_messages else SENT_AGAIN + "Hello"
            await rig.flows(lambda: counterpart.texts(chat), lambda: "the answer never came")
            await rig.quiet()
            await rig.reads(chat, wanted)
            demand(rig.agent.turns == [], f"what was answered is answered anew: {rig.agent.asked}")


class Crash:
    """A home folder, and a copy of it as it was at one moment: what a bot that dies then leaves behind."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.left = folder / "left"

    def now(self) -> None:
        """This is the moment. The bot itself goes on, for nothing."""
        shutil.copytree(self.home, self.left)


@asynccontextmanager
async def _crashed() -> AsyncIterator[Crash]:
    with tempfile.TemporaryDirectory() as folder:
        yield Crash(Path(folder))
