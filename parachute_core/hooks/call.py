"""The only caller of hooks."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from parachute_core.hooks.answers import layer_fault, lifespan_fault, wrong_answer
from parachute_core.hooks.failure import FAILURE, Failure, cancelled_by_caller, guarded, log_failure
from parachute_core.hooks.shapes import ConnectorInfo, Layer
from parachute_core.model.errors import InvalidTransition, PluginError
from parachute_core.model.message import Inbound
from parachute_core.model.pairing import PairingEvent
from parachute_core.model.status import StatusChange
from parachute_core.model.turn_report import TurnReport
from parachute_core.model.verdict import Deny

if TYPE_CHECKING:
    from quart import Blueprint

Call = tuple[str, Callable[..., Any]]
"""A plugin's name and its implementation of a hook, which takes exactly the hook's arguments, by position."""


@dataclass(frozen=True, slots=True)
class FailedGate(Deny):
    """The refusal that stands for a gate which failed: the message stops, and the core finds the words."""


class Refusal(NamedTuple):
    """A message stops here."""

    plugin: str
    """Who refused it."""
    denial: Deny


@dataclass(frozen=True, slots=True, eq=False)
class LoadedPlugin:
    """A plugin that is on."""

    enabled: ClassVar[bool] = True
    name: str
    distribution: str
    version: str
    hooks: tuple[str, ...]
    """The hooks it implements."""
    plugin: object
    """What its factory made."""


@dataclass(frozen=True, slots=True)
class DisabledPlugin:
    """A plugin that is installed and switched off; it was not imported."""

    enabled: ClassVar[bool] = False
    hooks: ClassVar[tuple[str, ...]] = ()
    name: str
    distribution: str
    version: str


class Hooks:
    """Asks the plugins, one after the other, in the order in which `calls` has them for each hook. Made by `load_plugins`."""

    def __init__(
        self,
        plugins: Sequence[LoadedPlugin] = (),
        calls: Mapping[str, Sequence[Call]] | None = None,
        disabled: Sequence[DisabledPlugin] = (),
    ) -> None:
        self.plugins = tuple(plugins)
        """Those that are on, in the effective order."""
        self.disabled = tuple(disabled)
        self._calls = {hook: tuple((calls or {}).get(hook, ())) for hook in FAILURE}
        self._gates: tuple[tuple[str, Callable[[Inbound], Coroutine[Any, Any, object]]], ...] = self._calls["before_dispatch"]

    def order(self) -> dict[str, tuple[str, ...]]:
        """For each hook, in the order of a message's journey, the names of the plugins as they are asked."""
        return {hook: tuple(name for name, _ in calls) for hook, calls in self._calls.items()}

    def implementations(self, hook: str) -> tuple[Call, ...]:
        """The hook's implementations as they are called, without the isolation: for a test that wants to see what they raise."""
        return self._calls[hook]

    async def before_dispatch(self, message: Inbound) -> Refusal | None:
        """The first refusal, or None when every gate lets the message pass. Raises nothing but the caller's own cancellation."""
        for name, gate in self._gates:
            try:
                verdict = await gate(message)
            except asyncio.CancelledError as error:
                if cancelled_by_caller():
                    raise
                return self._refuse(name, error)
            except Exception as error:  # noqa: BLE001 - a plugin's fault must neither pass the message nor end the connector
                return self._refuse(name, error)
            if verdict is None:
                continue
            if isinstance(verdict, Deny):
                return Refusal(name, verdict)
            return self._refuse(name, TypeError(wrong_answer(verdict, "None or a Deny")))
        return None

    def wrap_send(self, connector: ConnectorInfo) -> tuple[Layer, ...]:
        """The layers round the connector's sends, outermost first; each ends in a `Receipt` or a `SendError`. Raises `PluginError`."""
        return tuple(guarded(name, layer) for name, layer in self._answers("wrap_send", layer_fault, connector))

    async def on_turn(self, report: TurnReport) -> None:
        """Tell every plugin. Raises nothing but the caller's own cancellation."""
        await self._tell("on_turn", report)

    def on_status_change(self, change: StatusChange) -> None:
        """Tell of a move before it is made.

        Raises `InvalidTransition` as soon as one plugin vetoes: then no move is made, and the plugins behind it never hear of one.
        """
        for name, look in self._calls["on_status_change"]:
            try:
                look(change)
            except InvalidTransition:
                raise
            except Exception as error:  # noqa: BLE001 - an onlooker's fault must not keep a connector from changing its state
                self._failed("on_status_change", name, error)

    async def on_pairing_event(self, event: PairingEvent) -> None:
        """Tell every plugin. Raises nothing but the caller's own cancellation."""
        await self._tell("on_pairing_event", event)

    def blueprints(self) -> "list[tuple[str, Blueprint]]":
        """Each plugin's blueprint with the plugin's name, in order. Raises `PluginError`. Its type is for the admin app to check."""
        return self._answers("admin_blueprint", lambda _: None)

    def lifespans(self) -> list[tuple[str, AbstractAsyncContextManager[None]]]:
        """Each plugin's lifespan with the plugin's name, in order and not yet entered. Raises `PluginError`."""
        return self._answers("lifespan", lifespan_fault)

    def error(self, plugin: str, cause: str) -> PluginError:
        """An error that names the plugin with its distribution and version; for what goes wrong with a plugin's answer later on."""
        for one in self.plugins:
            if one.name == plugin:
                return PluginError(plugin, cause, one.distribution, one.version)
        return PluginError(plugin, cause)

    async def _tell(self, hook: str, event: object) -> None:
        for name, hear in self._calls[hook]:
            try:
                await hear(event)
            except asyncio.CancelledError as error:
                if cancelled_by_caller():
                    raise
                self._failed(hook, name, error)
            except Exception as error:  # noqa: BLE001 - it has happened already; the others must hear of it
                self._failed(hook, name, error)

    def _answers(self, hook: str, fault_of: Callable[[Any], str | None], *arguments: object) -> list[tuple[str, Any]]:
        """What each plugin answers but for None, with the plugin's name."""
        answers: list[tuple[str, Any]] = []
        for name, ask in self._calls[hook]:
            try:
                answer = ask(*arguments)
                fault = None if answer is None else fault_of(answer)
                if fault:
                    raise TypeError(fault)
            except Exception as error:  # noqa: BLE001 - named and passed on, as the hook's policy says
                self._failed(hook, name, error)
            else:
                if answer is not None:
                    answers.append((name, answer))
        return answers

    def _refuse(self, plugin: str, error: BaseException) -> Refusal:
        self._failed("before_dispatch", plugin, error)
        return Refusal(plugin, FailedGate(f"plugin {plugin} failed: {type(error).__name__}"))

    def _failed(self, hook: str, plugin: str, error: BaseException) -> None:
        if FAILURE[hook] is Failure.STOP:
            raise self.error(plugin, f"{hook} failed: {type(error).__name__}: {error}") from error
        log_failure(hook, plugin, error)
