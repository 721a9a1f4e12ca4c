"""Starting, stopping, restarting and changing a connector, as the owner does it."""

import asyncio
import tempfile
from pathlib import Path

from parachute_core.engine import texts
from parachute_core.testing.conformance.abilities import Ability
from parachute_core.testing.conformance.counterpart import Counterpart
from parachute_core.testing.conformance.rig import until, whole_bot
from parachute_core.testing.conformance.scenario import scenario
from parachute_core.testing.trials import demand


@scenario()
async def the_owner_stops_and_starts_it(counterpart: Counterpart) -> None:
    """Twice; what is running cannot be started again."""
    platform = counterpart.platform
    async with whole_bot(counterpart) as rig:
        chat = await counterpart.direct(rig.owner)
        for text in ("one", "two"):
            demand((await rig.api("POST", f"/{platform}/stop")).json["success"], "it cannot be stopped")
            demand(rig.status()["status"] == "stopped", f"after a stop: {dict(rig.status())}")
            demand((await rig.api("POST", f"/{platform}/stop")).json["success"], "stopping what is stopped fails")
            demand((await rig.api("POST", f"/{platform}/start")).json["success"], "it cannot be started")
            demand((await rig.api("POST", f"/{platform}/start")).status == 409, "it can be started twice")
            await rig.reaches("running")
            await counterpart.attached(rig.bot.url if counterpart.serves else "")
            await counterpart.say(rig.owner, text)
            await rig.ends_with(chat, text)
        await rig.quiet()
        await rig.reads(chat, "one", "two")


@scenario(Ability.SERVER)
async def a_stop_right_after_a_start_leaves_nothing_running(counterpart: Counterpart) -> None:
    """Whatever the start was about to do."""
    async with whole_bot(counterpart, state=None) as rig:
        await rig.bot.runtime.fleet.stop(counterpart.platform)
        await rig.pause(5)
        before = counterpart.requests()
        await rig.clock.advance(120)
        await rig.pause(5)
        demand(rig.status()["status"] == "stopped", f"{dict(rig.status())}")
        demand(counterpart.requests() == before, "a connector that was stopped goes on asking")


@scenario()
async def enabled_false_stops_it(counterpart: Counterpart) -> None:
    """And true starts it."""
    platform = counterpart.platform
    async with whole_bot(counterpart) as rig:
        await rig.api("PUT", "/config", {platform: {"enabled": False}})
        await rig.reaches("stopped")
        await rig.clock.advance(120)
        demand(rig.status()["status"] == "stopped", f"it is off, and: {dict(rig.status())}")
        await rig.api("PUT", "/config", {platform: {"enabled": True}})
        await rig.reaches("running")


@scenario()
async def only_what_was_changed_is_restarted(counterpart: Counterpart) -> None:
    """An allowlist is followed without it, another platform's section is none of its business."""
    platform = counterpart.platform
    other = "web" if platform != "web" else "matrix"
    async with whole_bot(counterpart) as rig:
        await rig.clock.advance(1)
        begun = rig.status()["uptime"]
        changes: list[dict[str, object]] = [
            {platform: {"enabled": True, "allowed_users": list(rig.people[:2])}},
            {platform: {"dm_trust_level": "direct"}, other: {"enabled": False, "allowed_users": []}},
        ]
        for change in changes:
            answer = await rig.api("PUT", "/config", change)
            demand(answer.status == 200, f"PUT /config answered {answer.status}: {answer.json}")
            await rig.pause(2)
            demand(rig.status()["status"] == "running", f"{dict(rig.status())}")
            demand(rig.status()["uptime"] >= begun, f"it was restarted for {change}")
        await counterpart.say(rig.people[1], "And me?")
        await rig.reads(await counterpart.direct(rig.people[1]), "And me?")
        await rig.clock.advance(5)
        await rig.api("PUT", "/config", {platform: {"ack_emoji": "🔥"}})
        await rig.reaches("running")
        demand(rig.status()["uptime"] < begun + 5, "it was not restarted for a setting that needs it")


@scenario()
async def an_answer_in_the_making_is_finished_before_the_stop(counterpart: Counterpart) -> None:
    """The bot waits for it some seconds."""
    async with whole_bot(counterpart) as rig:
        chat = await counterpart.direct(rig.owner)
        rig.agent.hold("Hello")
        await counterpart.say(rig.owner, "Hello")
        await rig.asked(1)
        asyncio.get_running_loop().call_later(0.1, rig.agent.go_on, "Hello")
    demand(counterpart.texts(chat) == ["Hello"], f"after the stop: {counterpart.texts(chat)}")


@scenario()
async def an_answer_that_takes_too_long_is_given_up_with_a_word(counterpart: Counterpart) -> None:
    """The user is told to ask again."""
    async with whole_bot(counterpart) as rig:
        chat = await counterpart.direct(rig.owner)
        rig.agent.hold("Hello")
        await counterpart.say(rig.owner, "Hello")
        await rig.asked(1)
    demand(counterpart.texts(chat) == [texts.STOPPING], f"after the stop: {counterpart.texts(chat)}")


@scenario(Ability.SERVER)
async def nothing_runs_after_the_stop(counterpart: Counterpart) -> None:
    """No task, no connection, no request; also when the connection was just lost."""
    before = asyncio.all_tasks()
    for outage in (False, True):
        async with whole_bot(counterpart) as rig:
            await counterpart.say(rig.owner, "Hello")
            await rig.asked(1)
            if outage:
                await counterpart.drop()
                await rig.pause()
        made = counterpart.requests()
        await rig.pause(10)
        demand(counterpart.requests() == made, "requests come after the stop")
    await counterpart.stop()

    def left() -> list[str]:
        return [one.get_name() for one in asyncio.all_tasks() - before]

    await until(lambda: not left(), lambda: f"tasks run after the stop: {left()}", counterpart.patience)


@scenario()
async def a_conversation_goes_on_after_a_restart_of_the_bot(counterpart: Counterpart) -> None:
    """In the same session; nothing that was answered is answered again."""
    with tempfile.TemporaryDirectory() as folder:
        sessions: list[str] = []
        for text in ("one", "two"):
            async with whole_bot(counterpart, home=Path(folder)) as rig:
                chat = await counterpart.direct(rig.owner)
                await counterpart.say(rig.owner, text)
                await rig.ends_with(chat, text)
                await rig.quiet()
                demand(rig.agent.asked == [text], f"the agent was asked {rig.agent.asked}")
                sessions += [turn.session_id for turn in rig.agent.turns]
        demand(counterpart.texts(chat) == ["one", "two"], f"the chat reads {counterpart.texts(chat)}")
        demand(len(set(sessions)) == 1, "a restart of the bot ended the session")
