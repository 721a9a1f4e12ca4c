"""The rule alone, against a slow oracle that does nothing but what the sentence says."""

import random
import tracemalloc
from collections import defaultdict, deque
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parachute_ratelimit.bucket import AT_ONCE, TokenBuckets

MINUTE = 60.0


class Oracle:
    """Remembers every admitted stamp for ever and counts those that are less than a window old."""

    def __init__(self, limit: int, window: float) -> None:
        self.limit, self.window = limit, window
        self.admitted: dict[object, list[float]] = defaultdict(list)

    def admits(self, key: object, now: float) -> bool:
        fits = sum(now - stamp < self.window for stamp in self.admitted[key]) < self.limit
        if fits:
            self.admitted[key].append(now)
        return fits


def times_admitted(buckets: TokenBuckets, key: str, stamps: list[float]) -> int:
    return sum(buckets.check_rate_limit(key, now) is None for now in stamps)


# Steps of exactly a window, of a hair less or more, of none at all, and of anything: the edge is where limiters go wrong.
def steps(window: float) -> st.SearchStrategy[float]:
    edges = [0.0, window, window / 2, window / 10, window - 0.001, window + 0.001, 2 * window, 3 * window, 5 * window]
    return st.one_of(st.sampled_from(edges), st.floats(min_value=0, max_value=2.5 * window))


@given(
    limit=st.integers(1, 12),
    window=st.sampled_from([60.0, 0.1, 1.0, 86_400.0, 7.3]),
    start=st.sampled_from([0.0, 1000.0, 123_456.789, 3e8]),
    data=st.data(),
)
def test_agrees_with_the_oracle_on_any_arrivals(limit: int, window: float, start: float, data: st.DataObject) -> None:
    buckets, oracle, now = TokenBuckets(limit, window), Oracle(limit, window), start
    for step, key in data.draw(st.lists(st.tuples(steps(window), st.sampled_from("ab")), max_size=80)):
        now += step
        assert (buckets.check_rate_limit(key, now) is None) == oracle.admits(key, now)


@given(ticks=st.lists(st.integers(0, 70_000), max_size=120), limit=st.integers(1, 10))
def test_no_span_of_a_window_admits_more_than_the_limit_and_none_is_refused_without_cause(ticks: list[int], limit: int) -> None:
    """On a grid of 1/1024 s floats are exact, so the sentence can be checked to the letter."""
    buckets = TokenBuckets(limit, MINUTE)
    admitted: list[int] = []
    now = 0
    for tick in ticks:
        now += tick
        counted = sum(now - earlier < MINUTE * 1024 for earlier in admitted)
        if buckets.check_rate_limit("chat", now / 1024) is None:
            admitted.append(now)
            assert counted < limit
        else:
            assert counted == limit
    for i, first in enumerate(admitted):
        assert sum(first <= other < first + MINUTE * 1024 for other in admitted[i:]) <= limit


def test_long_and_busy_traffic_agrees_with_the_oracle() -> None:
    rng = random.Random(89)
    for spread in (0.5, 6.0, 20.0):
        buckets, oracle, now = TokenBuckets(10, MINUTE), Oracle(10, MINUTE), 5000.0
        for _ in range(3000):
            now += rng.expovariate(1 / spread) if rng.random() < 0.9 else MINUTE
            key = rng.choice("abc")
            assert (buckets.check_rate_limit(key, now) is None) == oracle.admits(key, now)


def test_the_eleventh_message_is_refused_and_told_its_wait() -> None:
    buckets = TokenBuckets(10, MINUTE)
    assert times_admitted(buckets, "chat", [100.0 + i for i in range(10)]) == 10
    assert buckets.check_rate_limit("chat", 110.0) == 50.0


def test_the_edge_of_the_window_lets_no_burst_through() -> None:
    """A window that is refilled at once would let 19 pass within a second here."""
    buckets = TokenBuckets(10, MINUTE)
    late_in_the_first = [0.0] + [59.5] * 9
    early_in_the_next = [60.0] * 10
    assert times_admitted(buckets, "chat", late_in_the_first) == 10
    assert times_admitted(buckets, "chat", early_in_the_next) == 1
    assert times_admitted(buckets, "chat", [119.4] * 10) == 0
    assert times_admitted(buckets, "chat", [119.5] * 10) == 9


def test_a_token_is_back_exactly_one_window_after_it_was_spent() -> None:
    buckets = TokenBuckets(1, MINUTE)
    assert buckets.check_rate_limit("chat", 7.0) is None
    assert buckets.check_rate_limit("chat", 66.999) == pytest.approx(0.001)
    assert buckets.check_rate_limit("chat", 67.0) is None


def test_a_refused_message_costs_nothing() -> None:
    buckets = TokenBuckets(2, MINUTE)
    assert times_admitted(buckets, "chat", [0.0, 1.0]) == 2
    assert times_admitted(buckets, "chat", [1.0 + i / 100 for i in range(5000)]) == 0
    assert times_admitted(buckets, "chat", [60.0, 61.0]) == 2


@given(steps=st.lists(st.floats(0, 20), min_size=1, max_size=60), limit=st.integers(1, 5))
def test_who_waits_as_told_is_admitted_and_who_does_not_is_refused(steps: list[float], limit: int) -> None:
    buckets, now = TokenBuckets(limit, MINUTE), 0.0
    for step in steps:
        now += step
        wait = buckets.check_rate_limit("chat", now)
        if wait is not None:
            assert 0 < wait <= MINUTE
            assert buckets.check_rate_limit("chat", now + wait * 0.999 - 1e-6) is not None
            now += wait + 1e-6
            assert buckets.check_rate_limit("chat", now) is None


def test_one_chat_does_not_touch_another() -> None:
    buckets = TokenBuckets(3, MINUTE)
    assert times_admitted(buckets, "noisy", [float(i) for i in range(30)]) == 3
    assert times_admitted(buckets, "quiet", [30.0, 31.0, 32.0, 33.0]) == 3


def test_forgetting_never_refills_a_spent_bucket() -> None:
    buckets = TokenBuckets(2, MINUTE)
    buckets.check_rate_limit("other", 0.0)  # begins a generation
    assert times_admitted(buckets, "chat", [59.0, 59.5]) == 2
    for now in (60.0, 75.0, 90.0, 118.9):
        buckets.check_rate_limit(f"other {now}", now)
        assert buckets.check_rate_limit("chat", now) is not None
    assert times_admitted(buckets, "chat", [119.0, 119.25, 119.5]) == 2


@pytest.mark.parametrize("quiet", [0.0, 0.25, 0.5, 0.75])
def test_a_quiet_spell_at_any_place_of_a_generation_refills_nothing_early(quiet: float) -> None:
    """The generation begins at 0, the bucket is spent at its end, and the next check comes when half of that window has passed."""
    buckets = TokenBuckets(2, MINUTE)
    buckets.check_rate_limit("other", 0.0)
    assert times_admitted(buckets, "chat", [59.0, 59.0]) == 2
    assert buckets.check_rate_limit("chat", 59.0 + quiet * MINUTE) == pytest.approx(MINUTE * (1 - quiet))
    assert times_admitted(buckets, "chat", [119.0] * 3) == 2


def test_memory_is_given_back_when_the_crowd_has_gone() -> None:
    buckets = TokenBuckets(10, MINUTE)
    for number in range(20_000):
        buckets.check_rate_limit(f"chat {number}", number / 1000)
    assert len(buckets) == 20_000
    for late in range(300):  # a few messages later, none of which pays for the whole crowd
        buckets.check_rate_limit("late", 1000.0 + late)
    assert len(buckets) == 1


def test_no_check_forgets_the_whole_crowd_at_once() -> None:
    buckets = TokenBuckets(1, MINUTE)
    for number in range(30_000):
        buckets.check_rate_limit(f"chat {number}", 0.0)
    left = [len(buckets)]
    for late in range(300):
        buckets.check_rate_limit("late", 1000.0 + late)
        left.append(len(buckets))
    assert left[-1] == 1
    assert max(before - after for before, after in pairwise(left)) <= AT_ONCE


def test_memory_does_not_grow_with_the_chats_ever_seen() -> None:
    buckets = TokenBuckets(10, MINUTE)
    most = 0
    for second in range(3000):  # one new chat a second, for ever
        buckets.check_rate_limit(f"chat {second}", float(second))
        most = max(most, len(buckets))
    assert most <= 3 * MINUTE


def test_a_refused_crowd_keeps_no_memory_either() -> None:
    buckets = TokenBuckets(1, MINUTE)
    for second in range(200):
        buckets.check_rate_limit("flood", float(second))
    for now in (1000.0, 1000.0 + MINUTE):
        buckets.check_rate_limit("other", now)
    assert len(buckets) == 1


def test_a_chat_keeps_no_more_than_its_last_windows() -> None:
    """A slow chat under a high limit costs what it sent lately (90 stamps), not its last ten thousand messages (80 kB)."""
    buckets = TokenBuckets(10_000, MINUTE)
    tracemalloc.start()
    try:
        for second in range(0, 20_000, 2):
            assert buckets.check_rate_limit("chat", float(second)) is None
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 5000


def test_the_clock_may_start_anywhere() -> None:
    for start in (0.0, 1e-9, 1e9):
        buckets = TokenBuckets(2, MINUTE)
        assert times_admitted(buckets, "chat", [start] * 3) == 2


def test_a_chat_costs_no_more_than_a_compact_record() -> None:
    """170 bytes a chat, whatever it has spent; its id, which somebody holds anyway, not counted."""
    chats = [str(10**9 + number) for number in range(20_000)]
    buckets = TokenBuckets(10, MINUTE)
    tracemalloc.start()
    try:
        for spent in range(10):
            for chat in chats:
                buckets.check_rate_limit(chat, float(spent))
            assert tracemalloc.get_traced_memory()[0] / len(chats) <= 170
    finally:
        tracemalloc.stop()


@given(st.lists(st.tuples(steps(MINUTE), st.booleans(), st.sampled_from("ab")), max_size=60), st.integers(1, 4))
def test_a_token_that_was_given_back_was_never_spent(moves: list[tuple[float, bool, str]], limit: int) -> None:
    buckets, oracle, now = TokenBuckets(limit, MINUTE), Oracle(limit, MINUTE), 50.0
    for step, undo, key in moves:
        now += step
        admitted = buckets.check_rate_limit(key, now) is None
        assert admitted == oracle.admits(key, now)
        if admitted and undo:
            buckets.give_back(key)
            oracle.admitted[key].pop()


def test_what_was_given_back_leaves_nothing_in_memory() -> None:
    buckets = TokenBuckets(3, MINUTE)
    buckets.check_rate_limit("chat", 1.0)
    buckets.give_back("chat")
    assert len(buckets) == 0


@pytest.mark.parametrize("seed", range(4))
def test_a_crowd_is_judged_exactly(seed: int) -> None:
    """Fifty thousand arrivals: floods, bursts at the edges of a window and of a minute, steady chats, lulls, over many generations."""
    rng = random.Random(seed)
    buckets, now = TokenBuckets(10, MINUTE), rng.choice([0.0, 777.7, 1e6])
    spent: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=10))
    for _ in range(50_000):
        now += rng.choice([0.0, 0.001, 0.01, rng.expovariate(20), 0.0, 60.0 if rng.random() < 0.001 else 0.0])
        chat = str(int(rng.paretovariate(0.5)) % 300)
        stamps = spent[chat]
        right = None if len(stamps) < 10 or now - stamps[0] >= MINUTE else MINUTE - (now - stamps[0])
        assert buckets.check_rate_limit(chat, now) == right
        if right is None:
            stamps.append(now)
