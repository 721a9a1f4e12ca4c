"""The check that plugin authors call finds what is wrong, and passes what is right."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from parachute_core import (
    ConnectorInfo,
    Deny,
    Inbound,
    Layer,
    NotDelivered,
    Outgoing,
    PairingEvent,
    PluginContext,
    Receipt,
    Send,
    StatusChange,
    hookimpl,
)
from parachute_core.testing.contract import assert_plugin_contract


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    word: str = "spam"


class Good:
    """Uses every hook and most of what it is given."""

    def __init__(self, context: PluginContext[Settings]) -> None:
        self._context = context

    @hookimpl
    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        await self._context.store.migrate(["CREATE TABLE good_words (word TEXT PRIMARY KEY)"])
        task = asyncio.create_task(self._context.clock.sleep(3600))
        try:
            yield
        finally:
            task.cancel()

    @hookimpl
    async def before_dispatch(self, message: Inbound) -> Deny | None:
        await self._context.clock.sleep(90)
        async with self._context.store.transaction() as transaction:
            await transaction.execute("INSERT OR IGNORE INTO good_words VALUES (:word)", {"word": message.text})
        return Deny("an unwanted word", reply="no") if self._context.settings.word in message.text else None

    @hookimpl
    def wrap_send(self) -> Layer:
        async def layer(send: Send, outgoing: Outgoing) -> Receipt:
            try:
                return await send(outgoing)
            except NotDelivered:
                return await send(outgoing)

        return layer

    @hookimpl
    def on_status_change(self, change: StatusChange) -> None:
        return None

    @hookimpl
    async def on_pairing_event(self, event: PairingEvent) -> None:
        return None

    @hookimpl
    def admin_blueprint(self) -> None:
        return None


async def test_a_good_plugin_passes() -> None:
    await assert_plugin_contract(Good, {"word": "eggs"}, name="good")


class Misspelt:
    @hookimpl
    async def before_dispach(self, message: Inbound) -> None:
        return None


class Raises:
    @hookimpl
    async def before_dispatch(self, message: Inbound) -> None:
        raise ZeroDivisionError


class Nonsense:
    @hookimpl
    async def before_dispatch(self, message: Inbound) -> bool:
        return False


class Quotes:
    @hookimpl
    async def before_dispatch(self, message: Inbound) -> Deny:
        return Deny(f"not {message.text!r}")


class NoReason:
    @hookimpl
    async def before_dispatch(self, message: Inbound) -> Deny:
        return Deny("")


class EmptyReply:
    @hookimpl
    async def before_dispatch(self, message: Inbound) -> Deny:
        return Deny("no", reply="")


class Swallows:
    @hookimpl
    def wrap_send(self, connector: ConnectorInfo) -> Layer:
        async def layer(send: Send, outgoing: Outgoing) -> Receipt:
            try:
                return await send(outgoing)
            except Exception:  # noqa: BLE001 - the fault that is to be found
                return Receipt()

        return layer


class ForgetsTheReceipt:
    @hookimpl
    def wrap_send(self, connector: ConnectorInfo) -> Callable[[Send, Outgoing], Awaitable[None]]:
        async def layer(send: Send, outgoing: Outgoing) -> None:
            await send(outgoing)

        return layer


class SyncLayer:
    @hookimpl
    def wrap_send(self, connector: ConnectorInfo) -> Any:
        return lambda send, outgoing: send(outgoing)


class Talks:
    @hookimpl
    def on_status_change(self, change: StatusChange) -> bool:
        return False


class NoBlueprint:
    @hookimpl
    def admin_blueprint(self) -> str:
        return "/mine"


class LeavesATask:
    @hookimpl
    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        self.task = asyncio.create_task(asyncio.Event().wait(), name="left over")
        yield


class LeavesACoroutine:
    @hookimpl
    async def on_pairing_event(self, event: PairingEvent) -> None:
        asyncio.sleep(0)  # type: ignore[unused-coroutine]


@pytest.mark.parametrize(
    ("plugin", "fault"),
    [
        (Misspelt, "there is no hook before_dispach"),
        (Nonsense, "before_dispatch answered bool instead of None or a Deny"),
        (Quotes, "must not quote the message"),
        (NoReason, "a Deny without a reason"),
        (EmptyReply, "a Deny's reply is text or None"),
        (Swallows, "swallowed an error"),
        (ForgetsTheReceipt, "answered NoneType instead of a Receipt"),
        (SyncLayer, "wrap_send answered function instead of None or an async layer"),
        (Talks, "on_status_change answers nothing"),
        (NoBlueprint, "admin_blueprint answered str"),
        (LeavesATask, "left over"),
        (LeavesACoroutine, "nobody awaited"),
    ],
)
async def test_a_bad_plugin_fails_with_the_reason(plugin: Callable[[], object], fault: str) -> None:
    with pytest.raises(AssertionError, match=fault):
        await assert_plugin_contract(lambda _: plugin(), {"enabled": True}, name="bad")
    for task in asyncio.all_tasks():
        if task.get_name() == "left over":
            task.cancel()


async def test_what_a_gate_raises_is_shown_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        await assert_plugin_contract(lambda _: Raises(), name="bad")


async def test_settings_that_the_model_does_not_take_fail() -> None:
    with pytest.raises(AssertionError, match=r"plugins\.good\.wrod"):
        await assert_plugin_contract(Good, {"wrod": "eggs"}, name="good")
