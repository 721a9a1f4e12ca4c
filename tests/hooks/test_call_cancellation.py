"""Cancelling the caller passes through a plugin; a cancelled task inside a plugin is the plugin's own fault. Nothing is left un-awaited."""

import asyncio
import gc
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from parachute_core import (
    ConnectorInfo,
    Deny,
    Inbound,
    Layer,
    Outgoing,
    PairingEvent,
    PairingKind,
    Purpose,
    Receipt,
    Send,
    SendKind,
    hookimpl,
)
from parachute_core.hooks.call import FailedGate, Hooks

Load = Callable[..., Hooks]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
MESSAGE = Inbound("telegram", "1", "1", "hi", "m", NOW)
EVENT = PairingEvent(PairingKind.DENIED, "telegram", "1", NOW)


class AWaits:
    """Waits for ever in each of its hooks."""

    def __init__(self) -> None:
        self.inside = asyncio.Event()

    async def for_ever(self) -> None:
        self.inside.set()
        await asyncio.Event().wait()

    @hookimpl
    async def before_dispatch(self, message: Inbound) -> Deny | None:
        await self.for_ever()
        return None

    @hookimpl
    async def on_pairing_event(self, event: PairingEvent) -> None:
        await self.for_ever()


class BWatches:
    def __init__(self) -> None:
        self.heard: list[object] = []

    @hookimpl
    async def before_dispatch(self, message: Inbound) -> Deny | None:
        self.heard.append(message)
        return None

    @hookimpl
    async def on_pairing_event(self, event: PairingEvent) -> None:
        self.heard.append(event)


class ALosesATask:
    """Awaits a task of its own that somebody cancelled."""

    async def lose(self) -> None:
        task = asyncio.ensure_future(asyncio.Event().wait())
        asyncio.get_running_loop().call_soon(task.cancel)
        await task

    @hookimpl
    async def before_dispatch(self, message: Inbound) -> Deny | None:
        await self.lose()
        return None

    @hookimpl
    async def on_pairing_event(self, event: PairingEvent) -> None:
        await self.lose()


@pytest.mark.parametrize("hook", ["before_dispatch", "on_pairing_event"])
async def test_the_callers_cancellation_passes(load: Load, hook: str) -> None:
    waits, behind = AWaits(), BWatches()
    hooks = load(waits, behind)
    call = hooks.before_dispatch(MESSAGE) if hook == "before_dispatch" else hooks.on_pairing_event(EVENT)
    task = asyncio.create_task(call)
    await waits.inside.wait()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert behind.heard == []
    del task, call
    gc.collect()  # a coroutine that nobody awaited would warn now, and warnings are errors


async def test_a_deadline_of_the_caller_passes(load: Load) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await load(AWaits()).before_dispatch(MESSAGE)


async def test_a_gate_whose_own_task_was_cancelled_refuses_and_the_caller_lives_on(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    behind = BWatches()
    refusal = await load(ALosesATask(), behind).before_dispatch(MESSAGE)
    assert refusal == ("alosesatask", FailedGate("plugin alosesatask failed: CancelledError"))
    assert behind.heard == []
    assert "plugin alosesatask failed in before_dispatch: CancelledError" in caplog.text


async def test_a_listener_whose_own_task_was_cancelled_keeps_nobody_from_hearing(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    behind = BWatches()
    await load(ALosesATask(), behind).on_pairing_event(EVENT)
    assert behind.heard == [EVENT]
    assert "plugin alosesatask failed in on_pairing_event: CancelledError" in caplog.text


async def test_a_gate_that_was_never_asked_leaves_no_coroutine(load: Load) -> None:
    class ADenies:
        @hookimpl
        async def before_dispatch(self, message: Inbound) -> Deny | None:
            return Deny("no")

    behind = BWatches()
    assert await load(ADenies(), behind).before_dispatch(MESSAGE) == ("adenies", Deny("no"))
    gc.collect()
    assert behind.heard == []


async def test_the_callers_cancellation_passes_a_layer(load: Load) -> None:
    inside = asyncio.Event()

    async def for_ever(outgoing: Outgoing) -> Receipt:
        inside.set()
        await asyncio.Event().wait()
        return Receipt()

    async def layer(send: Send, outgoing: Outgoing) -> Receipt:
        return await send(outgoing)

    class Wraps:
        @hookimpl
        def wrap_send(self, connector: ConnectorInfo) -> Layer:
            return layer

    (guarded,) = load(Wraps()).wrap_send(ConnectorInfo("telegram"))
    outgoing = Outgoing("telegram", "1", SendKind.MESSAGE, Purpose.REPLY, "k", "hello")
    task = asyncio.ensure_future(guarded(for_ever, outgoing))
    await inside.wait()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
