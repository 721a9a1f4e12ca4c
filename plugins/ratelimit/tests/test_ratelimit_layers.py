"""Layered rules, against an oracle that remembers every message and does nothing but what the sentence says."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parachute_ratelimit.layers import Layers, Per, Refusal, Rule

from parachute_core import ChatType, Inbound

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def message(chat: str, user: str, platform: str = "telegram") -> Inbound:
    return Inbound(platform, chat, user, "hello", "1", NEW_YEAR, ChatType.GROUP)


class Oracle:
    """A message is admitted when each layer counted fewer than its limit in its window; only then is it counted, by each."""

    def __init__(self, rules: list[Rule]) -> None:
        self.rules = rules
        self.seen: list[tuple[float, Inbound, bool]] = []

    def judge(self, one: Inbound, now: float, stranger: bool) -> Refusal | None:
        asked = [rule for rule in self.rules if not (stranger and rule.per in (Per.PLATFORM, Per.ALL))]
        refusals = []
        for rule in asked:
            counted = [
                at
                for at, other, strange in self.seen
                if self.together(rule.per, one, other) and now - at < rule.window and not (strange and rule.per in (Per.PLATFORM, Per.ALL))
            ]
            if len(counted) >= rule.limit:
                refusals.append(Refusal(rule, rule.window - (now - counted[-rule.limit])))
        if refusals:
            return max(refusals, key=lambda refusal: refusal.wait)
        self.seen.append((now, one, stranger))
        return None

    @staticmethod
    def together(per: Per, one: Inbound, other: Inbound) -> bool:
        same_platform = one.platform == other.platform
        return {
            Per.ALL: True,
            Per.PLATFORM: same_platform,
            Per.USER: same_platform and one.user_id == other.user_id,
            Per.CHAT: same_platform and one.chat_id == other.chat_id,
        }[per]


rules = st.builds(Rule, st.sampled_from(Per), st.integers(1, 6), st.sampled_from([1.0, 10.0, 60.0, 7.3]))
arrivals = st.tuples(
    st.one_of(st.sampled_from([0.0, 1.0, 7.3, 10.0, 59.0, 60.0, 120.0]), st.floats(0, 30)),
    st.sampled_from("xy"),
    st.sampled_from("123"),
    st.sampled_from(["telegram", "discord"]),
    st.booleans(),
)


@given(st.lists(rules, min_size=1, max_size=5), st.lists(arrivals, max_size=60))
def test_layers_agree_with_the_oracle_on_any_arrivals(chosen: list[Rule], coming: list[tuple[float, str, str, str, bool]]) -> None:
    layers, oracle, now = Layers(chosen), Oracle(chosen), 100.0
    for step, chat, user, platform, stranger in coming:
        now += step
        one = message(chat, user, platform)
        got, right = layers.check_rate_limit(one, now, stranger=stranger), oracle.judge(one, now, stranger)
        assert (got is None) == (right is None)
        if got is not None and right is not None:
            assert got.wait == right.wait


def test_a_refused_message_costs_no_layer_anything() -> None:
    layers = Layers([Rule(Per.CHAT, 3, 60.0), Rule(Per.USER, 1, 60.0), Rule(Per.ALL, 3, 60.0)])
    assert layers.check_rate_limit(message("group", "noisy"), 0.0) is None
    for number in range(100):
        assert layers.check_rate_limit(message("group", "noisy"), number / 10) == Refusal(Rule(Per.USER, 1, 60.0), 60.0 - number / 10)
    assert layers.check_rate_limit(message("group", "second"), 20.0) is None
    assert layers.check_rate_limit(message("group", "third"), 20.0) is None
    assert layers.check_rate_limit(message("group", "fourth"), 20.0) is not None


def test_the_layer_that_takes_longest_is_named() -> None:
    layers = Layers([Rule(Per.CHAT, 1, 60.0), Rule(Per.USER, 1, 3600.0), Rule(Per.ALL, 1, 10.0)])
    assert layers.check_rate_limit(message("a", "1"), 0.0) is None
    assert layers.check_rate_limit(message("a", "1"), 5.0) == Refusal(Rule(Per.USER, 1, 3600.0), 3595.0)
    assert layers.check_rate_limit(message("a", "2"), 5.0) == Refusal(Rule(Per.CHAT, 1, 60.0), 55.0)
    assert layers.check_rate_limit(message("b", "2"), 5.0) == Refusal(Rule(Per.ALL, 1, 10.0), 5.0)


@pytest.mark.parametrize("per", [Per.PLATFORM, Per.ALL])
def test_strangers_spend_nothing_of_what_all_share(per: Per) -> None:
    layers = Layers([Rule(per, 2, 60.0)])
    for number in range(50):
        assert layers.check_rate_limit(message(str(number), str(number)), 0.0, stranger=True) is None
    assert [layers.check_rate_limit(message("a", "1"), 0.0) is None for _ in range(3)] == [True, True, False]
