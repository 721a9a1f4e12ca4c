"""Calls within the core and the plugins: hooks, retries, the session guard's look-up."""

from collections.abc import Iterator

from benchmarks.harness import Contestant, Table, interleaved


def dispatch() -> Table:
    """Asking five gates."""
    return interleaved(
        "hooks",
        "One message through five before_dispatch gates that let it pass",
        [
            Contestant("plain loop of five coroutines", "own.dispatch", "plain"),
            Contestant("parachute-core hooks, five plugins", "own.dispatch", "hooks"),
            Contestant("parachute-core hooks, no plugin", "own.dispatch", "none"),
            Contestant("pluggy's own call, awaited in order", "own.dispatch", "pluggy"),
        ],
    )


def retrying() -> Iterator[Table]:
    """A call that succeeds at once, and one that succeeds at every second try."""
    for fails, name, title in (
        (False, "retry-success", "One call through a retry wrapper, success at once"),
        (True, "retry-failure", "One call through a retry wrapper, success at the second try, no wait"),
    ):
        own = [
            Contestant(label, "own.retrying", case, arguments={"fails": fails})
            for label, case in (("hand-written loop", "hand"), ("parachute-retry", "ours"))
        ]
        peers = [Contestant(one, "peers.retrying", one, "retrying", {"fails": fails}) for one in ("backoff", "tenacity", "stamina")]
        yield interleaved(name, title, own + peers)


def lookup() -> Table:
    """Whether a session is open."""
    return interleaved(
        "guard",
        "The session guard's look-up among 1,000 sessions, waiting included",
        [
            Contestant("aiosqlite: execute, fetchone", "own.lookup", "aiosqlite"),
            Contestant("parachute-core session store", "own.lookup", "ours"),
        ],
        reference="parachute-core session store",
    )
