"""What is seen of an answer besides its text, and while it is made."""

from parachute_core.engine import texts
from parachute_core.testing.conformance.abilities import Ability, Flow, Trouble
from parachute_core.testing.conformance.counterpart import Counterpart
from parachute_core.testing.conformance.rig import Rig, whole_bot
from parachute_core.testing.conformance.scenario import scenario
from parachute_core.testing.trials import demand


@scenario(Ability.GROUPS)
async def in_a_group_only_what_is_for_the_bot_is_answered(counterpart: Counterpart) -> None:
    """Neither the chatter of members nor that of strangers is."""
    async with whole_bot(counterpart) as rig:
        group = await counterpart.group()
        await counterpart.say(rig.owner, "Nice weather", group)
        await counterpart.say(rig.people[1], "Is it?", group)
        await counterpart.mention(rig.owner, "Hello", group)
        await rig.reads(group, "Hello")
        await rig.quiet()
        await rig.reads(group, "Hello")
        demand(rig.agent.asked == ["Hello"], f"the agent was asked {rig.agent.asked}")
        answer = await rig.api("GET", "/pairing")
        demand(answer.json["requests"] == [], "chatter of a stranger in a group became a pairing request")


@scenario(Ability.ATTACHMENTS)
async def a_picture_alone_is_told_and_makes_no_turn(counterpart: Counterpart) -> None:
    """A caption does."""
    async with whole_bot(counterpart) as rig:
        chat = await counterpart.direct(rig.owner)
        await counterpart.attach(rig.owner)
        await rig.reads(chat, texts.ONLY_TEXT)
        await counterpart.attach(rig.owner, "What is this?")
        await rig.until(lambda: len(counterpart.texts(chat)) == 3, lambda: f"a caption is not answered: {counterpart.texts(chat)}")
        demand(sorted(counterpart.texts(chat)[1:]) == sorted([texts.ONLY_TEXT, "What is this?"]), f"it reads {counterpart.texts(chat)}")
        demand(rig.agent.asked == ["What is this?"], f"the agent was asked {rig.agent.asked}")


@scenario(Ability.VOICE)
async def a_spoken_message_is_answered_where_somebody_hears_it(counterpart: Counterpart) -> None:
    """With what was said as its text."""
    async with whole_bot(counterpart) as rig:
        await counterpart.speak(rig.owner, "Can you hear me?")
        await rig.reads(await counterpart.direct(rig.owner), "Can you hear me?")


@scenario(Ability.VOICE)
async def a_spoken_message_is_told_where_nobody_hears_it(counterpart: Counterpart) -> None:
    """It makes no turn."""
    async with whole_bot(counterpart, hears=False) as rig:
        await counterpart.speak(rig.owner, "Can you hear me?")
        await rig.reads(await counterpart.direct(rig.owner), texts.CANNOT_HEAR)
        demand(rig.agent.turns == [], "a spoken message that nobody heard made a turn")


@scenario(Ability.REPLIES)
async def an_answer_is_shown_as_a_reply_to_its_question(counterpart: Counterpart) -> None:
    """Its first part is, and the other parts are not."""
    async with whole_bot(counterpart, settings={"reply_mode": "always"}) as rig:
        chat = await counterpart.direct(rig.owner)
        rig.agent.hold("Hello")
        questions = [await counterpart.say(rig.owner, "Hello"), await counterpart.say(rig.owner, "Long")]
        rig.agent.answers["Long"] = ("\n\n".join("word " * (rig.traits.max_length // 6) for _ in range(2)),)
        rig.agent.go_on("Hello")
        await rig.until(lambda: len(counterpart.texts(chat)) == 3, lambda: f"{len(counterpart.texts(chat))} of 3 messages came")
        await rig.quiet()
        demand(counterpart.replies(chat) == [*questions, None], f"replies to {counterpart.replies(chat)}, not {[*questions, None]}")


@scenario(Ability.REACTIONS)
async def a_message_that_was_taken_is_marked_until_it_is_answered(counterpart: Counterpart) -> None:
    """Also when its answer fails."""
    async with whole_bot(counterpart, settings={"ack_emoji": "👀"}) as rig:
        chat = await counterpart.direct(rig.owner)
        rig.agent.failing.add("Fail")
        for text in ("Hello", "Fail"):
            rig.agent.hold(text)
            message = await counterpart.say(rig.owner, text)
            await _marked(rig, chat, message)
            rig.agent.go_on(text)
            await _marked(rig, chat)


async def _marked(rig: Rig, chat: str, *messages: str) -> None:
    shown = rig.counterpart.reactions
    await rig.until(lambda: shown(chat) == list(messages), lambda: f"marked are {shown(chat)} instead of {messages}")


@scenario(Ability.TYPING)
async def the_bot_is_shown_typing_for_as_long_as_it_answers(counterpart: Counterpart) -> None:
    """And no longer."""
    async with whole_bot(counterpart) as rig:
        chat = await counterpart.direct(rig.owner)
        rig.agent.hold("Hello")
        await counterpart.say(rig.owner, "Hello")
        await rig.until(lambda: counterpart.typed(chat) >= 1, lambda: "typing is not shown")
        await rig.flows(lambda: counterpart.typed(chat) >= 3, lambda: "typing is not kept up while an answer is made", step=1.0, most=60.0)
        rig.agent.go_on("Hello")
        await rig.reads(chat, "Hello")
        await rig.quiet()
        shown = counterpart.typed(chat)
        await rig.clock.advance(30)
        await rig.quiet()
        demand(counterpart.typed(chat) == shown, "typing is shown after the answer")


@scenario(Ability.STREAMING)
async def an_answer_that_grows_ends_as_one_whole_text(counterpart: Counterpart) -> None:
    """It is seen growing, in one message."""
    async with whole_bot(counterpart) as rig:
        chat = await counterpart.direct(rig.owner)
        rig.agent.answers["What is it?"] = ("The answer ", "is ", "surely ", "42.")
        rig.agent.hold("What is it?")
        await counterpart.say(rig.owner, "What is it?")
        await rig.asked(1)
        for _ in range(3):
            rig.agent.go_on("What is it?")
            await rig.clock.advance((rig.traits.edit_interval or 0.0) + 0.1)
            await rig.pause(2)
        await rig.until(lambda: counterpart.texts(chat), lambda: "the answer is not seen before it is complete")
        seen = counterpart.texts(chat)
        rig.agent.go_on("What is it?")
        await rig.reads(chat, "The answer is surely 42.")
        await rig.quiet()
        await rig.reads(chat, "The answer is surely 42.")
        demand(len(seen) == 1 and "The answer is surely 42.".startswith(seen[0].rstrip(" …")), f"before it was complete it read {seen}")


@scenario(Ability.SERVER)
async def a_part_that_is_refused_leaves_those_before_it_as_they_are(counterpart: Counterpart) -> None:
    """The user reads that the rest is missing, and the owner that it was not delivered."""
    async with whole_bot(counterpart) as rig:
        chat, parts = await counterpart.direct(rig.owner), _parts(rig)
        # A connector may say it once more as plain text; then that is refused too.
        fault = counterpart.fault(Flow.SENDING, Trouble.REFUSED, skip=1, count=1)
        await counterpart.say(rig.owner, "Tell me all")
        await rig.until(lambda: fault.met, lambda: "the second part was not sent")
        await rig.until(lambda: len(counterpart.texts(chat)) == 2, lambda: f"{len(counterpart.texts(chat))} messages came")
        shown = counterpart.texts(chat)
        demand(shown[0].split() == parts[0].split(), "a part that was delivered was changed after a later one failed")
        demand(shown[1] == texts.INCOMPLETE, "the user does not read that the rest is missing")
        demand(await rig.undelivered() == ["Rejected"], f"the owner is told of {await rig.undelivered()}")


@scenario(Ability.FLOOD_CONTROL, plugins=["retry"])
async def a_part_in_trouble_comes_later_and_in_its_place(counterpart: Counterpart) -> None:
    """Also when the platform refuses it for longer than it is repeated at once; what is said next comes behind it."""
    async with whole_bot(counterpart) as rig:
        chat, parts = await counterpart.direct(rig.owner), _parts(rig)
        fault = counterpart.fault(Flow.SENDING, Trouble.FLOOD, skip=1, count=5, retry_after=1)
        await counterpart.say(rig.owner, "Tell me all")
        await rig.flows(lambda: fault.met >= 4, lambda: f"the second part was tried {fault.met} times, not 4")
        await counterpart.say(rig.owner, "And then?")
        await rig.asked(2)
        await rig.flows(lambda: len(counterpart.texts(chat)) >= 3, lambda: f"{len(counterpart.texts(chat))} of 3 messages came")
        await rig.quiet()
        shown = [one.split() for one in counterpart.texts(chat)]
        wanted = [*(one.split() for one in parts), ["And", "then?"]]
        demand(shown == wanted, "the parts are not shown once, in order and before what came next")
        demand(await rig.undelivered() == [], "what is delivered is listed as undelivered")


def _parts(rig: Rig) -> list[str]:
    """The agent's answer to "Tell me all", in the two parts that it must come in."""
    parts = [f"part {number} " + "word " * (rig.traits.max_length // 7) for number in range(2)]
    rig.agent.answers["Tell me all"] = ("\n\n".join(parts),)
    return parts
