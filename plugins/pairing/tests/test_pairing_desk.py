"""Approve, deny, expire, revoke: one winner, nothing half done, and everything told in order."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from parachute_pairing import store as store_module
from parachute_pairing import texts
from parachute_pairing.announcements import Announcements
from parachute_pairing.errors import NotAllowed, NotPending, UnknownRequest
from parachute_pairing.request import RequestStatus
from parachute_pairing.settings import Settings

from parachute_core import ChatRef, ConfigError, NotDelivered, PairingEvent, PairingKind, Purpose, StoreError, TrustLevel, UnknownPlatform
from parachute_core.testing import FakeClock

if TYPE_CHECKING:
    from tests.conftest import Kit

DAY = 86_400.0


async def status_of(kit: "Kit", request_id: str) -> RequestStatus:
    request = await kit.store.get(request_id)
    assert request is not None
    return request.status


async def test_an_approval_lets_the_user_in_and_is_told(kit: "Kit") -> None:
    request_id = await kit.asks("7", chat_id="70")
    approved = await kit.desk.approve(request_id, TrustLevel.DIRECT)
    assert approved.status is RequestStatus.APPROVED
    assert (approved.approved_trust_level, approved.resolved_by, approved.resolved_at) == (TrustLevel.DIRECT, "owner", kit.clock.now())
    assert kit.access.allowed == {("telegram", "7"): TrustLevel.DIRECT}
    await kit.clock.advance(0)
    assert kit.notifier.said == [(ChatRef("telegram", "70"), texts.APPROVED, Purpose.PAIRING)]
    assert kit.told == [("requested", request_id), ("approved", request_id)]
    assert kit.events[-1].trust_level is TrustLevel.DIRECT
    assert await kit.gate.judge(kit.message("7")) is None


async def test_a_denial_is_told_and_the_user_may_ask_again(kit: "Kit") -> None:
    first = await kit.asks()
    await kit.desk.deny(first)
    await kit.clock.advance(0)
    assert [text for _, text, _ in kit.notifier.said] == [texts.DENIED.format(id=first)]
    second = await kit.asks()
    assert second != first
    assert await status_of(kit, first) is RequestStatus.DENIED
    assert kit.told == [("requested", first), ("denied", first), ("requested", second)]


async def test_of_many_decisions_exactly_one_is_taken(kit: "Kit") -> None:
    request_id = await kit.asks()
    decisions = [kit.desk.approve(request_id, TrustLevel.SANDBOXED) if number % 2 else kit.desk.deny(request_id) for number in range(50)]
    outcomes = await asyncio.gather(*decisions, return_exceptions=True)
    assert sum(isinstance(one, NotPending) for one in outcomes) == 49
    (winner,) = [one for one in outcomes if not isinstance(one, BaseException)]
    assert await status_of(kit, request_id) is winner.status
    assert kit.access.is_allowed("telegram", "7") is (winner.status is RequestStatus.APPROVED)
    assert kit.told == [("requested", request_id), (winner.status.value, request_id)]


async def test_what_is_decided_or_unknown_cannot_be_decided(kit: "Kit") -> None:
    request_id = await kit.asks()
    await kit.desk.deny(request_id)
    for decision in (kit.desk.approve(request_id, TrustLevel.DIRECT), kit.desk.deny(request_id)):
        with pytest.raises(NotPending, match="it is denied"):
            await decision
    for decision in (kit.desk.approve("nothing", TrustLevel.DIRECT), kit.desk.deny("nothing")):
        with pytest.raises(UnknownRequest):
            await decision
    assert kit.access.allowed == {}


async def test_a_request_expires_after_its_days_and_not_before(kit: "Kit") -> None:
    request_id = await kit.asks()
    await kit.clock.advance(7 * DAY)
    assert await kit.desk.expire() == 0
    await kit.clock.advance(0.001)
    assert await kit.desk.expire() == 1
    assert await kit.desk.expire() == 0
    expired = await kit.store.get(request_id)
    assert expired is not None
    assert (expired.status, expired.resolved_by, expired.resolved_at) == (RequestStatus.EXPIRED, None, kit.clock.now())
    assert kit.told == [("requested", request_id), ("expired", request_id)]


@pytest.mark.parametrize("decide", ["approve", "deny"])
async def test_an_expired_request_cannot_be_decided(kit: "Kit", decide: str) -> None:
    request_id = await kit.asks()
    await kit.clock.advance(7 * DAY + 1)
    decision = kit.desk.approve(request_id, TrustLevel.DIRECT) if decide == "approve" else kit.desk.deny(request_id)
    with pytest.raises(NotPending, match="it is expired"):
        await decision
    assert kit.access.allowed == {}
    assert kit.told[-1] == ("expired", request_id)


async def test_after_expiry_the_user_is_answered_and_reminded_afresh(kit: "Kit") -> None:
    first = await kit.asks()
    assert [await kit.says() is None for _ in range(2)] == [False, True]
    await kit.clock.advance(7 * DAY + 1)
    second = await kit.asks()
    assert second != first
    assert [await kit.says() is None for _ in range(2)] == [False, True]


async def test_the_named_functions_of_the_plan_do_the_expiry(kit: "Kit") -> None:
    first = await kit.asks("1")
    await kit.clock.advance(DAY)
    second = await kit.asks("2")
    await kit.clock.advance(DAY)
    assert [one.id for one in await kit.store.get_expired_pairing_requests(1)] == [first]
    assert [one.id for one in await kit.store.get_expired_pairing_requests(0.5)] == [first, second]
    assert await kit.store.get_expired_pairing_requests(2) == []
    assert await kit.store.expire_pairing_request(first)
    assert not await kit.store.expire_pairing_request(first)
    assert not await kit.store.expire_pairing_request("nothing")


@pytest.mark.parametrize("failure", [ConfigError("bots.yaml:3:1: no"), UnknownPlatform("telegram"), OSError("disk full")])
async def test_an_approval_that_cannot_be_applied_is_taken_back(kit: "Kit", failure: Exception) -> None:
    request_id = await kit.asks()
    kit.access.failures = [failure]
    with pytest.raises(type(failure)):
        await kit.desk.approve(request_id, TrustLevel.DIRECT)
    assert kit.told == [("requested", request_id)]
    assert kit.notifier.said == []
    back = await kit.store.get(request_id)
    assert back is not None
    assert (back.status, back.approved_trust_level, back.resolved_at, back.resolved_by) == (RequestStatus.PENDING, None, None, None)
    assert (await kit.desk.approve(request_id, TrustLevel.SANDBOXED)).status is RequestStatus.APPROVED
    assert kit.told[-1] == ("approved", request_id)


async def test_a_message_that_waits_for_an_approval_passes_after_it(kit: "Kit") -> None:
    request_id = await kit.asks()
    verdict, approved = None, None

    async def approve() -> None:
        nonlocal approved
        approved = await kit.desk.approve(request_id, TrustLevel.DIRECT)

    # The message is judged a stranger's just before the approval takes hold, and waits for the desk.
    waiting: list[asyncio.Task[Any]] = []
    kit.access.before_allowing = lambda: waiting.append(asyncio.create_task(kit.gate.judge(kit.message("7"))))
    await approve()
    (verdict,) = await asyncio.gather(*waiting)
    assert approved is not None
    assert verdict is None
    assert await kit.store.count_pending() == 0


async def test_revoking_takes_the_user_off_and_is_told(kit: "Kit") -> None:
    request_id = await kit.asks()
    await kit.desk.approve(request_id, TrustLevel.DIRECT)
    await kit.desk.revoke("telegram", "7")
    assert not kit.access.is_allowed("telegram", "7")
    event = kit.events[-1]
    assert (event.kind, event.user_id, event.request_id, event.chat_id) == (PairingKind.REVOKED, "7", None, None)
    assert await status_of(kit, request_id) is RequestStatus.APPROVED
    assert await kit.asks() != request_id


async def test_who_is_not_allowed_cannot_be_revoked(kit: "Kit") -> None:
    await kit.asks()
    with pytest.raises(NotAllowed):
        await kit.desk.revoke("telegram", "7")
    with pytest.raises(UnknownPlatform):
        await kit.desk.revoke("smoke signals", "7")
    assert await kit.store.count_pending() == 1
    assert [kind for kind, _ in kit.told] == ["requested"]


async def test_a_revocation_that_the_file_did_not_take_is_told_as_it_holds(kit: "Kit") -> None:
    kit.access.allowed["telegram", "7"] = TrustLevel.DIRECT
    kit.access.failures = [ConfigError("bots.yaml: read-only")]
    with pytest.raises(ConfigError):
        await kit.desk.revoke("telegram", "7")
    assert [kind for kind, _ in kit.told] == ["revoked"]


async def test_approve_and_revoke_at_once_end_in_an_order_that_everybody_agrees_on(kit: "Kit") -> None:
    for round_number in range(20):
        user = f"u{round_number}"
        request_id = await kit.asks(user)
        both = [kit.desk.approve(request_id, TrustLevel.DIRECT), kit.desk.revoke("telegram", user)]
        kit.events.clear()
        approved, revoked = await asyncio.gather(*(both if round_number % 2 else reversed(both)), return_exceptions=True)
        kinds = [kind for kind, _ in kit.told]
        assert kit.access.is_allowed("telegram", user) is (kinds[-1] == "approved")
        assert kinds in (["approved"], ["approved", "revoked"])
        assert any(isinstance(one, NotAllowed) for one in (approved, revoked)) is (kinds == ["approved"])


async def test_a_dropped_connection_does_not_break_off_an_approval(kit: "Kit") -> None:
    request_id = await kit.asks()
    handler: asyncio.Task[Any] = asyncio.create_task(kit.desk.approve(request_id, TrustLevel.DIRECT))
    kit.access.before_allowing = handler.cancel
    with pytest.raises(asyncio.CancelledError):
        await handler
    await kit.clock.advance(0)
    assert await status_of(kit, request_id) is RequestStatus.APPROVED
    assert kit.told[-1] == ("approved", request_id)
    assert await kit.parts.approvals.not_applied() == []
    assert len(kit.notifier.said) == 1


async def test_an_approval_left_half_done_is_completed(kit: "Kit") -> None:
    request_id = await kit.asks()
    await kit.parts.approvals.approve(request_id, TrustLevel.DIRECT)
    assert not kit.access.is_allowed("telegram", "7")
    await kit.desk.repair()
    assert kit.access.allowed == {("telegram", "7"): TrustLevel.DIRECT}
    assert kit.told[-1] == ("approved", request_id)
    await kit.desk.repair()
    assert len(kit.events) == 2


async def test_a_half_done_approval_that_cannot_be_completed_waits_again(kit: "Kit") -> None:
    lost, fine = await kit.asks("1"), await kit.asks("2")
    for one in (lost, fine):
        await kit.parts.approvals.approve(one, TrustLevel.DIRECT)
    kit.access.failures = [ConfigError("no")]
    await kit.desk.repair()
    assert [await status_of(kit, one) for one in (lost, fine)] == [RequestStatus.PENDING, RequestStatus.APPROVED]
    assert kit.told[2:] == [("approved", fine)]


async def test_of_a_half_done_approval_and_a_newer_request_the_newer_stays(kit: "Kit") -> None:
    old = await kit.asks()
    await kit.parts.approvals.approve(old, TrustLevel.DIRECT)
    new = await kit.asks()
    kit.access.failures = [ConfigError("no")]
    await kit.desk.repair()
    assert [await status_of(kit, one) for one in (old, new)] == [RequestStatus.EXPIRED, RequestStatus.PENDING]
    assert await kit.parts.approvals.not_applied() == []


async def test_a_revoked_user_is_not_let_in_again_by_a_repair(kit: "Kit") -> None:
    request_id = await kit.asks()
    await kit.parts.approvals.approve(request_id, TrustLevel.DIRECT)
    kit.access.allowed["telegram", "7"] = TrustLevel.DIRECT
    await kit.desk.revoke("telegram", "7")
    await kit.desk.repair()
    assert kit.access.allowed == {}


@pytest.mark.parametrize("failure", [NotDelivered("offline"), UnknownPlatform("telegram"), RuntimeError("bug")])
async def test_a_user_who_cannot_be_told_is_let_in_all_the_same(kit: "Kit", failure: Exception, caplog: pytest.LogCaptureFixture) -> None:
    request_id = await kit.asks()
    kit.notifier.failure = failure
    approved = await kit.desk.approve(request_id, TrustLevel.DIRECT)
    await kit.clock.advance(0)
    assert approved.status is RequestStatus.APPROVED
    assert "could not be told" in caplog.text


async def test_a_broken_database_changes_nothing(kit: "Kit") -> None:
    request_id = await kit.asks()
    kit.tables.broken = True
    for work in (kit.desk.approve(request_id, TrustLevel.DIRECT), kit.desk.deny(request_id), kit.desk.revoke("telegram", "7")):
        with pytest.raises(StoreError):
            await work
    kit.tables.broken = False
    assert await status_of(kit, request_id) is RequestStatus.PENDING
    assert kit.access.allowed == {}
    await kit.desk.approve(request_id, TrustLevel.DIRECT)


async def test_history_is_kept_up_to_its_bound(kit: "Kit", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "HISTORY", 3)
    waiting = await kit.asks("waits")
    denied = []
    for _ in range(5):
        denied.append(await kit.asks("7"))
        await kit.desk.deny(denied[-1])
    newest = await kit.asks("new")
    assert [one.id for one in await kit.store.history(None)] == [newest, *reversed(denied[-2:]), waiting]


async def test_lists_are_newest_first_though_made_in_the_same_moment(make_kit: Callable[..., Any]) -> None:
    async with make_kit(Settings(max_pending=50)) as kit:
        ids = [await kit.asks(str(number)) for number in range(20)]
        assert [one.id for one in await kit.store.pending()] == ids[::-1]
        assert [one.id for one in await kit.store.history(RequestStatus.PENDING)] == ids[::-1]


async def test_events_come_one_by_one_in_the_order_of_the_changes_also_when_a_listener_makes_one() -> None:
    told: list[str] = []

    async def listen(event: PairingEvent) -> None:
        told.append(f"{event.user_id} begins")
        if event.user_id == "first":
            announcements.add(PairingEvent(event.kind, "telegram", "third", event.at))
            await announcements.deliver()
        await asyncio.sleep(0)
        told.append(f"{event.user_id} ends")

    announcements = Announcements(listen)
    for user_id in ("first", "second"):
        announcements.add(PairingEvent(PairingKind.REQUESTED, "telegram", user_id, FakeClock().now()))
    await asyncio.gather(announcements.deliver(), announcements.deliver())
    assert told == [f"{user_id} {what}" for user_id in ("first", "second", "third") for what in ("begins", "ends")]


@pytest.mark.parametrize("status", ["approved", "denied", "expired"])
async def test_what_is_final_is_changed_by_nothing(kit: "Kit", status: str) -> None:
    request_id = await kit.asks()
    first = {"approved": kit.parts.approvals.approve(request_id, TrustLevel.DIRECT), "denied": kit.store.deny(request_id)}
    first["expired"] = kit.store.expire_pairing_request(request_id)
    assert await first.pop(status)
    for other in first.values():
        other.close()
    await kit.parts.approvals.mark_applied(request_id)
    settled = await kit.store.get(request_id)
    assert not await kit.store.remind(request_id, 10)
    assert not await kit.parts.approvals.approve(request_id, TrustLevel.SANDBOXED)
    assert not await kit.store.deny(request_id)
    assert not await kit.store.expire_pairing_request(request_id)
    assert not await kit.parts.approvals.put_back(request_id)
    assert await kit.store.get(request_id) == settled
