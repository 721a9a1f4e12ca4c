"""What the agent says beside its answer."""

from parachute_core import NotDelivered
from parachute_core.model.turn import Done, Notice, TextDelta, TurnEvent
from parachute_core.testing import ScriptedOrchestrator, running_bot

STEPS: tuple[TurnEvent, ...] = (Notice("one moment"), Notice("one moment"), TextDelta("the answer"), Done())


async def test_the_same_remark_twice_in_one_turn_is_said_twice() -> None:
    async with running_bot(orchestrator=ScriptedOrchestrator(STEPS)) as bot:
        assert await bot.ask("hello") == ["one moment", "one moment", "the answer"]


async def test_a_remark_that_waits_does_not_leave_for_a_user_who_was_put_out() -> None:
    async with running_bot(["retry", "pairing"], orchestrator=ScriptedOrchestrator(STEPS)) as bot:
        bot.connector.outcomes.append(NotDelivered("too many", 300.0))
        await bot.say("hello")
        await bot.settled()
        answer = await bot.request("DELETE", "/api/bots/pairing/telegram/1")
        assert answer.json["stopped"]["replies"] == 3
        await bot.clock.advance(600)
        await bot.settled()
        assert bot.texts() == []
