"""What it costs that nothing is lost: the whole journey, kept step by step."""

from contextlib import closing

from benchmarks.harness import Contestant, Table, Workers, interleaved

WITHOUT = "nothing kept"
ROWS = (
    (WITHOUT, "nothing", True),
    ("parachute-core, all kept, chats at once", "kept", True),
    ("parachute-core, all kept, one message after the other", "kept", False),
    ("a commit for each step, chats at once", "each", True),
    ("a commit for each step, one message after the other", "each", False),
)


def journal() -> Table:
    """Five plugins, fifty chats, an agent that echoes."""
    contestants = [Contestant(name, "own.journal", "journey", arguments={"kind": kind, "together": at}) for name, kind, at in ROWS]
    with closing(Workers()) as made:
        counts = [f"{one.name}: {made.ask(one, counted=True):.2f} transactions a message" for one in contestants[1:]]
    return interleaved("journal", "One message all the way, with everything kept", contestants, notes=counts)


def front() -> Table:
    """The same server with and without what stands before the framework."""
    rows = (("GET", "/healthz"), ("GET", "/metrics"), ("POST", "/webhook/telegram"))
    return interleaved(
        "front",
        "An answer of the bot's own server",
        [
            Contestant(name, "own.front", "answered", arguments={"path": path, "method": method, "front": before})
            for method, path in rows
            for name, before in ((f"Quart, {method} {path}", False), (f"parachute-core, {method} {path}", True))
        ],
        notes=["The clients' own time is taken off."],
    )
