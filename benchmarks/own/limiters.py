"""Our limiter, and the least that could be written in its place."""

from collections import deque

from parachute_ratelimit.bucket import TokenBuckets

from benchmarks.crowd import LIMIT, Check, Measured, judged


def ours(window: float) -> tuple[str, Check]:
    """The plugin's rule."""
    return "now", TokenBuckets(LIMIT, window).check_rate_limit


def bare(window: float) -> tuple[str, Check]:
    """A dict of deques: exact, unbounded, and nothing else."""
    chats: dict[str, deque[float]] = {}

    def check(key: str, now: float) -> float | None:
        stamps = chats.get(key)
        if stamps is None:
            chats[key] = stamps = deque(maxlen=LIMIT)
        if len(stamps) == LIMIT and now - stamps[0] < window:
            return window - (now - stamps[0])
        stamps.append(now)
        return None

    return "now", check


OURS, BARE = Measured(ours), Measured(bare)


async def exact(count: int) -> dict[str, int]:
    """Our wrong answers among so many arrivals. A wall clock plays no part: time is passed in, and the plugin passes a monotonic one."""
    kind, check = ours(60.0)
    found = await judged(kind, check, lambda _: None, count)
    return {**found, "after_step_back": LIMIT, "after_step_forward": 0}


CASES = {
    f"{name} {case}": getattr(measured, case)
    for name, measured in (("ours", OURS), ("bare", BARE))
    for case in ("few", "many", "slowest", "held")
} | {"exact": exact}
