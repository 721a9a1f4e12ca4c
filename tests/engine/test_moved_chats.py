"""A chat gets another id while something waits for it: that goes there, in its time, and nothing stays behind."""

import asyncio

from parachute_core import NotDelivered, Outgoing, Receipt, Rejected
from parachute_core.testing import FakeConnector, RunningBot, running_bot


class Gated(FakeConnector):
    """A platform whose calls to a chat wait for that chat's gate, and then meet what `fates` holds for it."""

    def __init__(self) -> None:
        super().__init__()
        self.gates: dict[str, asyncio.Event] = {"1": asyncio.Event(), "2": asyncio.Event()}
        self.under_way: dict[str, asyncio.Event] = {"1": asyncio.Event(), "2": asyncio.Event()}
        self.fates: dict[str, Exception] = {}

    async def send(self, outgoing: Outgoing) -> Receipt:
        if not outgoing.kind.cosmetic:
            self.under_way[outgoing.chat_id].set()
            await self.gates[outgoing.chat_id].wait()
            if (fate := self.fates.pop(outgoing.chat_id, None)) is not None:
                raise fate
        return await super().send(outgoing)


async def states(bot: RunningBot) -> list[str]:
    return [row["state"] for row in await bot.runtime.store.fetch_all("SELECT state FROM outbox ORDER BY id")]


async def settle(bot: RunningBot, seconds: float = 0.0) -> None:
    """Nothing is under way, then so much time has passed, and nothing is under way again."""
    for passing in (0.0, seconds):
        await bot.clock.advance(passing)
        await bot.settled()


async def test_what_waits_for_a_time_comes_in_that_time_under_the_new_id() -> None:
    async with running_bot(["retry"], allowed=("1", "2")) as bot:
        bot.connector.outcomes.append(NotDelivered("wait", 1000.0))
        await bot.say("hello", user_id="1")
        await bot.settled()
        await bot.connector.link.moved("1", "2")
        await settle(bot, 900)
        assert bot.texts("2") == []
        await settle(bot, 101)
        assert bot.texts("2") == ["hello"]
        assert await states(bot) == ["sent"]


async def both_under_way(bot: RunningBot, connector: Gated, old: str = "old") -> None:
    """A call to each of two chats, and then they are one."""
    await bot.say(old, user_id="1")
    await connector.under_way["1"].wait()
    await bot.say("new", user_id="2")
    await connector.under_way["2"].wait()
    await connector.link.moved("1", "2")


async def test_a_call_that_fails_after_its_chat_moved_into_one_that_is_served_is_made_again() -> None:
    connector = Gated()
    async with running_bot(["retry"], allowed=("1", "2"), connector=connector) as bot:
        await both_under_way(bot, connector, "o" * 5000)
        connector.fates["1"] = NotDelivered("wait", 1000.0)
        connector.gates["1"].set()
        await bot.clock.advance(0)
        connector.gates["2"].set()
        await settle(bot, 1001)
        assert bot.texts("2") == ["new", "o" * 4083, "o" * 917]
        assert await states(bot) == ["sent", "sent", "sent"]


async def test_a_call_that_arrives_after_its_chat_moved_is_through() -> None:
    connector = Gated()
    async with running_bot(["retry"], allowed=("1", "2"), connector=connector) as bot:
        await both_under_way(bot, connector)
        connector.gates["2"].set()
        await bot.clock.advance(0)
        connector.gates["1"].set()
        await settle(bot, 1)
        assert (bot.texts("1"), bot.texts("2")) == (["old"], ["new"])
        assert await states(bot) == ["sent", "sent"]
        assert await bot.ask("and on", user_id="2") == ["and on"]


async def test_a_call_whose_chat_moved_is_waited_for_and_ended_with_its_user() -> None:
    connector = Gated()
    async with running_bot(["retry"], allowed=("1", "2"), connector=connector) as bot:
        await both_under_way(bot, connector)
        connector.fates["1"] = NotDelivered("wait", 1000.0)
        connector.gates["2"].set()
        settled = asyncio.create_task(bot.settled())
        await bot.clock.advance(0)
        assert not settled.done()  # the call to the old id is still under way
        await bot.runtime.access.revoke("telegram", "1")
        connector.gates["1"].set()
        await settled
        await settle(bot, 1001)
        assert (bot.texts("1"), bot.texts("2")) == ([], ["new"])
        assert await states(bot) == ["discarded", "sent"]


async def test_a_part_that_is_refused_after_the_move_takes_those_behind_it_along() -> None:
    connector = Gated()
    async with running_bot(["retry"], allowed=("1", "2"), connector=connector) as bot:
        await both_under_way(bot, connector, "o" * 5000)
        connector.fates["1"] = Rejected("no")
        connector.gates["1"].set()
        connector.gates["2"].set()
        await settle(bot, 1)
        assert bot.texts("2") == ["new"]
        assert await states(bot) == ["dead", "dead", "sent"]
