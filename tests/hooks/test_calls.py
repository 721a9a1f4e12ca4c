"""Each hook: what it answers, and what becomes of a plugin that fails. Every hook has a test named for it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from quart import Blueprint

from parachute_core import (
    Ambiguous,
    ConnectorInfo,
    ConnectorState,
    Deny,
    Inbound,
    InvalidTransition,
    Layer,
    NotDelivered,
    Outgoing,
    PairingEvent,
    PairingKind,
    PluginError,
    Purpose,
    Receipt,
    Rejected,
    Send,
    SendError,
    SendKind,
    StatusChange,
    TurnReport,
    TurnStage,
    Withheld,
    hookimpl,
)
from parachute_core.hooks.call import FailedGate, Hooks
from parachute_core.hooks.check import HOOK_NAMES
from parachute_core.hooks.discover import Candidate
from parachute_core.hooks.failure import FAILURE

Load = Callable[..., Hooks]
Make = Callable[..., Candidate]

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECRET_TEXT = "what the user wrote"
MESSAGE = Inbound("telegram", "1", "1", SECRET_TEXT, "m", NOW)
EVENT = PairingEvent(PairingKind.REQUESTED, "telegram", "1", NOW)
CHANGE = StatusChange("telegram", ConnectorState.STOPPED, ConnectorState.FAILED, allowed=False)
REPORT = TurnReport(TurnStage.BEGUN, 1, "telegram", "1", "1", "s", NOW)
INFO = ConnectorInfo("telegram")
OUTGOING = Outgoing("telegram", "1", SendKind.MESSAGE, Purpose.REPLY, "k", "hello")


class Base:
    """Notes what it was called with."""

    def __init__(self, *answers: Any) -> None:
        self.heard: list[object] = []
        self.answers = answers

    def next(self, heard: object = None) -> Any:
        self.heard.append(heard)
        answer = self.answers[0] if self.answers else None
        if isinstance(answer, BaseException):
            raise answer
        return answer


class Gate(Base):
    @hookimpl
    async def before_dispatch(self, message: Inbound) -> Deny | None:
        return self.next(message)  # type: ignore[no-any-return]


class Wraps(Base):
    @hookimpl
    def wrap_send(self, connector: ConnectorInfo) -> Layer | None:
        return self.next(connector)  # type: ignore[no-any-return]


class Watches(Base):
    @hookimpl
    def on_status_change(self, change: StatusChange) -> None:
        self.next(change)


class Hears(Base):
    @hookimpl
    async def on_pairing_event(self, event: PairingEvent) -> None:
        self.next(event)


class FollowsTurns(Base):
    @hookimpl
    async def on_turn(self, report: TurnReport) -> None:
        self.next(report)


class Routes(Base):
    @hookimpl
    def admin_blueprint(self) -> Blueprint | None:
        return self.next()  # type: ignore[no-any-return]


class Lives(Base):
    @hookimpl
    def lifespan(self) -> Any:
        return self.next()


def in_order(make_candidate: Make, *plugins: Base) -> list[Candidate]:
    return [make_candidate(f"p{index}", lambda _, made=one: made) for index, one in enumerate(plugins)]


def failures(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR]


def test_every_hook_has_a_policy() -> None:
    assert tuple(FAILURE) == HOOK_NAMES


def test_every_hook_has_a_test_named_for_it() -> None:
    assert [name for name in HOOK_NAMES if f"test_hook_{name}" not in globals()] == []


async def test_hook_before_dispatch(load: Load, make_candidate: Make) -> None:
    denial = Deny("full", reply="wait")
    first, second, third = Gate(), Gate(denial), Gate(Deny("never asked"))
    hooks = load(*in_order(make_candidate, first, second, third))

    refusal = await hooks.before_dispatch(MESSAGE)

    assert refusal is not None
    assert (refusal.plugin, refusal.denial) == ("p1", denial)
    assert refusal.denial is denial

    assert first.heard == second.heard == [MESSAGE]
    assert third.heard == []
    assert await load(*in_order(make_candidate, Gate(), Gate())).before_dispatch(MESSAGE) is None
    assert await Hooks().before_dispatch(MESSAGE) is None


async def test_a_gate_that_raises_refuses_and_is_named_without_the_message(
    load: Load, make_candidate: Make, caplog: pytest.LogCaptureFixture
) -> None:
    behind = Gate()
    hooks = load(*in_order(make_candidate, Gate(ValueError(SECRET_TEXT)), behind))
    with caplog.at_level(logging.INFO):
        refusal = await hooks.before_dispatch(MESSAGE)

    assert refusal == ("p0", FailedGate("plugin p0 failed: ValueError"))
    assert behind.heard == []
    assert failures(caplog) == ["plugin p0 failed in before_dispatch: ValueError"]
    assert SECRET_TEXT not in caplog.text
    assert caplog.records[0].__dict__["plugin"] == "p0"
    assert (await hooks.before_dispatch(MESSAGE)) is not None  # and goes on refusing; nothing is worn out


async def test_the_traceback_is_there_at_debug(load: Load, make_candidate: Make, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await load(*in_order(make_candidate, Gate(ValueError("why")))).before_dispatch(MESSAGE)
    assert [one.levelno for one in caplog.records if one.exc_info] == [logging.DEBUG]


@pytest.mark.parametrize("answer", [True, False, "no", 0, Deny, ()])
async def test_a_gate_that_answers_nonsense_refuses(
    load: Load, make_candidate: Make, caplog: pytest.LogCaptureFixture, answer: object
) -> None:
    refusal = await load(*in_order(make_candidate, Gate(answer))).before_dispatch(MESSAGE)
    assert refusal == ("p0", FailedGate("plugin p0 failed: TypeError"))
    assert failures(caplog) == ["plugin p0 failed in before_dispatch: TypeError"]


async def layer(send: Send, outgoing: Outgoing) -> Receipt:
    return await send(outgoing)


def noting(heard: list[str], name: str) -> Layer:
    async def noting_layer(send: Send, outgoing: Outgoing) -> Receipt:
        heard.append(name)
        return await send(outgoing)

    return noting_layer


async def sent_through(layers: tuple[Layer, ...], send: Send) -> Receipt:
    """One call through the layers, the first outermost, as the way out folds them."""
    for one in reversed(layers):
        send = partial(one, send)
    return await send(OUTGOING)


async def delivers(outgoing: Outgoing) -> Receipt:
    return Receipt(outgoing.key)


class LayerObject:
    async def __call__(self, send: Send, outgoing: Outgoing) -> Receipt:
        return await send(outgoing)

    async def method(self, send: Send, outgoing: Outgoing) -> Receipt:
        return await send(outgoing)

    async def with_more(self, more: object, send: Send, outgoing: Outgoing) -> Receipt:
        return await send(outgoing)


async def test_hook_wrap_send(load: Load, make_candidate: Make) -> None:
    heard: list[str] = []
    first, absent, last = Wraps(noting(heard, "first")), Wraps(), Wraps(noting(heard, "last"))
    layers = load(*in_order(make_candidate, first, absent, last)).wrap_send(INFO)

    assert await sent_through(layers, delivers) == Receipt("k")

    assert first.heard == absent.heard == last.heard == [INFO]
    assert heard == ["first", "last"]


@pytest.mark.parametrize("answer", [layer, LayerObject(), LayerObject().method, partial(LayerObject().with_more, None)])
async def test_a_layer_may_be_any_async_callable(load: Load, make_candidate: Make, answer: object) -> None:
    layers = load(*in_order(make_candidate, Wraps(answer))).wrap_send(INFO)
    assert await sent_through(layers, delivers) == Receipt("k")


@pytest.mark.parametrize("error", [NotDelivered("x"), Ambiguous("x"), Rejected("x"), Withheld("x", reply="y")])
async def test_what_a_send_ends_with_passes_a_layer_as_it_is(load: Load, make_candidate: Make, error: SendError) -> None:
    async def fails(_: Outgoing) -> Receipt:
        raise error

    with pytest.raises(SendError) as raised:
        await sent_through(load(*in_order(make_candidate, Wraps(layer))).wrap_send(INFO), fails)
    assert raised.value is error


async def breaks(send: Send, outgoing: Outgoing) -> Receipt:
    await send(outgoing)
    raise ValueError(SECRET_TEXT)


async def forgets(send: Send, outgoing: Outgoing) -> None:
    await send(outgoing)


async def loses_a_task(send: Send, outgoing: Outgoing) -> Receipt:
    task = asyncio.ensure_future(send(outgoing))
    task.cancel()
    return await task


@pytest.mark.parametrize(("answer", "kind"), [(breaks, "ValueError"), (forgets, "TypeError"), (loses_a_task, "CancelledError")])
async def test_a_layer_that_fails_leaves_the_outcome_open_and_is_named(
    load: Load, make_candidate: Make, caplog: pytest.LogCaptureFixture, answer: object, kind: str
) -> None:
    layers = load(*in_order(make_candidate, Wraps(layer), Wraps(answer))).wrap_send(INFO)
    with pytest.raises(Ambiguous, match=rf"^plugin p1 failed in its layer: {kind}$"):
        await sent_through(layers, delivers)
    assert failures(caplog) == [f"plugin p1 failed in wrap_send: {kind}"]


def sync_layer(send: Send, outgoing: Outgoing) -> Receipt:
    return Receipt()


async def narrow_layer(send: Send) -> Receipt:
    return Receipt()


async def wide_layer(send: Send, outgoing: Outgoing, more: object) -> Receipt:
    return Receipt()


async def generator_layer(send: Send, outgoing: Outgoing) -> AsyncIterator[Receipt]:
    yield Receipt()


@pytest.mark.parametrize("answer", [sync_layer, lambda *_: layer, narrow_layer, wide_layer, generator_layer, "layer", 1, LayerObject])
def test_a_layer_that_could_not_be_called_is_refused_by_name(load: Load, make_candidate: Make, answer: object) -> None:
    with pytest.raises(PluginError, match=r"plugin p1 \(dist-p1 1\.2\): wrap_send failed: TypeError: answered"):
        load(*in_order(make_candidate, Wraps(layer), Wraps(answer))).wrap_send(INFO)


def test_a_wrap_send_that_raises_is_named(load: Load, make_candidate: Make) -> None:
    with pytest.raises(PluginError, match=r"plugin p0 \(dist-p0 1\.2\): wrap_send failed: KeyError: 'x'") as refused:
        load(*in_order(make_candidate, Wraps(KeyError("x")))).wrap_send(INFO)
    assert isinstance(refused.value.__cause__, KeyError)


def test_hook_on_status_change(load: Load, make_candidate: Make) -> None:
    first, second = Watches(), Watches("an answer that nobody reads")
    load(*in_order(make_candidate, first, second)).on_status_change(CHANGE)
    assert first.heard == second.heard == [CHANGE]


def test_a_veto_reaches_the_caller_and_nobody_behind_it(load: Load, make_candidate: Make, caplog: pytest.LogCaptureFixture) -> None:
    veto = InvalidTransition("telegram", "stopped", "failed")
    before, behind = Watches(), Watches()
    with pytest.raises(InvalidTransition) as raised:
        load(*in_order(make_candidate, before, Watches(veto), behind)).on_status_change(CHANGE)

    assert raised.value is veto
    assert before.heard == [CHANGE]
    assert behind.heard == []
    assert failures(caplog) == []


def test_an_onlooker_that_fails_keeps_nobody_else_from_being_asked(
    load: Load, make_candidate: Make, caplog: pytest.LogCaptureFixture
) -> None:
    veto = InvalidTransition("telegram", "stopped", "failed")
    with pytest.raises(InvalidTransition):
        load(*in_order(make_candidate, Watches(RuntimeError("why")), Watches(veto))).on_status_change(CHANGE)
    assert failures(caplog) == ["plugin p0 failed in on_status_change: RuntimeError"]


async def test_hook_on_turn(load: Load, make_candidate: Make, caplog: pytest.LogCaptureFixture) -> None:
    first, second = FollowsTurns(), FollowsTurns()
    await load(*in_order(make_candidate, first, FollowsTurns(RuntimeError("why")), second)).on_turn(REPORT)
    assert (first.heard, second.heard) == ([REPORT], [REPORT])
    assert failures(caplog) == ["plugin p1 failed in on_turn: RuntimeError"]


async def test_hook_on_pairing_event(load: Load, make_candidate: Make, caplog: pytest.LogCaptureFixture) -> None:
    first, second = Hears(), Hears()
    await load(*in_order(make_candidate, first, Hears(RuntimeError("why")), second)).on_pairing_event(EVENT)
    assert first.heard == second.heard == [EVENT]
    assert failures(caplog) == ["plugin p1 failed in on_pairing_event: RuntimeError"]


def test_hook_admin_blueprint(load: Load, make_candidate: Make) -> None:
    blueprint = Blueprint("mine", __name__)
    assert load(*in_order(make_candidate, Routes(), Routes(blueprint))).blueprints() == [("p1", blueprint)]
    with pytest.raises(PluginError, match=r"plugin p0 \(dist-p0 1\.2\): admin_blueprint failed: OSError: why"):
        load(*in_order(make_candidate, Routes(OSError("why")))).blueprints()


async def test_hook_lifespan(load: Load, make_candidate: Make) -> None:
    entered: list[str] = []

    @asynccontextmanager
    async def span() -> AsyncIterator[None]:
        entered.append("in")
        yield
        entered.append("out")

    made = span()
    lifespans = load(*in_order(make_candidate, Lives(), Lives(made))).lifespans()

    assert lifespans == [("p1", made)]
    assert entered == []  # entering is the caller's
    async with made:
        assert entered == ["in"]
    with pytest.raises(PluginError, match=r"plugin p0 .*lifespan failed: OSError: why"):
        load(*in_order(make_candidate, Lives(OSError("why")))).lifespans()
    with pytest.raises(PluginError, match=r"lifespan failed: TypeError: answered str instead of None or an async context manager"):
        load(*in_order(make_candidate, Lives("no span"))).lifespans()


def test_a_later_fault_is_named_like_an_early_one(load: Load, make_candidate: Make) -> None:
    hooks = load(make_candidate("p", lambda _: Gate()))
    assert str(hooks.error("p", "its URL is taken")) == "plugin p (dist-p 1.2): its URL is taken"
    assert str(hooks.error("nobody", "x")) == "plugin nobody: x"


class TakesNothing(Base):
    @hookimpl
    async def before_dispatch(self) -> Deny | None:
        return self.next()  # type: ignore[no-any-return]

    @hookimpl
    def on_status_change(self) -> None:
        self.next()

    @hookimpl
    async def on_pairing_event(self) -> None:
        self.next()

    @hookimpl
    def wrap_send(self) -> Layer:
        self.next()
        return layer


class TakesOtherwise(Base):
    @hookimpl
    async def before_dispatch(self, message: Inbound | None = None, /) -> Deny | None:
        return self.next(message)  # type: ignore[no-any-return]

    @hookimpl(specname="on_status_change")
    def look(self, change: StatusChange | None = None) -> None:
        self.next(change)

    @staticmethod
    @hookimpl
    async def on_pairing_event(event: PairingEvent) -> None:
        assert event is EVENT


async def test_an_implementation_may_take_fewer_arguments_or_take_them_otherwise(load: Load, make_candidate: Make) -> None:
    fewer, otherwise = TakesNothing(), TakesOtherwise()
    hooks = load(*in_order(make_candidate, fewer, otherwise))

    assert await hooks.before_dispatch(MESSAGE) is None
    hooks.on_status_change(CHANGE)
    await hooks.on_pairing_event(EVENT)
    assert len(hooks.wrap_send(INFO)) == 1

    assert fewer.heard == [None] * 4
    assert otherwise.heard == [MESSAGE, CHANGE]
    assert hooks.order()["on_status_change"] == ("p0", "p1")


async def test_one_plugin_may_implement_a_hook_twice(load: Load, make_candidate: Make) -> None:
    class Double(Gate):
        @hookimpl(specname="before_dispatch")
        async def another(self, message: Inbound) -> Deny | None:
            self.next(message)
            return Deny("second")

    double = Double()
    hooks = load(make_candidate("p", lambda _: double))
    assert await hooks.before_dispatch(MESSAGE) == ("p", Deny("second"))
    assert hooks.order()["before_dispatch"] == ("p", "p")
