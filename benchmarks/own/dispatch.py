"""Five gates that let everything through: asked by the core, by a plain loop, and by pluggy as it comes."""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pluggy

from parachute_core import Deny, Inbound, hookimpl
from parachute_core.hooks import specs
from parachute_core.hooks.call import Hooks
from parachute_core.hooks.make import Made
from parachute_core.hooks.markers import PROJECT
from parachute_core.hooks.register import calls, register

TIMES = 20_000
MESSAGE = Inbound("telegram", "1", "1", "hello", "1", datetime(2026, 1, 1, tzinfo=UTC))


class Gate:
    """Lets everything through."""

    @hookimpl
    async def before_dispatch(self, message: Inbound) -> Deny | None:
        return None


GATES = [Gate() for _ in range(5)]
PLAIN = [gate.before_dispatch for gate in GATES]


def registered(gates: list[Gate]) -> Hooks:
    """As `load_plugins` does it, without the distributions."""
    from parachute_core.hooks.discover import Candidate, Declaration

    made = [
        Made(Candidate(f"gate{number}", "none", "0", lambda: Declaration(None, None, 50)), 50, gate) for number, gate in enumerate(gates)
    ]
    manager, faults = register(made)
    assert not faults
    return Hooks((), {"before_dispatch": calls(manager, "before_dispatch")})


MANAGER = pluggy.PluginManager(PROJECT)
MANAGER.add_hookspecs(specs)
for _gate in GATES:
    MANAGER.register(_gate)
FIVE, NONE = registered(GATES), Hooks()


async def plain(message: Inbound) -> object:
    for gate in PLAIN:
        verdict = await gate(message)
        if verdict is not None:
            return verdict
    return None


async def naive(message: Inbound) -> object:
    """What pluggy alone gives: all coroutines at once, awaited one by one."""
    for waiting in reversed(MANAGER.hook.before_dispatch(message=message)):
        verdict = await waiting
        if verdict is not None:
            return verdict
    return None


def case(work: Callable[[Inbound], Awaitable[Any]]) -> Callable[[], Awaitable[float]]:
    async def measure() -> float:
        began = time.process_time()
        for _ in range(TIMES):
            await work(MESSAGE)
        return (time.process_time() - began) / TIMES * 1e9

    return measure


CASES = {"plain": case(plain), "hooks": case(FIVE.before_dispatch), "none": case(NONE.before_dispatch), "pluggy": case(naive)}
