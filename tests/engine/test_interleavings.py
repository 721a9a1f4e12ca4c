"""Whatever comes between what: each race ends in one order and one outcome, in which file, memory, store and chat agree."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

import pytest

from parachute_core import NotDelivered, Outgoing, Receipt, TrustLevel
from parachute_core.config.read import read_config
from parachute_core.model.message import ChatRef
from parachute_core.testing import FakeConnector, RunningBot, running_bot
from parachute_core.testing.interleaving import interleave, orders

STEPS = 14
"""About as many as an approval or a revocation has; an order for more is as good."""


async def agrees(bot: RunningBot, user_id: str) -> bool:
    """Whether the user is allowed, which the file, memory, the store and the chat say with one voice."""
    section = read_config(bot.home / "bots.yaml", {}).config.telegram
    assert section is not None
    in_file, in_memory = user_id in section.allowed_ids, bot.runtime.access.is_allowed("telegram", user_id)
    row = await bot.runtime.store.fetch_one("SELECT revoking, gone FROM grants WHERE user_id = :user", {"user": user_id})
    in_store = row is not None and not row["revoking"] and not row["gone"]
    answered = await bot.ask("may I?", user_id) == ["may I?"]
    assert in_file == in_memory == in_store == answered, (in_file, in_memory, in_store, answered)
    return in_file


async def race(order: Sequence[int], *kinds: str) -> bool:
    async with running_bot(["sessionguard"], allowed=("1",)) as bot:
        access = bot.runtime.access
        await access.allow("telegram", "2", TrustLevel.SANDBOXED)
        await bot.ask("hello", "2")
        works: dict[str, Callable[[], Awaitable[object]]] = {
            "allow": lambda: access.allow("telegram", "2", TrustLevel.SANDBOXED),
            "revoke": lambda: access.revoke("telegram", "2"),
        }
        async with asyncio.timeout(30):
            outcomes = await interleave([works[kind] for kind in kinds], order)
        assert not [one for one in outcomes if isinstance(one, BaseException)]
        return await agrees(bot, "2")


@pytest.mark.parametrize("order", list(orders(STEPS, STEPS)), ids=lambda order: "".join(map(str, order)))
async def test_an_approval_against_a_revocation(order: list[int]) -> None:
    await race(order, "allow", "revoke")


async def test_the_last_word_counts() -> None:
    assert not await race([0] * 40, "allow", "revoke")
    assert await race([0] * 40, "revoke", "allow")


@pytest.mark.parametrize("seed", range(6))
async def test_two_approvals_against_two_revocations(seed: int) -> None:
    dice = random.Random(seed)
    await race([dice.randrange(4) for _ in range(80)], "allow", "revoke", "allow", "revoke")


class Watched(FakeConnector):
    """Notes the calls that were begun, and lets the loop run on while one is under way."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[Outgoing] = []

    async def send(self, outgoing: Outgoing) -> Receipt:
        if outgoing.kind.cosmetic:
            return await super().send(outgoing)
        self.begun.append(outgoing)
        for _ in range(3):
            await asyncio.sleep(0)
        return await super().send(outgoing)


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def at_rest(bot: RunningBot) -> None:
    outbox = {row["state"] for row in await bot.runtime.store.fetch_all("SELECT state FROM outbox")}
    inbox = {row["state"] for row in await bot.runtime.store.fetch_all("SELECT state FROM inbox")}
    assert outbox <= {"sent", "discarded"}, outbox
    assert inbox <= {"settled", "aside"}, inbox


@pytest.mark.parametrize("plugins", [["sessionguard"], []], ids=["guarded", "core alone"])
@pytest.mark.parametrize("first", range(0, 120, 5))
async def test_an_archiving_against_turns_that_finish(first: int, plugins: list[str]) -> None:
    connector = Watched()
    async with running_bot(plugins, connector=connector) as bot:
        await bot.ask("hello")
        session = await bot.runtime.sessions.current(ChatRef("telegram", "1"))
        assert session is not None
        bot.orchestrator.hold()
        await bot.say("one")
        await bot.say("two")
        await bot.orchestrator.asked(2)
        bot.orchestrator.release()
        await turns(first)
        await asyncio.gather(*(bot.runtime.fences.archive(session.id) for _ in range(2)))
        begun = [one for one in connector.begun if one.session_id == session.id]
        await bot.settled()
        assert [one for one in connector.begun if one.session_id == session.id] == begun
        shown = [one for one in bot.texts() if one in ("one", "two")]
        assert shown == ["one", "two"][: len(shown)]
        again = await bot.runtime.fences.archive(session.id)
        assert again is not None
        assert not again[0]
        await at_rest(bot)


@pytest.mark.parametrize("first", range(0, 120, 5))
async def test_a_revocation_against_sends(first: int) -> None:
    connector = Watched()
    async with running_bot(["retry"], connector=connector) as bot:
        await bot.ask("hello")
        bot.connector.outcomes.append(NotDelivered("wait", 1000.0))
        await bot.say("one")
        await bot.say("two")
        await turns(first)
        await asyncio.gather(bot.runtime.access.revoke("telegram", "1"), bot.runtime.access.revoke("telegram", "1"))
        begun = len(connector.begun)
        await bot.clock.advance(2000)
        await bot.settled()
        assert all(one.text.startswith("Sorry") for one in connector.begun[begun:])
        await at_rest(bot)
