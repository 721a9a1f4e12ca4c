"""The limiter's check: how fast, how big, how exact, and what the slowest single one costs."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from benchmarks.harness import Contestant, Table, Workers, interleaved

OURS, BARE = "parachute-ratelimit", "bare dict of deques"
PEERS = (
    "limits moving window",
    "limits fixed window",
    "aiolimiter",
    "pyrate-limiter",
    "throttled GCRA",
    "throttled sliding window",
    "discord.py cooldown",
    "cachetools counter",
)
SCANS = "discord.py looks at every chat at every check, so it is measured among a thousand only."
BIG = "Among a million chats only some are measured, so that the run stays short."


def contestants(case: str, peers: tuple[str, ...], **arguments: object) -> list[Contestant]:
    """Ours, the bare one, and these peers."""
    own = [Contestant(name, "own.limiters", f"{short} {case}", arguments=arguments) for name, short in ((OURS, "ours"), (BARE, "bare"))]
    return own + [Contestant(name, "peers.limiters", f"{name} {case}", "limiters", arguments) for name in peers]


def speed() -> Iterator[Table]:
    """CPU time of one check."""
    for outcome in ("admit", "refuse"):
        title = f"One check, 1,000 chats, all messages {'admitted' if outcome == 'admit' else 'refused'}"
        yield interleaved(f"limiter-1k-{outcome}", title, contestants("few", PEERS, outcome=outcome), reference=BARE)
    for crowd, label, peers, note in (
        (100_000, "100k", tuple(one for one in PEERS if not one.startswith("discord")), SCANS),
        (1_000_000, "1M", ("limits moving window", "aiolimiter", "cachetools counter"), BIG),
    ):
        for pattern in ("uniform", "zipf"):
            title = f"One check, {crowd:,} chats, {pattern}"
            those = contestants("many", peers, crowd=crowd, pattern=pattern)
            yield interleaved(f"limiter-{label}-{pattern}", title, those, reference=BARE, notes=[note], own_process=True)


def size() -> Iterator[Table]:
    """Bytes of a chat."""
    for spent in (1, 3, 10):
        those = contestants("held", tuple(one for one in PEERS if not one.startswith("discord")), spent=spent)
        title = f"Bytes of a chat that has spent {spent} of 10 tokens (20,000 chats, what Python asked for, without the chat's id)"
        yield interleaved(f"limiter-bytes-{spent}", title, those, unit="bytes", reference=BARE, rounds=1, own_process=True)


def pauses() -> Table:
    """The slowest check."""
    title = "The slowest single check while 1,000,000 chats arrive (and, ours, are forgotten), collector on"
    return interleaved(
        "limiter-slowest", title, contestants("slowest", ("limits moving window",), crowd=1_000_000), unit="ms", reference=BARE
    )


def exactness() -> Mapping[str, Mapping[str, Any]]:
    """Wrong answers, ours among a million arrivals, the others' among forty thousand."""
    found: dict[str, Mapping[str, Any]] = {}
    those = [(Contestant(OURS, "own.limiters", "exact"), 1_000_000)]
    those += [(Contestant(name, "peers.limiters_exact", name, "limiters"), 40_000) for name in PEERS]
    print("\nWrong answers (10 in any 60 s; then 12 messages 61 s after 10 with the clock set back an hour: 10 are right;")
    print("and 12 right after 10 with the clock set forward a minute: 0 are right)\n")
    with closing(Workers()) as made:
        for one, count in those:
            try:
                got = made.ask(one, count=count)
            except RuntimeError as error:
                print(f"  left out: {error}")
                continue
            found[one.name] = {"arrivals": count, **got}
            print(
                f"  {one.name:28}{count:10,} arrivals {got['wrong_admits']:8,} wrongly admitted {got['wrong_refusals']:8,} wrongly refused"
                f"   set back: {got['after_step_back']:3}   forward: {got['after_step_forward']:3}"
            )
    return found
