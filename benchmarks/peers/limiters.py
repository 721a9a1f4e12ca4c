"""The packages that limit rates."""

from collections.abc import Awaitable, Callable

from benchmarks.crowd import LIMIT, Check, Make, Measured


def limits_moving(window: float) -> tuple[str, Check]:
    from limits import RateLimitItemPerSecond
    from limits.aio.storage import MemoryStorage
    from limits.aio.strategies import MovingWindowRateLimiter

    limiter, item = MovingWindowRateLimiter(MemoryStorage()), RateLimitItemPerSecond(LIMIT, int(window))
    return "async", lambda key: limiter.hit(item, key)


def limits_fixed(window: float) -> tuple[str, Check]:
    from limits import RateLimitItemPerSecond
    from limits.aio.storage import MemoryStorage
    from limits.aio.strategies import FixedWindowRateLimiter

    limiter, item = FixedWindowRateLimiter(MemoryStorage()), RateLimitItemPerSecond(LIMIT, int(window))
    return "async", lambda key: limiter.hit(item, key)


def aiolimiter(window: float) -> tuple[str, Check]:
    from aiolimiter import AsyncLimiter

    chats: dict[str, AsyncLimiter] = {}

    async def check(key: str) -> bool:
        limiter = chats.get(key)
        if limiter is None:
            chats[key] = limiter = AsyncLimiter(LIMIT, window)
        if not limiter.has_capacity():
            return False
        await limiter.acquire()
        return True

    return "async", check


def pyrate(window: float) -> tuple[str, Check]:
    from pyrate_limiter import AbstractBucket, BucketFactory, InMemoryBucket, Limiter, MonotonicClock, Rate, RateItem

    rates, clock = [Rate(LIMIT, int(window * 1000))], MonotonicClock()

    class Factory(BucketFactory):
        def __init__(self) -> None:
            self.chats: dict[str, AbstractBucket] = {}

        def wrap_item(self, name: str, weight: int = 1) -> RateItem:
            return RateItem(name, clock.now(), weight=weight)

        def get(self, item: RateItem) -> AbstractBucket:
            bucket = self.chats.get(item.name)
            if bucket is None:
                bucket = self.chats[item.name] = InMemoryBucket(rates)
            return bucket

    limiter = Limiter(Factory())
    return "sync", lambda key: limiter.try_acquire(key, blocking=False)


def throttled(using: str) -> Make:
    def make(window: float) -> tuple[str, Check]:
        from datetime import timedelta

        from throttled.asyncio import MemoryStore, Throttled
        from throttled.asyncio.rate_limiter import per_duration

        quota = per_duration(timedelta(seconds=window), LIMIT, burst=LIMIT)
        limiter = Throttled(using=using, quota=quota, store=MemoryStore(options={"MAX_SIZE": 4_000_000}))

        async def check(key: str) -> bool:
            return not (await limiter.limit(key)).limited

        return "async", check

    return make


def discord_cooldown(window: float) -> tuple[str, Check]:
    from discord.ext.commands import CooldownMapping

    mapping = CooldownMapping.from_cooldown(LIMIT, window, lambda key: key)
    return "sync", lambda key: mapping.update_rate_limit(key) is None


def cachetools(window: float) -> tuple[str, Check]:
    import time

    from cachetools import TTLCache

    counts: TTLCache[str, list[int]] = TTLCache(4_000_000, window, timer=lambda: time.monotonic())

    def check(key: str) -> bool:
        count = counts.get(key)
        if count is None:
            counts[key] = [1]
            return True
        if count[0] >= LIMIT:
            return False
        count[0] += 1  # in place: set anew, the entry would live for another window
        return True

    return "sync", check


MAKERS: dict[str, Make] = {
    "limits moving window": limits_moving,
    "limits fixed window": limits_fixed,
    "aiolimiter": aiolimiter,
    "pyrate-limiter": pyrate,
    "throttled GCRA": throttled("gcra"),
    "throttled sliding window": throttled("sliding_window"),
    "discord.py cooldown": discord_cooldown,
    "cachetools counter": cachetools,
}
CASES: dict[str, Callable[..., Awaitable[float]]] = {
    f"{name} {case}": getattr(measured, case)
    for name, make in MAKERS.items()
    for measured in (Measured(make),)
    for case in ("few", "many", "slowest", "held")
}
