"""A running bot under load: `parachute-core load` at several rates, and beside one visitor who floods it."""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from benchmarks.harness import ROUNDS, Row, Table, show
from benchmarks.markdown import number

VISITORS = 2000
RATES = (100, 250, 500)
"""Messages a second of all visitors; the limiter would admit 333 when each sends as much as it may."""
QUIET, FLOODED = "the others, quiet", "the others, beside a visitor at 100 times the limit"


def run(rate: int, *, flood: int = 0, seconds: int = 6) -> Mapping[str, Any]:
    """One run against a bot of its own. Raises `RuntimeError` when it fails."""
    asked = ["--visitors", str(VISITORS), "--rate", str(rate), "--duration", str(seconds), "--flood", str(flood), "--json"]
    command = [sys.executable, "-m", "parachute_core", "load", *asked]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip() or f"it ended with {done.returncode}")
    figures: Mapping[str, Any] = json.loads(done.stdout)
    return figures


def load() -> Iterator[Table]:
    """Both tables; one in which a run fails is left out, with the reason."""
    for table in (partial(_rates, 3), partial(_flood, ROUNDS)):
        try:
            yield table()
        except RuntimeError as error:
            print(f"\nload: left out: {error}")


def _rates(rounds: int) -> Table:
    runs: dict[int, list[Mapping[str, Any]]] = {rate: [] for rate in RATES}
    for turn in range(rounds):
        for rate in RATES[turn:] + RATES[:turn]:  # each round is begun by another
            runs[rate].append(run(rate))
    first = [one["visitors"]["p50"] for one in runs[RATES[0]]]
    rows = []
    for rate, those in runs.items():
        halves = [one["visitors"]["p50"] for one in those]
        rows.append(Row(f"{rate} messages a second", tuple(halves), tuple(one / its for one, its in zip(halves, first, strict=True))))
    notes = [f"{rate} a second: {told(those)}" for rate, those in runs.items()]
    title = f"{VISITORS:,} visitors connected, the driver on the same cores: the first answer, half of them within"
    table = Table("load", title, "ms", tuple(rows), rows[0].name, tuple(notes))
    show(table)
    return table


def told(runs: Sequence[Mapping[str, Any]]) -> str:
    """Beside the table: what came of the runs at one rate."""
    visitors = [one["visitors"] for one in runs]
    answered, sent = (sum(one[name] for one in visitors) for name in ("answered", "sent"))
    wrong = sum(one[name] for one in visitors for name in ("doubled", "disordered", "errors", "closed"))
    slow = statistics.median(one["p99"] for one in visitors)
    cpu, resident = (statistics.median(one[name] for one in runs) for name in ("cpu", "resident"))
    return (
        f"{answered:,} of {sent:,} answered within ten seconds of the last, {wrong} doubled, disordered or broken off; "
        f"p99 {number(slow)} ms; the bot {cpu:.0%} of a core and {resident / 2**20:.0f} MiB"
    )


def _flood(rounds: int) -> Table:
    pairs: list[Mapping[str, float]] = []
    for turn in range(rounds):
        order = (0, 100) if turn % 2 else (100, 0)
        pairs.append({FLOODED if flood else QUIET: run(RATES[0], flood=flood)["visitors"]["p99"] for flood in order})
    rows = tuple(Row(name, tuple(one[name] for one in pairs), tuple(one[name] / one[QUIET] for one in pairs)) for name in (QUIET, FLOODED))
    notes = ("Pairs: " + ", ".join(f"{number(one[QUIET])} and {number(one[FLOODED])} ms" for one in pairs),)
    table = Table("load-flood", f"{VISITORS:,} visitors, {RATES[0]} messages a second: p99 of the first answer", "ms", rows, QUIET, notes)
    show(table)
    return table
