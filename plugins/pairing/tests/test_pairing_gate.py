"""What strangers read, and when there is silence."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from parachute_pairing import texts
from parachute_pairing.settings import Settings
from parachute_pairing.turned_away import REMEMBERED, TOLD_AN_HOUR, TurnedAway

from parachute_core import ChatType, PairingKind, StoreError, TrustLevel
from parachute_core.testing import FakeClock

if TYPE_CHECKING:
    from tests.conftest import Kit


async def test_a_stranger_reads_one_reply_and_one_reminder_and_then_nothing(kit: "Kit") -> None:
    first = await kit.says()
    request = await kit.store.pending_of("telegram", "7")
    assert request is not None
    assert first == texts.REQUESTED.format(id=request.id)
    assert await kit.says() == texts.WAITING.format(id=request.id)
    assert [await kit.says() for _ in range(5)] == [None] * 5
    assert kit.told == [("requested", request.id)]


async def test_the_event_of_a_request_says_who_asked_and_where(kit: "Kit") -> None:
    await kit.says("7", chat_id="70", user_name="Ada")
    (event,) = kit.events
    assert (event.kind, event.platform, event.user_id, event.chat_id) == (PairingKind.REQUESTED, "telegram", "7", "70")
    assert event.at == kit.clock.now()
    assert event.trust_level is None


@pytest.mark.parametrize("nudges", [0, 3])
async def test_the_number_of_reminders_is_a_setting(make_kit: Callable[..., Any], nudges: int) -> None:
    async with make_kit(Settings(nudges=nudges)) as kit:
        replies = [await kit.says() for _ in range(6)]
        assert [reply is not None for reply in replies] == [True] * (1 + nudges) + [False] * (5 - nudges)


async def test_an_allowed_user_passes_without_a_look_at_the_database(kit: "Kit") -> None:
    kit.access.allowed["telegram", "7"] = TrustLevel.SANDBOXED
    kit.tables.broken = True
    assert await kit.gate.judge(kit.message("7")) is None
    assert await kit.gate.judge(kit.message("7", chat_id="-100", chat_type=ChatType.GROUP)) is None


async def test_a_group_hears_nothing_and_asks_for_nobody(kit: "Kit") -> None:
    assert await kit.says("7", chat_id="-100", chat_type=ChatType.GROUP) is None
    assert await kit.store.count_pending() == 0
    assert kit.events == []


@pytest.mark.parametrize("command", ["/start", "/help", "/status", "/new"])
async def test_a_strangers_command_is_a_request_like_any_message(kit: "Kit", command: str) -> None:
    reply = await kit.says("7", command)
    assert reply is not None
    assert reply.startswith("Hello!")
    assert await kit.store.count_pending() == 1


async def test_the_same_id_on_two_platforms_is_two_people(kit: "Kit") -> None:
    first, second = await kit.asks("7"), await kit.asks("7", platform="matrix")
    assert first != second
    assert await kit.store.count_pending() == 2


async def test_of_what_was_written_a_short_escaped_beginning_is_kept_and_the_name_is_cleaned(kit: "Kit") -> None:
    await kit.says("7", "<b>Hi</b>\n\u202e" + "x" * 10_000, user_name="Ada\u202e\x1b")
    (row,) = await kit.tables.fetch_all("SELECT * FROM pairing_requests")
    assert row["preview"] == "&lt;b&gt;Hi&lt;/b&gt; " + "x" * 69 + "…"
    assert row["platform_user_display"] == "Ada"


async def test_nothing_of_what_was_written_is_kept_where_the_owner_wants_that(make_kit: Callable[..., Any]) -> None:
    async with make_kit(Settings(preview=0)) as kit:
        await kit.says("7", "a secret of mine", user_name="Ada")
        for table in await kit.tables.fetch_all("SELECT name FROM sqlite_master WHERE type = 'table'"):
            rows = await kit.tables.fetch_all(f"SELECT * FROM {table['name']}")
            assert "secret" not in str(rows)


async def test_a_blocked_database_is_an_error_and_no_way_in(kit: "Kit") -> None:
    kit.tables.broken = True
    with pytest.raises(StoreError):
        await kit.gate.judge(kit.message("7"))


async def test_at_capacity_those_who_wait_stay_and_newcomers_are_told_once_and_counted(make_kit: Callable[..., Any]) -> None:
    async with make_kit(Settings(max_pending=2)) as kit:
        waiting = {await kit.asks("1"), await kit.asks("2")}
        assert [await kit.says("3") for _ in range(3)] == [texts.FULL, None, None]
        assert await kit.says("4") == texts.FULL
        assert kit.parts.turned_away.messages == 4
        assert {one.id for one in await kit.store.pending()} == waiting
        await kit.desk.deny(min(waiting))
        assert await kit.says("3") == texts.REQUESTED.format(id=(await kit.store.pending())[0].id)


async def test_an_expired_request_makes_room_at_once(make_kit: Callable[..., Any]) -> None:
    async with make_kit(Settings(max_pending=1)) as kit:
        first = await kit.asks("1")
        await kit.clock.advance(7 * 86_400 + 1)
        second = await kit.asks("2")
        assert kit.told == [("requested", first), ("expired", first), ("requested", second)]


async def test_only_so_many_of_those_turned_away_are_told_and_remembered() -> None:
    clock = FakeClock()
    turned_away = TurnedAway(clock)
    assert turned_away.note("telegram", "first")
    for number in range(1, TOLD_AN_HOUR):
        assert turned_away.note("telegram", str(number))
    assert not turned_away.note("telegram", "one too many in an hour")
    assert turned_away.note("matrix", "first")
    for _ in range(REMEMBERED // TOLD_AN_HOUR + 1):
        await clock.advance(3600)
        for number in range(TOLD_AN_HOUR):
            turned_away.note("telegram", f"{clock.now()} {number}")
    await clock.advance(3600)
    assert turned_away.note("telegram", "first"), "forgotten in favour of newer ones"


def test_what_was_turned_away_is_counted_told_or_not() -> None:
    turned_away = TurnedAway(FakeClock())
    for number in range(3 * TOLD_AN_HOUR):
        turned_away.note("telegram", str(number))
    assert turned_away.messages == 3 * TOLD_AN_HOUR
