"""Answers on their way to a platform in trouble: none is lost without a word, none is shown twice without one."""

from parachute_core.model.outgoing import SENT_AGAIN
from parachute_core.testing.conformance.abilities import Ability, Flow, Trouble
from parachute_core.testing.conformance.counterpart import Counterpart
from parachute_core.testing.conformance.rig import WAITS, whole_bot
from parachute_core.testing.conformance.scenario import TROUBLES, for_each, scenario
from parachute_core.testing.trials import demand

ACTED = (Trouble.LOST, Trouble.CUT)
"""The platform acted, and the bot cannot know it."""
AGAIN = SENT_AGAIN + "Hello"


@for_each(TROUBLES, Ability.SERVER, plugins=["retry"])
async def an_answer_in_trouble_is_shown_once_or_again_with_a_label(counterpart: Counterpart, trouble: Trouble) -> None:
    """Exactly once where the platform recognises a repetition, or where it surely was not delivered; else once more, labelled."""
    counterpart.hurried = trouble is Trouble.HANG
    async with whole_bot(counterpart) as rig:
        chat = await counterpart.direct(rig.owner)
        fault = counterpart.fault(Flow.SENDING, trouble)
        await counterpart.say(rig.owner, "Hello")
        await rig.until(lambda: fault.met == 1, lambda: "nothing was sent")
        if trouble is Trouble.HANG:
            made = counterpart.requests(Flow.SENDING)
            await rig.flows(lambda: counterpart.requests(Flow.SENDING) > made, lambda: "a call that hangs is not given up", step=0.25)
        await rig.settles()
        shown = counterpart.texts(chat)
        if rig.traits.idempotent_messages:
            demand(shown == ["Hello"], f"the platform recognises repetitions, and the chat reads {shown}")
        elif trouble in ACTED:
            demand(shown == ["Hello", AGAIN], f"the message was there and may not have been, and the chat reads {shown}")
        else:
            demand(shown in (["Hello"], [AGAIN]), f"the chat reads {shown}")
        demand(await rig.undelivered() == [], "what is delivered is listed as undelivered")
        await counterpart.say(rig.owner, "Again")
        await rig.until(lambda: counterpart.texts(chat) == [*shown, "Again"], lambda: f"the next answer: {counterpart.texts(chat)}")


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
    """At most until it is given up, where the library lets calls wait for each other; nor does it hold up the stop of the bot."""
    async with whole_bot(counterpart, allowed=2) as rig:
        first, second = rig.people[:2]
        fault = counterpart.fault(Flow.SENDING, Trouble.HANG)
        await counterpart.say(first, "Hello")
        await rig.until(lambda: fault.met == 1, lambda: "nothing was sent")
        await counterpart.say(second, "And me?")
        await rig.reads(await counterpart.direct(second), "And me?")
        clock, began = rig.clock, rig.clock.monotonic()
    demand(clock.monotonic() - began < 11, f"with a call that hangs the stop took {clock.monotonic() - began:g} s")


@scenario(Ability.SERVER)
async def an_answer_that_is_refused_is_told_to_the_owner(counterpart: Counterpart) -> None:
    """It is not sent again; the next answer arrives."""
    async with whole_bot(counterpart) as rig:
        chat = await counterpart.direct(rig.owner)
        fault = counterpart.fault(Flow.SENDING, Trouble.REFUSED, count=None)
        await counterpart.say(rig.owner, "Hello")
        await rig.until(lambda: fault.met, lambda: "nothing was sent")
        await rig.settles()
        made = counterpart.requests(Flow.SENDING)
        await rig.much_later(7200)
        demand(counterpart.requests(Flow.SENDING) == made, "what was refused for good is sent again later")
        demand(made <= 2, f"what is refused for good was sent {made} times")  # twice: once as plain text
        demand(await rig.undelivered() == ["Rejected"], f"the owner is told of {await rig.undelivered()}")
        counterpart.heal()
        await counterpart.say(rig.owner, "Again")
        await rig.will_read(chat, "Again")


@scenario(Ability.BLOCKING)
async def who_blocked_the_bot_gets_what_waits_on_writing_again(counterpart: Counterpart) -> None:
    """Until then: one try, and the others are served."""
    async with whole_bot(counterpart, allowed=2) as rig:
        first, second = rig.people[:2]
        chat = await counterpart.direct(first)
        rig.agent.hold("Hello")
        await counterpart.say(first, "Hello")
        await rig.asked(1)
        await counterpart.block(first)
        before = counterpart.requests(Flow.SENDING)
        rig.agent.go_on("Hello")
        await rig.until(lambda: counterpart.requests(Flow.SENDING) > before, lambda: "nothing was sent")
        await rig.settles()
        await rig.much_later(7200)
        demand(counterpart.requests(Flow.SENDING) == before + 1, "somebody who blocked the bot is sent more than one message")
        demand(await rig.undelivered() == ["Unreachable"], f"the owner is told of {await rig.undelivered()}")
        await counterpart.say(second, "And me?")
        await rig.will_read(await counterpart.direct(second), "And me?")
        await counterpart.unblock(first)
        await rig.much_later(7200)
        demand(counterpart.texts(chat) == [], "somebody who wrote nothing since is sent something")
        await counterpart.say(first, "I am back")
        await rig.will_read(chat, "Hello", "I am back")
        await rig.quiet()
        demand(await rig.undelivered() == [], "what is delivered is listed as undelivered")
