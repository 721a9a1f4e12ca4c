"""One user asks, is approved, denied, revoked, blocked, forgotten, in any order, any number of times: against a model of a few lines."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import TYPE_CHECKING, Any, cast

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from parachute_pairing.errors import NotAllowed, NotBlocked, NotPending

from parachute_core import ConfigError, TrustLevel

if TYPE_CHECKING:
    from tests.conftest import Kit

DAY = 86_400.0


class History(RuleBasedStateMachine):
    """The model: the statuses of the user's requests, whether the user is allowed, age of the last request, messages since it was made."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.ids: list[str] = []
        self.statuses: list[str] = []
        self.allowed = False
        self.blocked = False
        self.replies = 0
        self.age = 0.0

    def open_kit(self) -> AbstractAsyncContextManager["Kit"]:
        raise NotImplementedError

    @initialize()
    def start(self) -> None:
        self.kit: Kit = self.runner.run(self.stack.enter_async_context(self.open_kit()))

    @rule()
    def ask(self) -> None:
        self.forget_the_old()
        assert self.kit.access.is_shut_out("telegram", "7") is self.blocked
        if self.blocked:
            return  # the core lets nothing of it through
        verdict = self.runner.run(self.kit.gate.judge(self.kit.message("7")))
        if self.allowed:
            assert verdict is None
            return
        assert verdict is not None
        if not self.pending:
            request = self.runner.run(self.kit.store.pending_of("telegram", "7"))
            assert request is not None
            assert request.id not in self.ids
            self.ids.append(request.id)
            self.statuses.append("pending")
            self.replies, self.age = 0, 0.0
        self.replies += 1
        assert (verdict.reply is not None) is (self.replies <= 2)

    @rule(level=st.sampled_from(TrustLevel))
    def approve(self, level: TrustLevel) -> None:
        if self.decide(lambda: self.kit.desk.approve(self.ids[-1], level), "approved"):
            self.allowed = True

    @rule()
    def approve_in_vain(self) -> None:
        if self.ids:
            self.forget_the_old()
            self.kit.access.failures = [ConfigError("the file cannot be edited")]
            expected = ConfigError if self.pending else NotPending
            try:
                self.runner.run(self.kit.desk.approve(self.ids[-1], TrustLevel.DIRECT))
            except expected:
                pass
            else:
                raise AssertionError
            self.kit.access.failures = []

    @rule()
    def deny(self) -> None:
        self.decide(lambda: self.kit.desk.deny(self.ids[-1]), "denied")

    @rule()
    def revoke(self) -> None:
        try:
            self.runner.run(self.kit.desk.revoke("telegram", "7"))
        except NotAllowed:
            assert not self.allowed
        else:
            assert self.allowed
        self.allowed = False

    @rule()
    def block(self) -> None:
        self.runner.run(self.kit.parts.blocking.block("telegram", "7"))
        self.statuses[-1:] = ["denied" if one == "pending" else one for one in self.statuses[-1:]]
        self.allowed, self.blocked = False, True

    @rule()
    def unblock(self) -> None:
        try:
            self.runner.run(self.kit.parts.blocking.unblock("telegram", "7"))
        except NotBlocked:
            assert not self.blocked
        else:
            assert self.blocked
        self.blocked = False

    @rule()
    def let_in_by_hand(self) -> None:
        self.kit.access.allowed["telegram", "7"] = TrustLevel.SANDBOXED
        self.allowed = True

    @rule(days=st.sampled_from([1.0, 6.9, 7.0, 8.0]))
    def wait(self, days: float) -> None:
        self.runner.run(self.kit.clock.advance(days * DAY))
        self.age += days * DAY

    @rule()
    def sweep(self) -> None:
        self.forget_the_old()
        self.runner.run(self.kit.desk.repair())
        self.runner.run(self.kit.desk.expire())
        assert self.runner.run(self.kit.store.count_pending()) == self.pending

    @invariant()
    def the_history_is_whole(self) -> None:
        if hasattr(self, "kit"):
            rows = self.runner.run(self.kit.store.history(None))
            assert [one.id for one in reversed(rows)] == self.ids
            stored = [one.status.value for one in reversed(rows)]
            # What is too old may or may not have been looked at since.
            assert stored[:-1] == self.statuses[:-1]
            assert stored[-1:] == self.statuses[-1:] or (stored[-1] == "pending" and self.age > 7 * DAY)
            assert self.kit.access.is_allowed("telegram", "7") is self.allowed

    def decide(self, decision: Callable[[], Any], status: str) -> bool:
        if not self.ids:
            return False
        self.forget_the_old()
        try:
            self.runner.run(decision())
        except NotPending:
            assert not self.pending
            return False
        assert self.pending
        self.statuses[-1] = status
        return True

    @property
    def pending(self) -> int:
        return self.statuses[-1:].count("pending")

    def forget_the_old(self) -> None:
        if self.pending and self.age > 7 * DAY:
            self.statuses[-1] = "expired"

    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()


def test_any_history_of_one_user_goes_on(make_kit: Callable[..., Any]) -> None:
    class Machine(History):
        def open_kit(self) -> AbstractAsyncContextManager["Kit"]:
            return cast("AbstractAsyncContextManager[Kit]", make_kit())

    health = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    quick = settings(max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=health)
    run_state_machine_as_test(Machine, settings=quick)
