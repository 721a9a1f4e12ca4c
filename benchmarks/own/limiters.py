"""Our limiter, and the least that could be written in its place."""

from collections import deque

from parachute_ratelimit.bucket import TokenBuckets

from benchmarks.crowd import LIMIT, Check, Measured, judged
from benchmarks.own.bot import OWNER, message
from parachute_core.testing import running_bot


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
    """Our wrong answers among so many arrivals, and what the plugin in a bot admits after the machine's clock was set."""
    kind, check = ours(60.0)
    found = await judged(kind, check, lambda _: None, count)
    for name, step, passes in (("after_step_back", -3600.0, 61.0), ("after_step_forward", 61.0, 0.0)):
        async with running_bot(["ratelimit"]) as bot:
            gates = bot.runtime.hooks
            for number in range(LIMIT):
                assert await gates.before_dispatch(message(number, chat=OWNER)) is None
            bot.clock.jump_wall(step)
            await bot.clock.advance(passes)
            verdicts = [await gates.before_dispatch(message(number, chat=OWNER)) for number in range(LIMIT + 2)]
            found[name] = verdicts.count(None)
    return found


CASES = {
    f"{name} {case}": getattr(measured, case)
    for name, measured in (("ours", OURS), ("bare", BARE))
    for case in ("few", "many", "slowest", "held")
} | {"exact": exact}
