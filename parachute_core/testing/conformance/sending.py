"""Answers on their way to a platform in trouble: none is lost without a word, none is shown twice."""

from parachute_core.testing.conformance.abilities import Ability, Flow, Trouble
from parachute_core.testing.conformance.counterpart import Counterpart
from parachute_core.testing.conformance.rig import WAITS, whole_bot
from parachute_core.testing.conformance.scenario import Scenario, renamed, scenario
from parachute_core.testing.trials import demand

ACTED = (Trouble.LOST, Trouble.CUT)
"""The platform acted, and the bot cannot know it."""


async def an_answer_in_trouble_is_shown_once_or_told_to_the_owner(counterpart: Counterpart, trouble: Trouble) -> None:
    """Exactly once where the platform recognises a repetition; else never twice, and listed as undelivered."""
    counterpart.hurried = trouble is Trouble.HANG
    async with whole_bot(counterpart) as rig:
        chat = await counterpart.direct(rig.owner)
        fault = counterpart.fault(Flow.SENDING, trouble)
        await counterpart.say(rig.owner, "Hello")
        await rig.until(lambda: fault.met == 1, lambda: "nothing was sent")
        if trouble is Trouble.HANG and rig.traits.idempotent_messages:
            made = counterpart.requests(Flow.SENDING)
            await rig.flows(lambda: counterpart.requests(Flow.SENDING) > made, lambda: "a call that hangs is not given up", step=0.25)
        await rig.settles()
        shown = counterpart.texts(chat)
        if rig.traits.idempotent_messages:
            demand(shown == ["Hello"], f"the platform recognises repetitions, and the chat reads {shown}")
            demand(await rig.undelivered() == [], "what is delivered is listed as undelivered")
        else:
            demand(shown in ([], ["Hello"]), f"the chat reads {shown}")
            demand(shown == ["Hello"] or trouble not in ACTED, "the counterpart did not act")
            demand(bool(shown and trouble not in ACTED) or await rig.undelivered() == ["Ambiguous"], "the owner is not told")
        await counterpart.say(rig.owner, "Again")
        await rig.until(lambda: counterpart.texts(chat) == [*shown, "Again"], lambda: f"the next answer: {counterpart.texts(chat)}")


def _in(trouble: Trouble, *needs: Ability) -> Scenario:
    async def run(counterpart: Counterpart) -> None:
        await an_answer_in_trouble_is_shown_once_or_told_to_the_owner(counterpart, trouble)

    one = Scenario(an_answer_in_trouble_is_shown_once_or_told_to_the_owner.__name__, run, frozenset({Ability.SERVER}), ("retry",))
    return renamed(one, trouble, *needs)


TROUBLES = [
    *(_in(trouble) for trouble in (Trouble.BROKEN, Trouble.RESET, Trouble.LOST, Trouble.CUT)),
    _in(Trouble.HANG, Ability.GIVES_UP_SOON),
]


@scenario(Ability.FLOOD_CONTROL, plugins=["retry"])
async def flood_control_is_waited_for(counterpart: Counterpart) -> None:
    """At least as long as the platform says; then the answer is shown once."""
    async with whole_bot(counterpart) as rig:
        chat = await counterpart.direct(rig.owner)
        fault = counterpart.fault(Flow.SENDING, Trouble.FLOOD, retry_after=7)
        await counterpart.say(rig.owner, "Hello")
        await rig.until(lambda: fault.met == 1, lambda: "nothing was sent")
        await rig.pause(2)
        before = counterpart.requests(Flow.SENDING)
        await rig.clock.advance(6.8)
        await rig.pause(2)
        demand(counterpart.requests(Flow.SENDING) == before, "it was sent again before the platform's time was over")
        await rig.flows(lambda: counterpart.texts(chat), lambda: "the answer never came", step=0.3, most=30.0)
        await rig.quiet()
        await rig.reads(chat, "Hello")
        demand(await rig.undelivered() == [], "a delivered answer is listed as undelivered")


@scenario(Ability.SERVER, plugins=["retry"])
async def a_refused_connection_is_tried_again(counterpart: Counterpart) -> None:
    """Nothing was sent, so the answer may be repeated on every platform."""
    async with whole_bot(counterpart) as rig:
        chat = await counterpart.direct(rig.owner)
        rig.agent.hold("Hello")
        await counterpart.say(rig.owner, "Hello")
        await rig.asked(1)
        await rig.pause(2)
        await counterpart.stop()
        rig.agent.go_on("Hello")
        await rig.until(lambda: rig.clock.sleeps.count(WAITS[0]) >= 1, lambda: "the refused answer is not to be repeated")
        await counterpart.start()
        await rig.flows(lambda: counterpart.texts(chat), lambda: "the answer never came", step=0.25, most=30.0)
        await rig.quiet()
        await rig.reads(chat, "Hello")


@scenario(Ability.SERVER)
async def a_call_that_hangs_holds_up_no_other_chat(counterpart: Counterpart) -> None:
    """Nor the stop of the bot."""
    async with whole_bot(counterpart, allowed=2) as rig:
        first, second = rig.people[:2]
        fault = counterpart.fault(Flow.SENDING, Trouble.HANG)
        await counterpart.say(first, "Hello")
        await rig.until(lambda: fault.met == 1, lambda: "nothing was sent")
        await counterpart.say(second, "And me?")
        await rig.reads(await counterpart.direct(second), "And me?")
        clock, began = rig.clock, rig.clock.monotonic()
    demand(clock.monotonic() - began < 11, f"with a call that hangs the stop took {clock.monotonic() - began:g} s")


@scenario(Ability.BLOCKING)
async def somebody_who_blocked_the_bot_is_left_alone(counterpart: Counterpart) -> None:
    """One try; the others are served."""
    async with whole_bot(counterpart, allowed=2) as rig:
        first, second = rig.people[:2]
        await counterpart.block(first)
        before = counterpart.requests(Flow.SENDING)
        await counterpart.say(first, "Hello")
        await rig.until(lambda: counterpart.requests(Flow.SENDING) > before, lambda: "nothing was sent")
        await rig.settles()
        demand(counterpart.requests(Flow.SENDING) == before + 1, "what is refused for good is sent again")
        demand(await rig.undelivered() == ["Rejected"], f"the owner is told of {await rig.undelivered()}")
        await counterpart.say(second, "And me?")
        await rig.reads(await counterpart.direct(second), "And me?")
