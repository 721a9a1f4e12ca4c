"""The loop alone: one send that fails as told, and a clock that moves as told."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import pytest
from parachute_retry.plugin import Settings
from parachute_retry.sending import RetryingSender

from parachute_core import (
    Ambiguous,
    Earlier,
    Held,
    NotDelivered,
    Outgoing,
    Postponed,
    Purpose,
    Receipt,
    Rejected,
    SendError,
    SendKind,
    Withheld,
)
from parachute_core.testing import FakeClock

SECRET = "the words of the message"


def outgoing(kind: SendKind = SendKind.MESSAGE, *, idempotent: bool = False) -> Outgoing:
    return Outgoing("telegram", "4711", kind, Purpose.REPLY, "key", text=SECRET, idempotent=idempotent)


class Platform:
    """Fails with each of `failures` in turn, then takes the call."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.calls: list[Outgoing] = []

    async def send(self, outgoing: Outgoing) -> Receipt:
        self.calls.append(outgoing)
        if self.failures:
            raise self.failures.pop(0)
        return Receipt("done")


class Bench:
    """A sender whose clock is moved as far as it wants to sleep."""

    def __init__(self, **settings: Any) -> None:
        self.clock = FakeClock()
        self.logger = logging.getLogger("test.retry")
        self.sender = RetryingSender(Settings.model_validate(settings), self.clock, self.logger)

    async def run(self, work: Coroutine[Any, Any, Receipt]) -> Receipt:
        task = asyncio.create_task(work)
        await self.clock.advance(10_000)
        assert task.done()
        return await task

    async def send(self, platform: Platform, what: Outgoing | None = None) -> Receipt:
        return await self.run(self.sender.send_with_retry(platform.send, what or outgoing()))


def lost(count: int, retry_after: float | None = None) -> list[NotDelivered]:
    return [NotDelivered(f"connect error, {SECRET}", retry_after) for _ in range(count)]


async def test_a_send_that_succeeds_is_made_once_and_waits_for_nothing() -> None:
    bench, platform = Bench(), Platform()
    assert await bench.send(platform) == Receipt("done")
    assert (len(platform.calls), bench.clock.sleeps) == (1, [])


async def test_three_failures_are_outlived_with_waits_of_one_two_and_four_seconds() -> None:
    bench, platform = Bench(), Platform(*lost(3))
    assert await bench.send(platform) == Receipt("done")
    assert bench.clock.sleeps == [1.0, 2.0, 4.0]
    assert len(platform.calls) == 4


async def test_every_repetition_is_the_same_call_with_the_same_key() -> None:
    bench, platform = Bench(), Platform(*lost(3))
    await bench.send(platform)
    assert all(call == platform.calls[0] for call in platform.calls)


async def test_after_the_fourth_failure_it_is_kept_for_later() -> None:
    bench, failures = Bench(), lost(5)
    platform = Platform(*failures)
    with pytest.raises(Postponed) as caught:
        await bench.send(platform)
    assert (caught.value.cause, caught.value.seconds) == (failures[3], 15.0)
    assert len(platform.calls) == 4
    assert bench.clock.sleeps == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("tries", "seconds", "later"),
    [(4, 7.0, 60.0), (5, 80.0, 300.0), (6, 400.0, 900.0), (7, 1300.0, 3600.0), (40, 21_000.0, 3600.0), (3, 10.0**6, 15.0)],
)
async def test_what_was_tried_before_is_tried_once_and_waits_ever_longer(tries: int, seconds: float, later: float) -> None:
    bench, platform = Bench(), Platform(*lost(1))
    with pytest.raises(Postponed) as caught:
        await bench.send(platform, replace(outgoing(), earlier=Earlier(tries, seconds)))
    assert (caught.value.seconds, len(platform.calls), bench.clock.sleeps) == (later, 1, [])


async def test_it_is_given_up_by_tries_and_age_and_never_by_one_of_them() -> None:
    bench, failures = Bench(), lost(1)
    with pytest.raises(NotDelivered) as caught:
        await bench.send(Platform(*failures), replace(outgoing(), earlier=Earlier(7, 21_600.0)))
    assert caught.value is failures[0]


@pytest.mark.parametrize(("asked", "slept"), [(30.0, 30.0), (60.0, 60.0), (0.5, 1.0), (0.0, 1.0), (None, 1.0)])
async def test_the_platforms_retry_after_is_honoured_when_it_is_longer(asked: float | None, slept: float) -> None:
    bench, platform = Bench(), Platform(*lost(1, asked))
    await bench.send(platform)
    assert bench.clock.sleeps == [slept]


async def test_a_wait_above_max_wait_is_not_slept() -> None:
    bench, platform = Bench(max_wait=60), Platform(*lost(1, 60.1))
    with pytest.raises(NotDelivered):
        await bench.send(platform)
    assert (len(platform.calls), bench.clock.sleeps) == (1, [])


async def test_without_waits_nothing_is_repeated() -> None:
    bench, platform = Bench(waits=[]), Platform(*lost(1))
    with pytest.raises(NotDelivered):
        await bench.send(platform)
    assert (len(platform.calls), bench.clock.sleeps) == (1, [])


@pytest.mark.parametrize("idempotent", [False, True])
@pytest.mark.parametrize("error", [Rejected("403"), Withheld("archived")])
async def test_what_is_permanent_is_tried_once(error: SendError, idempotent: bool) -> None:
    bench, platform = Bench(), Platform(error)
    with pytest.raises(Rejected) as caught:
        await bench.send(platform, outgoing(idempotent=idempotent))
    assert caught.value is error
    assert (len(platform.calls), bench.clock.sleeps) == (1, [])


async def test_what_may_have_been_delivered_is_repeated_only_where_that_shows_nothing_twice() -> None:
    bench, platform = Bench(), Platform(Ambiguous("answer lost"))
    assert await bench.send(platform, outgoing(idempotent=True)) == Receipt("done")
    assert len(platform.calls) == 2
    bench, platform = Bench(), Platform(Ambiguous("answer lost"))
    with pytest.raises(Ambiguous):
        await bench.send(platform, replace(outgoing(SendKind.MESSAGE), kind=SendKind.EDIT))
    assert len(platform.calls) == 1


async def test_what_may_have_arrived_is_sent_again_once_with_a_label_and_a_key_of_its_own() -> None:
    bench, platform = Bench(), Platform(NotDelivered("429"), Ambiguous("answer lost"), NotDelivered("429"), Ambiguous("answer lost"))
    with pytest.raises(Ambiguous):
        await bench.send(platform)
    assert [call.again for call in platform.calls] == [False, False, True, True]
    assert platform.calls[2].text == f"(sent again) {SECRET}"
    assert platform.calls[2].key != platform.calls[1].key
    assert bench.clock.sleeps == [1.0, 2.0, 4.0]


async def test_what_was_sent_again_before_a_restart_is_not_sent_a_third_time() -> None:
    bench, platform = Bench(), Platform()
    with pytest.raises(Ambiguous):
        await bench.send(platform, replace(outgoing(), earlier=Earlier(2, 10.0, unknown=True, resent=True)))
    assert platform.calls == []


@pytest.mark.parametrize(("policy", "raised"), [("hold", Held), ("drop", Ambiguous)])
async def test_the_owner_chooses_what_becomes_of_what_may_have_arrived(policy: str, raised: type[SendError]) -> None:
    bench, platform = Bench(ambiguous=policy), Platform(Ambiguous("answer lost"))
    with pytest.raises(raised):
        await bench.send(platform)
    assert len(platform.calls) == 1


@pytest.mark.parametrize("kind", [SendKind.TYPING, SendKind.ACK])
async def test_cosmetic_calls_are_never_repeated_nor_logged(kind: SendKind, caplog: pytest.LogCaptureFixture) -> None:
    bench, platform = Bench(), Platform(*lost(1))
    with pytest.raises(NotDelivered):
        await bench.send(platform, outgoing(kind, idempotent=True))
    assert (len(platform.calls), bench.clock.sleeps) == (1, [])
    assert not caplog.records


async def test_what_is_no_failure_of_a_send_passes_untouched(caplog: pytest.LogCaptureFixture) -> None:
    bench, platform = Bench(), Platform(ValueError(SECRET))
    with pytest.raises(ValueError, match=SECRET):
        await bench.send(platform)
    assert len(platform.calls) == 1
    assert not caplog.records


async def test_a_send_that_is_cancelled_while_it_waits_is_not_made_again() -> None:
    bench, platform = Bench(), Platform(*lost(2))
    task = asyncio.create_task(bench.sender.send_with_retry(platform.send, outgoing()))
    await bench.clock.sleeping(1.0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await bench.clock.advance(100)
    assert len(platform.calls) == 1


async def test_sends_do_not_share_their_waits() -> None:
    bench, one, other = Bench(), Platform(*lost(2)), Platform(*lost(2))
    both = [asyncio.create_task(bench.sender.send_with_retry(platform.send, outgoing())) for platform in (one, other)]
    await bench.clock.advance(10)
    assert [await task for task in both] == [Receipt("done")] * 2
    assert sorted(bench.clock.sleeps) == [1.0, 1.0, 2.0, 2.0]


async def test_each_retry_is_logged_with_its_number_and_the_end_with_one_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    bench, platform = Bench(), Platform(*lost(4))
    with pytest.raises(NotDelivered):
        await bench.send(platform)
    ours = [record for record in caplog.records if record.name == "test.retry"]
    assert [record.levelname for record in ours] == ["WARNING"] * 3 + ["ERROR"]
    assert [vars(record)["attempt"] for record in ours] == [1, 2, 3, 4]
    assert [f"retry {number} of 3" in record.getMessage() for number, record in enumerate(ours[:3], 1)] == [True] * 3
    assert "4711" in ours[3].getMessage()
    assert "NotDelivered" in ours[3].getMessage()
    assert vars(ours[3])["chat_id"] == "4711"
    assert vars(ours[3])["error_class"] == "NotDelivered"


async def test_no_log_line_holds_the_message_or_the_words_of_an_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    bench = Bench()
    with pytest.raises(NotDelivered):
        await bench.send(Platform(*lost(4)))
    assert SECRET not in "".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert not any(record.exc_info for record in caplog.records)
    assert not any(record.name.startswith("backoff") for record in caplog.records)


async def test_the_end_of_a_call_that_is_withheld_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    with pytest.raises(Withheld):
        await bench.send(Platform(Withheld("archived")))
    assert not caplog.records


async def test_what_may_have_arrived_before_is_sent_with_its_label_at_once_however_often_it_was_tried() -> None:
    bench, platform = Bench(), Platform()
    await bench.send(platform, replace(outgoing(), earlier=Earlier(5, 100.0, unknown=True)))
    assert [call.again for call in platform.calls] == [True]
