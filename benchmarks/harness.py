"""Runs contestants in turns, each in its own process and environment, and makes a table of medians and of ratios within a round."""

import json
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from benchmarks.environments import OWN, ROOT, python_of

ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Contestant:
    """Something that is measured."""

    name: str
    module: str
    """Below `benchmarks`; its `CASES` has the case."""
    case: str
    env: str = OWN
    arguments: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one contestant."""

    name: str
    values: tuple[float, ...]
    """One a round."""
    ratios: tuple[float, ...]
    """To the table's reference, in the same round."""

    @property
    def value(self) -> float:
        """The median."""
        return statistics.median(self.values)

    @property
    def ratio(self) -> float:
        """The median of the ratios within a round."""
        return statistics.median(self.ratios)


@dataclass(frozen=True, slots=True)
class Table:
    """One table."""

    name: str
    title: str
    unit: str
    rows: tuple[Row, ...]
    reference: str
    notes: tuple[str, ...] = ()


class Workers:
    """One process for each module, environment and group, started when it is first needed."""

    def __init__(self) -> None:
        self._running: dict[tuple[str, str, str], subprocess.Popen[str]] = {}

    def ask(self, one: Contestant, group: str = "", **arguments: object) -> Any:
        """Run the contestant's case once. Raises `RuntimeError` when its process dies."""
        key = (one.env, one.module, group)
        if key not in self._running:
            command = [str(python_of(one.env)), "-m", "benchmarks.worker", f"benchmarks.{one.module}"]
            self._running[key] = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
        process = self._running[key]
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"case": one.case, "arguments": {**one.arguments, **arguments}}) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            self._running.pop(key).communicate()  # the next contestant gets a process of its own
            raise RuntimeError(f"{one.name}: its process ended")
        return json.loads(line)

    def close(self) -> None:
        """End them."""
        for process in self._running.values():
            process.kill()
            process.communicate()
        self._running.clear()


def interleaved(
    name: str,
    title: str,
    contestants: Sequence[Contestant],
    *,
    unit: str = "ns",
    reference: str | None = None,
    rounds: int = ROUNDS,
    notes: Sequence[str] = (),
    own_process: bool = False,
) -> Table:
    """A round asks everybody once, and who was first in one is last in the next. Who cannot run is left out, and a note says so."""
    said = list(notes)
    measured: dict[str, list[float]] = {one.name: [] for one in contestants}
    standing = list(contestants)
    with closing(Workers()) as made:
        warm = int(rounds >= ROUNDS)
        for number in range(rounds + warm):
            for one in standing[number % len(standing) :] + standing[: number % len(standing)]:
                try:
                    value = float(made.ask(one, one.name if own_process else ""))
                except (RuntimeError, OSError) as error:
                    said.append(f"left out: {error}")
                    standing.remove(one)
                    continue
                if number >= warm:  # the first round warms up
                    measured[one.name].append(value)
    base = measured[reference or contestants[0].name]
    rows = tuple(
        Row(one.name, tuple(values), tuple(mine / its for mine, its in zip(values, base, strict=True)))
        for one in standing
        if (values := measured[one.name])
    )
    table = Table(name, title, unit, rows, reference or contestants[0].name, tuple(said))
    show(table)
    return table


def show(table: Table) -> None:
    """Print it."""
    print(f"\n{table.title}\n")
    width = max((len(row.name) for row in table.rows), default=0) + 2
    for row in table.rows:
        spread = f"{min(row.ratios):.2f} to {max(row.ratios):.2f}"
        print(f"  {row.name:{width}}{row.value:14,.1f} {table.unit:8}{row.ratio:9.2f} x {table.reference}   ({spread})")
    for note in table.notes:
        print(f"  {note}")
    sys.stdout.flush()
