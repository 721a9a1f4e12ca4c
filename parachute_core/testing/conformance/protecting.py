"""The five plugins, on every way by which a message enters: a protection that one way of one platform lacks is a failure here."""

import tempfile
from pathlib import Path

from parachute_core import hookimpl
from parachute_core.model.status import StatusChange
from parachute_core.testing.conformance.abilities import Ability, Flow, Trouble
from parachute_core.testing.conformance.counterpart import Counterpart
from parachute_core.testing.conformance.rig import LATER, WAITS, Rig, whole_bot
from parachute_core.testing.conformance.scenario import scenario
from parachute_core.testing.conformance.ways import Way, on_every_way
from parachute_core.testing.trials import demand

ENDED = "Your session has ended — start a new one with /new"
LIMIT = 10


@on_every_way(plugins=("ratelimit",))
async def the_eleventh_message_of_a_minute_is_refused(counterpart: Counterpart, way: Way) -> None:
    """With one sentence, then silently; after the minute it goes on. Others are served."""
    async with whole_bot(counterpart, allowed=2) as rig:
        chat = await way.chat(rig, rig.owner)
        for number in range(LIMIT + 2):
            await way.say(counterpart, rig.owner, f"number {number}", chat)
            if way.aside:
                await rig.quiet_in_its_pace()  # of many remarks that wait at once some are left out
        wanted = LIMIT * (1 + way.aside) + 1
        await rig.until(lambda: len(counterpart.texts(chat)) >= wanted, lambda: f"{len(counterpart.texts(chat))} of {wanted} came")
        await rig.quiet_in_its_pace()
        demand(rig.agent.asked == [f"number {one}" for one in range(LIMIT)], f"the agent was asked {rig.agent.asked}")
        demand(len(counterpart.texts(chat)) == wanted, f"{len(counterpart.texts(chat))} messages came, not {wanted}")
        other = await counterpart.direct(rig.people[1])
        await counterpart.say(rig.people[1], "And me?")
        await rig.reads(other, "And me?")
        await rig.clock.advance(61)
        await way.say(counterpart, rig.owner, "later", chat)
        await rig.until(lambda: "later" in counterpart.texts(chat), lambda: "after the minute nothing is answered")


@scenario(plugins=("ratelimit",))
async def a_flood_in_one_chat_costs_the_others_nothing(counterpart: Counterpart) -> None:
    """However long it is."""
    async with whole_bot(counterpart, allowed=3) as rig:
        chat = await counterpart.direct(rig.owner)
        for number in range(100):
            await counterpart.say(rig.owner, f"number {number}")
        for person in rig.people[1:3]:
            await counterpart.say(person, "And me?")
        for person in rig.people[1:3]:
            await rig.reads(await counterpart.direct(person), "And me?")
        await rig.until(lambda: len(counterpart.texts(chat)) >= LIMIT + 1, lambda: f"{len(counterpart.texts(chat))} came")
        await rig.quiet()
        demand(len(counterpart.texts(chat)) == LIMIT + 1, f"a flood was answered {len(counterpart.texts(chat))} times")
        demand(len(rig.agent.turns) == LIMIT + 2, f"a flood made {len(rig.agent.turns) - 2} turns")


@on_every_way(Ability.FLOOD_CONTROL, plugins=("retry",))
async def a_send_is_tried_four_times_and_then_kept(counterpart: Counterpart, way: Way) -> None:
    """After 1, 2 and 4 seconds; then after 15 and 60, and so on, while the owner is told. Once it can be delivered it is, once."""
    async with whole_bot(counterpart) as rig:
        chat = await way.chat(rig, rig.owner)
        counterpart.fault(Flow.SENDING, Trouble.FLOOD, count=None, retry_after=1)
        await way.say(counterpart, rig.owner, "Hello", chat)
        await rig.asked(1)
        await _tried(rig, 1)
        waits = (*WAITS, *LATER)
        waited = [await _tried(rig, tries, wait) for tries, wait in enumerate(waits, 2)]
        kept = all(wait * 0.9 <= was <= wait * 1.5 + 1 for wait, was in zip(waits, waited, strict=True))
        demand(kept, f"it was sent again after {waited} seconds instead of {waits}")
        await rig.quiet()
        demand(await rig.undelivered() == ["NotDelivered"], f"the owner is told of {await rig.undelivered()}")
        counterpart.heal()
        await rig.flows(lambda: "Hello" in counterpart.texts(chat), lambda: "what waits never came", step=5.0)
        await rig.much_later(1)
        await way.say(counterpart, rig.owner, "Again", chat)
        await rig.flows(lambda: "Again" in counterpart.texts(chat), lambda: f"the next answer: {counterpart.texts(chat)}")
        await rig.quiet()
        demand(counterpart.texts(chat).count("Hello") == 1, "what waited was shown twice")
        demand(await rig.undelivered() == [], "what is delivered is listed as undelivered")


async def _tried(rig: Rig, times: int, within: float = 0.0) -> float:
    """Return once it was sent so many times, with the seconds of the bot's time that it took; they may be twice as many as planned."""

    def made() -> int:
        return rig.counterpart.requests(Flow.SENDING)

    await rig.pause(3)
    step = max(0.2, within / 12)
    if within:
        took = await rig.flows(lambda: made() >= times, lambda: f"it was sent {made()} times, not {times}", step, 2 * within + 2)
    else:
        took = 0.0
        await rig.until(lambda: made() >= times, lambda: f"it was sent {made()} times, not {times}")
    demand(made() == times, f"it was sent {made()} times, not {times}")
    return took


@on_every_way(plugins=("pairing",))
async def a_stranger_asks_and_the_owner_decides(counterpart: Counterpart, way: Way) -> None:
    """Approved, revoked, denied: each counts for the next message, and whoever asked is told. Groups have no requests."""
    async with whole_bot(counterpart) as rig:
        stranger = rig.people[1]
        chat = await way.chat(rig, stranger)
        await way.say(counterpart, stranger, "Let me in", chat)
        if way.direct:
            await rig.until(lambda: len(counterpart.texts(chat)) == 1, lambda: f"a stranger reads {counterpart.texts(chat)}")
        else:
            await counterpart.mention(rig.owner, "I may", chat)
            await rig.until(lambda: "I may" in counterpart.texts(chat), lambda: f"the group reads {counterpart.texts(chat)}")
        await rig.quiet()
        requests = (await rig.api("GET", "/pairing")).json["requests"]
        demand("Let me in" not in rig.agent.asked, "a stranger reached the agent")
        if not way.direct:
            demand(requests == [], "a stranger in a group became a request")
            return
        demand([one["platformUserId"] for one in requests] == [stranger], f"the requests are of {requests}")
        await _decide(rig, "approve")
        await rig.until(lambda: len(counterpart.texts(chat)) == 2, lambda: "who was approved is not told")
        await way.say(counterpart, stranger, "And now?", chat)
        await rig.until(lambda: "And now?" in counterpart.texts(chat), lambda: f"who was approved reads {counterpart.texts(chat)}")
        await rig.quiet()
        await rig.api("DELETE", f"/pairing/{counterpart.platform}/{stranger}")
        await rig.quiet()
        await way.say(counterpart, stranger, "Still?", chat)
        await rig.quiet()
        demand(rig.agent.asked == ["And now?"], f"who was revoked is answered: {rig.agent.asked}")
        shown = len(counterpart.texts(chat))
        await _decide(rig, "deny")
        await rig.until(lambda: len(counterpart.texts(chat)) == shown + 1, lambda: "who was denied is not told")
        await way.say(counterpart, stranger, "Please", chat)
        await rig.quiet()
        demand(rig.agent.asked == ["And now?"], f"who was denied is answered: {rig.agent.asked}")


@on_every_way(plugins=("pairing",))
async def who_is_revoked_gets_no_answer_that_is_being_made(counterpart: Counterpart, way: Way) -> None:
    """It is stopped, and the owner is told so; others are served."""
    async with whole_bot(counterpart, allowed=2) as rig:
        person = rig.people[1]
        chat = await way.chat(rig, person)
        rig.agent.hold("Hello")
        await way.say(counterpart, person, "Hello", chat)
        await rig.asked(1)
        await rig.pause(5)
        answer = await rig.api("DELETE", f"/pairing/{counterpart.platform}/{person}")
        demand(answer.json["stopped"]["turns"] == 1, f"what the owner is told: {answer.json}")
        rig.agent.go_on("Hello")
        await counterpart.say(rig.owner, "And me?")
        await rig.reads(await counterpart.direct(rig.owner), "And me?")
        await rig.quiet()
        demand("Hello" not in counterpart.texts(chat), "who was revoked gets the answer that was being made")
        demand(rig.agent.finished == ["And me?"], f"the agent went on: {rig.agent.finished}")


@scenario(Ability.FLOOD_CONTROL, plugins=("pairing", "retry"))
async def who_is_revoked_gets_nothing_that_waits(counterpart: Counterpart) -> None:
    """Neither when the platform takes messages again, nor after a restart."""
    with tempfile.TemporaryDirectory() as folder:
        async with whole_bot(counterpart, allowed=2, home=Path(folder)) as rig:
            person = rig.people[1]
            chat = await counterpart.direct(person)
            counterpart.fault(Flow.SENDING, Trouble.FLOOD, count=None, retry_after=1)
            await counterpart.say(person, "Hello")
            await rig.flows(lambda: counterpart.requests(Flow.SENDING) >= 4, lambda: "it was not tried four times")
            await rig.quiet()
            answer = await rig.api("DELETE", f"/pairing/{counterpart.platform}/{person}")
            demand(answer.json["stopped"]["replies"] == 1, f"what the owner is told: {answer.json}")
            counterpart.heal()
            await rig.much_later(7200)
        async with whole_bot(counterpart, home=Path(folder)) as rig:
            await rig.much_later(7200)
        demand(counterpart.texts(chat) == [], f"who was revoked reads {counterpart.texts(chat)}")


@scenario(plugins=("pairing",))
async def who_is_approved_right_after_a_restart_is_told(counterpart: Counterpart) -> None:
    """The chat is known from the request alone."""
    with tempfile.TemporaryDirectory() as folder:
        async with whole_bot(counterpart, home=Path(folder)) as rig:
            stranger = rig.people[1]
            chat = await counterpart.direct(stranger)
            await counterpart.say(stranger, "Let me in")
            await rig.until(lambda: len(counterpart.texts(chat)) == 1, lambda: f"a stranger reads {counterpart.texts(chat)}")
            await rig.quiet()
        async with whole_bot(counterpart, home=Path(folder)) as rig:
            await counterpart.direct(stranger)
            await _decide(rig, "approve")
            await rig.until(lambda: len(counterpart.texts(chat)) == 2, lambda: "who was approved after a restart is not told")
            await counterpart.say(stranger, "And now?")
            await rig.ends_with(chat, "And now?")
        async with whole_bot(counterpart, home=Path(folder)) as rig:
            await counterpart.say(stranger, "Still?")
            await rig.ends_with(chat, "Still?")
            await rig.quiet()
            await rig.api("DELETE", f"/pairing/{counterpart.platform}/{stranger}")
        async with whole_bot(counterpart, home=Path(folder)) as rig:
            await counterpart.say(stranger, "And after the restart?")
            await rig.quiet()
            demand(rig.agent.turns == [], "who was revoked is answered after a restart")


async def _decide(rig: Rig, what: str) -> None:
    requests = (await rig.api("GET", "/pairing")).json["requests"]
    pending = [one["id"] for one in requests if one["status"] == "pending"]
    demand(len(pending) == 1, f"{len(pending)} requests are pending")
    answer = await rig.api("POST", f"/pairing/{pending[0]}/{what}", {})
    demand(answer.status == 200, f"{what} answered {answer.status}")


@on_every_way(plugins=("sessionguard",))
async def an_ended_session_is_told_once(counterpart: Counterpart, way: Way) -> None:
    """Nothing reaches the agent until `/new`."""
    async with whole_bot(counterpart) as rig:
        chat = await way.chat(rig, rig.owner)
        await way.say(counterpart, rig.owner, "Hello", chat)
        await rig.until(lambda: "Hello" in counterpart.texts(chat), lambda: f"it reads {counterpart.texts(chat)}")
        await rig.quiet()
        await _archive(rig)
        for _ in range(2):
            await way.say(counterpart, rig.owner, "Anybody?", chat)
            await rig.until(lambda: ENDED in counterpart.texts(chat), lambda: f"it reads {counterpart.texts(chat)}")
            await rig.quiet()
        demand(counterpart.texts(chat).count(ENDED) == 1, f"that the session has ended is told in {counterpart.texts(chat)}")
        demand(rig.agent.asked == ["Hello"], f"the agent was asked {rig.agent.asked}")
        if way.direct:
            await counterpart.say(rig.owner, "/new")
        else:
            await counterpart.mention(rig.owner, "/new", chat)
        await rig.quiet()
        await way.say(counterpart, rig.owner, "Again", chat)
        await rig.until(lambda: "Again" in counterpart.texts(chat), lambda: f"after /new: {counterpart.texts(chat)}")


@on_every_way(plugins=("sessionguard",))
async def an_answer_whose_session_ends_meanwhile_is_withheld(counterpart: Counterpart, way: Way) -> None:
    """The user reads that the session has ended instead."""
    async with whole_bot(counterpart) as rig:
        chat = await way.chat(rig, rig.owner)
        rig.agent.hold("Hello")
        await way.say(counterpart, rig.owner, "Hello", chat)
        await rig.asked(1)
        await _archive(rig)
        rig.agent.go_on("Hello")
        await rig.until(lambda: ENDED in counterpart.texts(chat), lambda: f"it reads {counterpart.texts(chat)}")
        await rig.quiet()
        demand("Hello" not in counterpart.texts(chat), "an answer was delivered into a session that has ended")


async def _archive(rig: Rig) -> None:
    [session] = (await rig.bot.request("GET", "/api/sessions")).json["sessions"]
    answer = await rig.bot.request("POST", f"/api/sessions/{session['id']}/archive")
    demand(answer.status == 200, f"archiving answered {answer.status}")


class Witness:
    """Keeps every move that was asked for."""

    def __init__(self) -> None:
        self.moves: list[StatusChange] = []

    @hookimpl
    def on_status_change(self, change: StatusChange) -> None:
        """Keep it."""
        self.moves.append(change)


@scenario(Ability.SERVER, plugins=("strictstate",))
async def every_move_of_a_whole_life_is_in_the_table(counterpart: Counterpart) -> None:
    """Started, lost, found, restarted, stopped: no move is asked for that cannot be."""
    witness = Witness()
    platform = counterpart.platform
    async with whole_bot(counterpart, extra_plugins={"witness": lambda _context: witness}) as rig:
        await counterpart.stop()
        await rig.reaches("reconnecting")
        await rig.clock.advance(20)
        await counterpart.start()
        await rig.reaches("running")
        await counterpart.drop()
        await rig.pause(5)
        await rig.reaches("running")
        await rig.api("POST", f"/{platform}/stop")
        await rig.api("POST", f"/{platform}/start")
        await rig.reaches("running")
        await rig.api("PUT", "/config", {platform: {"ack_emoji": "🔥"}})
        await rig.reaches("running")
    impossible = [f"{one.old} -> {one.new}" for one in witness.moves if not one.allowed]
    demand(impossible == [], f"moves that cannot be: {impossible}")
    states = [one.new.value for one in witness.moves]
    demand(states[:4] == ["starting", "running", "reconnecting", "running"], f"the life began with {states[:4]}")
    demand(states[-1] == "stopped", f"the life ended in {states[-1]}")
