"""How each hook of a plugin is tried, and what it may answer."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from parachute_core.hooks.answers import layer_fault
from parachute_core.hooks.shapes import ConnectorInfo, Layer
from parachute_core.model.errors import InvalidTransition, Rejected, SendError
from parachute_core.model.outgoing import Outgoing, Receipt
from parachute_core.model.verdict import Deny
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.samples import SAMPLE_TEXT, inbounds, outgoings, pairing_events, status_changes, turn_reports
from parachute_core.testing.stand_ins import PLATFORM

STEP = 30.0
"""Seconds that the fake clock is moved on while a call waits."""
WITHIN = 20.0
"""Real seconds after which a call is given up."""


async def _gates(gate: Callable[..., Any], clock: FakeClock) -> None:
    for message in inbounds(clock.now()):
        verdict = await finished(gate(message), clock)
        demand(verdict is None or isinstance(verdict, Deny), f"before_dispatch answered {type(verdict).__name__} instead of None or a Deny")
        if verdict is not None:
            demand(isinstance(verdict.reason, str) and bool(verdict.reason), "before_dispatch answered a Deny without a reason")
            demand(verdict.reply is None or (isinstance(verdict.reply, str) and bool(verdict.reply)), "a Deny's reply is text or None")
            demand(SAMPLE_TEXT not in verdict.reason, "a Deny's reason goes to the log and must not quote the message")


async def _layers(ask: Callable[..., Any], clock: FakeClock) -> None:
    layer = ask(ConnectorInfo(PLATFORM))
    if layer is None:
        return
    fault = layer_fault(layer)
    demand(fault is None, f"wrap_send {fault}")
    for outgoing in outgoings():
        await _layer(layer, outgoing, clock)


async def _layer(layer: Layer, outgoing: Outgoing, clock: FakeClock) -> None:
    async def delivers(_: Outgoing) -> Receipt:
        return Receipt("1")

    async def refuses(_: Outgoing) -> Receipt:
        raise Rejected("refused by the platform")

    try:
        receipt = await finished(layer(delivers, outgoing), clock)
    except SendError:
        pass
    else:
        demand(isinstance(receipt, Receipt), f"a layer of wrap_send answered {type(receipt).__name__} instead of a Receipt")
    try:
        await finished(layer(refuses, outgoing), clock)
    except SendError:
        return
    demand(outgoing.kind.cosmetic, "a layer of wrap_send swallowed an error that the platform's call ended with")


async def _status(look: Callable[..., Any], _: FakeClock) -> None:
    for change in status_changes():
        try:
            answer = look(change)
        except InvalidTransition:
            continue
        demand(answer is None, "on_status_change answers nothing; to veto a change it raises InvalidTransition")


async def _turns(hear: Callable[..., Any], clock: FakeClock) -> None:
    for report in turn_reports(clock.now()):
        demand(await finished(hear(report), clock) is None, "on_turn answers nothing")


async def _pairing(hear: Callable[..., Any], clock: FakeClock) -> None:
    for event in pairing_events(clock.now()):
        demand(await finished(hear(event), clock) is None, "on_pairing_event answers nothing")


async def _blueprint(ask: Callable[..., Any], _: FakeClock) -> None:
    blueprint = ask()
    kinds = {f"{one.__module__.partition('.')[0]}.{one.__name__}" for one in type(blueprint).__mro__}
    demand(
        blueprint is None or "quart.Blueprint" in kinds, f"admin_blueprint answered {type(blueprint).__name__} instead of a Quart Blueprint"
    )


async def _lifespan(_: Callable[..., Any], __: FakeClock) -> None:
    """It is entered and left already."""


TRIALS: Mapping[str, Callable[[Callable[..., Any], FakeClock], Coroutine[Any, Any, None]]] = {
    "before_dispatch": _gates,
    "wrap_send": _layers,
    "on_turn": _turns,
    "on_status_change": _status,
    "on_pairing_event": _pairing,
    "admin_blueprint": _blueprint,
    "lifespan": _lifespan,
}


async def finished(work: Awaitable[Any], clock: FakeClock) -> Any:
    """The result of `work`, with the clock moved on for as long as it waits."""
    task = asyncio.ensure_future(work)
    try:
        async with asyncio.timeout(WITHIN):
            while not task.done():
                await asyncio.wait({task}, timeout=0.005)
                if not task.done():
                    await clock.advance(STEP)
    except TimeoutError:
        task.cancel()
        raise AssertionError(f"a call did not end within {WITHIN:g} seconds, in which the clock was moved on again and again") from None
    return task.result()


def demand(kept: bool, fault: str) -> None:
    """Fail with `fault` unless the rule was kept."""
    if not kept:
        raise AssertionError(fault)
