"""Messages and their answers, while nothing goes wrong."""

from parachute_core.engine import texts
from parachute_core.testing.conformance.abilities import Ability, Oddity
from parachute_core.testing.conformance.counterpart import Counterpart
from parachute_core.testing.conformance.rig import Rig, whole_bot
from parachute_core.testing.conformance.scenario import for_each, scenario
from parachute_core.testing.trials import demand

UNLIMITED = {"ratelimit": {"limit": 10_000}}


@scenario()
async def a_message_is_answered_once(counterpart: Counterpart) -> None:
    """Also when time passes after it."""
    async with whole_bot(counterpart) as rig:
        chat = await counterpart.direct(rig.owner)
        await counterpart.say(rig.owner, "Hello")
        await rig.reads(chat, "Hello")
        await rig.quiet()
        await rig.clock.advance(30)
        await rig.quiet()
        await rig.reads(chat, "Hello")
        demand(rig.agent.asked == ["Hello"], f"one message made {len(rig.agent.turns)} turns")
        demand(await rig.undelivered() == [], "a delivered answer is listed as undelivered")


@scenario()
async def a_chat_is_answered_in_order(counterpart: Counterpart) -> None:
    """However fast its messages come."""
    said = [f"number {number}" for number in range(8)]
    async with whole_bot(counterpart) as rig:
        for text in said:
            await counterpart.say(rig.owner, text)
        await rig.reads(await counterpart.direct(rig.owner), *said)


@scenario()
async def a_chat_that_waits_holds_up_no_other(counterpart: Counterpart) -> None:
    """Nor the commands in itself."""
    async with whole_bot(counterpart, allowed=2) as rig:
        first, second = [await counterpart.direct(one) for one in rig.people[:2]]
        rig.agent.hold("think long")
        await counterpart.say(rig.people[0], "think long")
        await rig.asked(1)
        await counterpart.say(rig.people[1], "quick")
        await rig.reads(second, "quick")
        await counterpart.say(rig.people[0], "/help")
        await rig.until(lambda: len(counterpart.texts(first)) == 1, lambda: "a command waits for an answer that is being made")
        rig.agent.go_on("think long")
        await rig.until(lambda: counterpart.texts(first)[-1:] == ["think long"], lambda: "the answer that was held never came")


@scenario()
async def a_long_answer_comes_in_parts(counterpart: Counterpart) -> None:
    """In order, complete, and none longer than the platform takes."""
    async with whole_bot(counterpart) as rig:
        limit, measure = rig.traits.max_length, rig.traits.measure
        answer = "\n\n".join(f"{number}. " + "word 😀 " * (limit // 30) for number in range(16))
        rig.agent.answers["Tell me all"] = (answer,)
        chat = await counterpart.direct(rig.owner)
        await counterpart.say(rig.owner, "Tell me all")
        wanted = "".join(answer.split())

        def shown() -> str:
            return "".join("".join(counterpart.texts(chat)).split())

        await rig.until(lambda: len(shown()) >= len(wanted), lambda: f"{len(shown())} of {len(wanted)} characters came")
        await rig.quiet()
        parts = counterpart.texts(chat)
        demand(shown() == wanted, "the parts are not the answer, in order and once")
        demand(len(parts) > 1, "an answer above the limit came in one part")
        demand(all(measure(part) <= limit for part in parts), f"a part is longer than {limit}")


@scenario()
async def the_agents_failure_is_one_sentence(counterpart: Counterpart) -> None:
    """And not silence; the next question is answered."""
    async with whole_bot(counterpart) as rig:
        rig.agent.failing.add("Fail")
        chat = await counterpart.direct(rig.owner)
        await counterpart.say(rig.owner, "Fail")
        await rig.until(lambda: len(counterpart.texts(chat)) == 1, lambda: "nothing is said when the agent fails")
        await counterpart.say(rig.owner, "Again")
        await rig.until(lambda: counterpart.texts(chat)[1:] == ["Again"], lambda: f"after a failure: {counterpart.texts(chat)}")


@scenario()
async def commands_are_answered(counterpart: Counterpart) -> None:
    """`/start`, `/help`, `/status` and `/new`, without the agent."""
    async with whole_bot(counterpart) as rig:
        chat = await counterpart.direct(rig.owner)
        await counterpart.say(rig.owner, "/start")
        await rig.reads(chat, texts.HELP)
        await counterpart.say(rig.owner, "/help")
        await rig.reads(chat, texts.HELP, texts.HELP)
        await counterpart.say(rig.owner, "Hello")
        await rig.reads(chat, texts.HELP, texts.HELP, "Hello")
        await counterpart.say(rig.owner, "/status")
        await rig.until(lambda: "session is open" in counterpart.texts(chat)[-1], lambda: f"/status: {counterpart.texts(chat)}")
        await counterpart.say(rig.owner, "/new")
        await rig.ends_with(chat, texts.NEW_SESSION)
        await counterpart.say(rig.owner, "Hello again")
        await rig.ends_with(chat, "Hello again")
        first, second = rig.agent.turns
        demand(first.session_id != second.session_id, "/new goes on in the old session")
        demand(second.history == (), "/new gives the agent the old session's history")


@scenario(Ability.INTERACTIONS)
async def the_platforms_own_commands_are_answered(counterpart: Counterpart) -> None:
    """The same way as those that are typed."""
    async with whole_bot(counterpart) as rig:
        chat = await counterpart.direct(rig.owner)
        await counterpart.command(rig.owner, "/help")
        await rig.reads(chat, texts.HELP)
        await counterpart.command(rig.owner, "What now?")
        await rig.reads(chat, texts.HELP, "What now?")
        await counterpart.command(rig.owner, "/new")
        await rig.reads(chat, texts.HELP, "What now?", texts.NEW_SESSION)
        demand(rig.agent.asked == ["What now?"], f"the agent was asked {rig.agent.asked}")


@scenario(Ability.EDITS)
async def an_edited_message_makes_no_second_turn(counterpart: Counterpart) -> None:
    """Neither while it is answered nor after."""
    async with whole_bot(counterpart) as rig:
        chat = await counterpart.direct(rig.owner)
        rig.agent.hold("Hello")
        message = await counterpart.say(rig.owner, "Hello")
        await rig.asked(1)
        await counterpart.edit(rig.owner, message, "Hello!", chat)
        rig.agent.go_on("Hello")
        await rig.reads(chat, "Hello")
        await counterpart.edit(rig.owner, message, "Hello!!", chat)
        await _marker(rig, "Next")
        demand(rig.agent.asked == ["Hello", "Next"], f"the agent was asked {rig.agent.asked}")


@scenario(Ability.BOTS)
async def other_bots_are_not_answered(counterpart: Counterpart) -> None:
    """Else two bots would talk to each other for ever."""
    async with whole_bot(counterpart) as rig:
        chat = await counterpart.direct(rig.owner)
        await counterpart.bot_says("Buy something", chat)
        await _marker(rig, "Next")
        demand(rig.agent.asked == ["Next"], f"the agent was asked {rig.agent.asked}")
        await rig.reads(chat, "Next")


@scenario(Ability.REPEATS)
async def a_message_that_is_delivered_twice_is_answered_once(counterpart: Counterpart) -> None:
    """Both while it is answered and after."""
    async with whole_bot(counterpart) as rig:
        rig.agent.hold("Hello")
        await counterpart.say(rig.owner, "Hello")
        await rig.asked(1)
        await counterpart.repeat()
        rig.agent.go_on("Hello", pieces=2)
        chat = await counterpart.direct(rig.owner)
        await rig.reads(chat, "Hello")
        await counterpart.repeat()
        await _marker(rig, "Next")
        await rig.reads(chat, "Hello", "Next")


@for_each(dict.fromkeys(Oddity, frozenset()))
async def odd_events_cost_nobody_anything(counterpart: Counterpart, oddity: Oddity) -> None:
    """The bot lives on, and the next message is answered."""
    async with whole_bot(counterpart, allowed=2) as rig, rig.clock.passing():  # a huge message has a huge answer, in the platform's pace
        await counterpart.disturb(oddity, rig.people[1])
        await _marker(rig, "Next")
        await counterpart.disturb(oddity, rig.people[1])
        chat = await counterpart.direct(rig.owner)
        await counterpart.say(rig.owner, "And on")
        await rig.reads(chat, "Next", "And on")
        demand(rig.status()["status"] == "running", f"an odd event ended the connection: {dict(rig.status())}")
        await rig.quiet()


async def _marker(rig: Rig, text: str) -> None:
    """Something that is answered after all that was said before has been looked at."""
    chat = await rig.counterpart.direct(rig.owner)
    await rig.counterpart.say(rig.owner, text)
    await rig.until(lambda: text in rig.counterpart.texts(chat), lambda: f"{text!r} is not answered: {rig.counterpart.texts(chat)}")
    await rig.quiet()


@scenario(Ability.MISSED, Ability.SERVER)
async def what_was_written_during_an_outage_is_answered(counterpart: Counterpart) -> None:
    """In order, once."""
    async with whole_bot(counterpart) as rig:
        chat = await counterpart.direct(rig.owner)
        await _marker(rig, "Before")
        await counterpart.stop()
        await rig.until(lambda: rig.status()["status"] == "reconnecting", lambda: f"the outage is not noticed: {dict(rig.status())}")
        for text in ("Meanwhile", "And then"):
            await counterpart.say(rig.owner, text)
        await counterpart.start()
        await rig.flows(lambda: len(counterpart.texts(chat)) >= 3, lambda: f"after the outage: {counterpart.texts(chat)}")
        await rig.quiet()
        await rig.reads(chat, "Before", "Meanwhile", "And then")


@scenario()
async def a_crowd_is_answered_once_and_in_order(counterpart: Counterpart) -> None:
    """Five messages of each (of 200 people, unless the counterpart says otherwise), all at once."""
    crowd = counterpart.crowd
    async with whole_bot(counterpart, allowed=crowd, plugins=UNLIMITED, settings={"ack_emoji": ""}) as rig:
        people = (await counterpart.people(crowd))[:crowd]
        chats = {person: await counterpart.direct(person) for person in people}
        for number in range(5):
            for person in people:
                await counterpart.say(person, f"{person}, {number}")
        async with rig.clock.passing():  # in the pace that the platform bears
            for count in range(crowd // 2, crowd * 5 + 1, crowd // 2):  # half of them in each span of patience
                await rig.asked(count)
        await rig.brings_everything()
        for person, chat in chats.items():
            shown = counterpart.texts(chat)
            demand(shown == [f"{person}, {number}" for number in range(5)], f"a chat of {crowd} reads {shown}")
