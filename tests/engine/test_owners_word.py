"""What the owner does with messages that have not arrived: they enter through a connector, and the word comes over the admin API."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from parachute_core import Ambiguous, NotDelivered, Outgoing, Receipt, Rejected
from parachute_core.model.outgoing import SENT_AGAIN
from parachute_core.testing import FakeConnector, RunningBot, running_bot
from parachute_core.testing.bot import PluginChoice

HOLDING: PluginChoice = {"retry": {"ambiguous": "hold"}}
PATIENCE = 10.0


class SlowConnector(FakeConnector):
    """Takes as long over each message as a test wants."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = asyncio.Event()
        self.under_way = asyncio.Event()

    async def send(self, outgoing: Outgoing) -> Receipt:
        if not outgoing.kind.cosmetic:
            self.under_way.set()
            await self.let_go.wait()
        return await super().send(outgoing)


async def listed(bot: RunningBot, query: str = "") -> list[dict[str, Any]]:
    answer = await bot.request("GET", f"/api/deliveries{query}")
    assert answer.status == 200
    found: list[dict[str, Any]] = answer.json["deliveries"]
    return found


async def only(bot: RunningBot, state: str) -> int:
    (one,) = await listed(bot)
    assert one["state"] == state
    number: int = one["id"]
    return number


async def word(bot: RunningBot, number: object, what: str) -> tuple[int, Any]:
    answer = await bot.request("POST", f"/api/deliveries/{number}/{what}")
    return answer.status, answer.json


async def refused(bot: RunningBot, number: object, what: str, status: int = 409) -> str:
    got, answer = await word(bot, number, what)
    assert (got, answer["success"]) == (status, False)
    reason: str = answer["error"]
    return reason


async def retried(bot: RunningBot, number: int) -> None:
    assert await word(bot, number, "retry") == (200, {"success": True, "id": number, "state": "queued"})
    await bot.settled()


async def discarded(bot: RunningBot, number: int) -> None:
    assert await word(bot, number, "discard") == (200, {"success": True, "id": number, "state": "discarded"})
    await bot.settled()


async def lose(bot: RunningBot, text: str, user_id: str = "1") -> int:
    """Have an answer given up."""
    bot.connector.outcomes.append(Rejected("no"))
    await bot.ask(text, user_id)
    numbers: list[int] = [one["id"] for one in await listed(bot, "?state=dead")]
    return max(numbers)


async def test_what_was_given_up_is_listed_without_its_text_and_arrives_once_when_the_owner_wants_it() -> None:
    async with running_bot() as bot:
        number = await lose(bot, "my secret question")
        answer = await bot.request("GET", "/api/deliveries")
        assert "secret" not in str(answer.json)
        (one,) = answer.json["deliveries"]
        assert (one["state"], one["platform"], one["chat_id"], one["error"]) == ("dead", "telegram", "1", "Rejected")
        await retried(bot, number)
        assert bot.texts() == ["my secret question"]
        assert await listed(bot) == []
        assert "is sent" in await refused(bot, number, "retry")
        await bot.settled()
        assert bot.texts() == ["my secret question"]


async def test_an_answer_that_arrives_late_is_remembered_by_the_session() -> None:
    async with running_bot() as bot:
        await retried(bot, await lose(bot, "one"))
        await bot.ask("two")
        assert [entry.text for entry in bot.orchestrator.turns[-1].history] == ["one", "one"]


async def test_what_is_held_is_sent_plainly_once_when_the_owner_wants_it() -> None:
    async with running_bot(HOLDING) as bot:
        bot.connector.outcomes.append(Ambiguous("timeout"))
        assert await bot.ask("hello") == []
        number = await only(bot, "held")
        await retried(bot, number)
        assert bot.texts() == ["hello"]
        assert not any(one.text.startswith(SENT_AGAIN) for one in bot.connector.attempts)


async def test_what_is_held_again_waits_for_the_owner_again() -> None:
    async with running_bot(HOLDING) as bot:
        bot.connector.outcomes += [Ambiguous("timeout"), Ambiguous("timeout")]
        await bot.ask("hello")
        number = await only(bot, "held")
        await retried(bot, number)
        assert await only(bot, "held") == number
        await discarded(bot, number)
        assert (bot.texts(), await listed(bot)) == ([], [])


async def test_filters_and_pages() -> None:
    async with running_bot(HOLDING, allowed=("1", "2")) as bot:
        dead = await lose(bot, "one", "1")
        bot.connector.outcomes.append(Ambiguous("timeout"))
        await bot.ask("two", "2")
        assert [one["id"] for one in await listed(bot, "?state=dead")] == [dead]
        assert [one["chat_id"] for one in await listed(bot, "?state=held&platform=telegram")] == ["2"]
        assert [one["id"] for one in await listed(bot, "?chat_id=1")] == [dead]
        assert await listed(bot, "?platform=discord") == []
        newest, oldest = await listed(bot)
        assert await listed(bot, "?limit=1") == [newest]
        assert await listed(bot, "?limit=1&offset=1") == [oldest]
        for wrong in ("?state=sent", "?state=held&state=dead", "?limit=0", "?limit=201", "?offset=-1", "?platform=a&platform=b"):
            assert (await bot.request("GET", f"/api/deliveries{wrong}")).status == 422, wrong


@pytest.mark.parametrize("number", ["99", "0", "-1", "x", "1.5", "9" * 30, str(2**63)])
async def test_an_unknown_delivery_is_named(number: str) -> None:
    async with running_bot() as bot:
        for what in ("retry", "discard"):
            assert f"there is no delivery {number}" in await refused(bot, number, what, 404)


async def test_what_was_discarded_or_sent_stays_so() -> None:
    async with running_bot() as bot:
        number = await lose(bot, "one")
        await discarded(bot, number)
        assert "is discarded" in await refused(bot, number, "discard")
        assert "is discarded" in await refused(bot, number, "retry")
        await bot.ask("two")
        row = await bot.runtime.store.fetch_one("SELECT MAX(id) AS id FROM outbox WHERE state = 'sent'")
        assert row is not None
        assert "is sent" in await refused(bot, row["id"], "discard")
        assert bot.texts() == ["two"]


async def test_nothing_is_sent_for_a_user_whose_access_has_ended() -> None:
    async with running_bot() as bot:
        number = await lose(bot, "one")
        await bot.runtime.access.revoke("telegram", "1")
        assert "access has ended" in await refused(bot, number, "retry")
        await bot.runtime.access.allow("telegram", "1", None)
        assert "access has ended" in await refused(bot, number, "retry"), "a new grant is not the old one"
        assert bot.texts() == []
        await discarded(bot, number)


async def test_nothing_is_sent_into_a_session_that_has_ended() -> None:
    async with running_bot() as bot:
        number = await lose(bot, "one")
        (session,) = await bot.runtime.sessions.list(1, 0)
        assert (await bot.request("POST", f"/api/sessions/{session.id}/archive")).status == 200
        assert "session that has ended" in await refused(bot, number, "retry")
        assert bot.texts() == []


async def test_what_has_no_text_any_more_cannot_be_sent_but_discarded() -> None:
    async with running_bot() as bot:
        number = await lose(bot, "one")
        await bot.runtime.store.execute("UPDATE outbox SET parcel = NULL WHERE id = :id", {"id": number})
        assert "text" in await refused(bot, number, "retry")
        await discarded(bot, number)
        assert await listed(bot) == []


async def test_of_many_who_retry_at_once_exactly_one_wins() -> None:
    async with running_bot() as bot:
        number = await lose(bot, "one")
        answers = await asyncio.gather(*(word(bot, number, "retry") for _ in range(8)))
        await bot.settled()
        assert sorted(status for status, _ in answers) == [200] + [409] * 7
        assert bot.texts() == ["one"]


@pytest.mark.parametrize("first", ["retry", "discard"])
async def test_of_retry_and_discard_at_once_one_state_comes_out(first: str) -> None:
    async with running_bot(connector=SlowConnector()) as bot:
        assert isinstance(bot.connector, SlowConnector)
        bot.connector.let_go.set()
        number = await lose(bot, "one")
        bot.connector.let_go.clear()
        second = "discard" if first == "retry" else "retry"
        (one, _), (other, _) = await asyncio.gather(word(bot, number, first), word(bot, number, second))
        bot.connector.let_go.set()
        await bot.settled()
        # A discard behind a retry finds it queued; a retry behind a discard finds nothing to send.
        assert (one, other) == ((200, 200) if first == "retry" else (200, 409))
        assert await listed(bot) == []
        assert len(bot.texts()) <= (1 if first == "retry" else 0)


async def test_one_under_way_is_stopped_at_its_next_repetition(tmp_path: Path) -> None:
    async with running_bot(["retry"], connector=SlowConnector(), home=tmp_path) as bot:
        assert isinstance(bot.connector, SlowConnector)
        bot.connector.outcomes.append(NotDelivered("busy"))
        await bot.say("one")
        async with asyncio.timeout(PATIENCE):
            await bot.connector.under_way.wait()
        number = await only(bot, "queued")
        assert await word(bot, number, "discard") == (200, {"success": True, "id": number, "state": "discarded"})
        bot.connector.let_go.set()
        for _ in range(5):
            await bot.clock.advance(60)
        await bot.settled()
        assert (bot.texts(), await listed(bot)) == ([], [])
        assert len([one for one in bot.connector.attempts if not one.kind.cosmetic]) == 1
        assert await bot.ask("two") == ["two"], "what comes behind it is not held up"
    async with running_bot(home=tmp_path) as again:
        await again.settled()
        assert again.texts() == []


async def test_one_that_is_put_off_at_the_moment_it_is_discarded_does_not_come_back(tmp_path: Path) -> None:
    plugins: PluginChoice = {"retry": {"max_wait": 5}}
    async with running_bot(plugins, connector=SlowConnector(), home=tmp_path) as bot:
        assert isinstance(bot.connector, SlowConnector)
        bot.connector.outcomes.append(NotDelivered("later", retry_after=600))
        await bot.say("one")
        async with asyncio.timeout(PATIENCE):
            await bot.connector.under_way.wait()
        number = await only(bot, "queued")
        assert (await word(bot, number, "discard"))[0] == 200
        bot.connector.let_go.set()
        await bot.settled()
        assert "is discarded" in await refused(bot, number, "retry")
    async with running_bot(plugins, home=tmp_path) as again:
        await again.clock.advance(3600)
        await again.settled()
        assert again.texts() == []


async def test_a_discarded_part_takes_what_waits_behind_it_along() -> None:
    async with running_bot(["retry"]) as bot:
        bot.connector.outcomes.append(NotDelivered("later", retry_after=600))
        await bot.say("word " * 2000)
        await bot.settled()
        parts = [one["id"] for one in await listed(bot)]
        assert len(parts) == 3
        await discarded(bot, parts[1])
        assert [one["id"] for one in await listed(bot)] == [parts[2]], "newest first: the last two are gone, the first waits"
        await bot.clock.advance(601)
        await bot.settled()
        assert len(bot.texts()) == 1


async def test_a_retry_waits_behind_what_waits_for_the_chat_also_over_a_restart(tmp_path: Path) -> None:
    async with running_bot(home=tmp_path) as bot:
        number = await lose(bot, "one")
        bot.orchestrator.hold()
        await bot.say("two")
        await bot.orchestrator.asked(2)
        assert (await bot.request("POST", "/api/bots/telegram/stop")).status == 200
        bot.orchestrator.release()
        await bot.settled()
        await retried(bot, number)
        assert [one["state"] for one in await listed(bot)] == ["queued", "queued"]
        assert bot.texts() == []
    async with running_bot(home=tmp_path) as again:
        await again.settled()
        assert again.texts() == ["two", "one"]
        assert await listed(again) == []


async def test_what_was_given_up_before_a_restart_is_sent_after_it(tmp_path: Path) -> None:
    async with running_bot(home=tmp_path) as bot:
        number = await lose(bot, "one")
    async with running_bot(home=tmp_path) as again:
        await retried(again, number)
        assert again.texts() == ["one"]


async def test_what_waits_for_a_platform_that_is_off_can_be_discarded(tmp_path: Path) -> None:
    async with running_bot(["retry"], home=tmp_path) as bot:
        bot.connector.outcomes.append(NotDelivered("later", retry_after=600))
        await bot.ask("one")
    config = tmp_path / "bots.yaml"
    config.write_text(config.read_text().replace("enabled: true", "enabled: false", 1))
    async with running_bot(home=tmp_path) as off:
        number = await only(off, "queued")
        await discarded(off, number)
    config.write_text(config.read_text().replace("enabled: false", "enabled: true", 1))
    async with running_bot(home=tmp_path) as again:
        await again.clock.advance(3600)
        await again.settled()
        assert again.texts() == []


async def test_status_counts_what_has_not_arrived_and_how_long_the_oldest_waits() -> None:
    async with running_bot(HOLDING, allowed=("1", "2", "3")) as bot:
        bot.connector.outcomes.append(NotDelivered("later", retry_after=6000))
        await bot.ask("waits", "1")
        bot.connector.outcomes.append(Ambiguous("timeout"))
        await bot.ask("held", "2")
        await lose(bot, "dead", "3")
        await bot.clock.advance(90)
        told = (await bot.request("GET", "/api/bots/status")).json["deliveries"]
        assert told == {"queued": 1, "held": 1, "dead": 1, "oldest_waits": 90.0}
        for one in await listed(bot):
            await discarded(bot, one["id"])
        told = (await bot.request("GET", "/api/bots/status")).json["deliveries"]
        assert told == {"queued": 0, "held": 0, "dead": 0, "oldest_waits": None}


async def test_a_discarded_message_is_settled_and_not_answered_anew_after_a_restart(tmp_path: Path) -> None:
    async with running_bot(["retry"], home=tmp_path) as bot:
        bot.connector.outcomes.append(NotDelivered("later", retry_after=6000))
        await bot.ask("one")
        await discarded(bot, await only(bot, "queued"))
    async with running_bot(["retry"], home=tmp_path) as again:
        await again.settled()
        assert (again.texts(), again.orchestrator.turns) == ([], [])


async def test_a_revocation_at_the_same_time_leaves_nothing_that_waits() -> None:
    async with running_bot(["retry"]) as bot:
        number = await lose(bot, "one")
        bot.connector.outcomes.append(NotDelivered("later", retry_after=600))
        (status, _), stopped = await asyncio.gather(word(bot, number, "retry"), bot.runtime.access.revoke("telegram", "1"))
        assert status in (200, 409)
        assert stopped is not None
        await bot.settled()
        await bot.clock.advance(3600)
        await bot.settled()
        assert bot.texts() == []
        assert [one["state"] for one in await listed(bot)] in ([], ["dead"])
