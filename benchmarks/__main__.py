"""Every table, from one run: printed, written as JSON, and drawn.

What matters is the ratio within a round: absolute times are those of this machine, today.

usage: python -m benchmarks [--only limiter,hooks,…] [--json FILE] [--svg FOLDER]
"""

import argparse
import asyncio
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import admin, calls, environments, journal, journey, limiter, load, memory, message_cost, start_up, svg
from benchmarks.harness import Table

DRAWN = frozenset(
    {"limiter-1k-admit", "limiter-1M-uniform", "limiter-bytes-10", "hooks", "journey", "journal", "retry-success", "start-up"}
)
"""The tables that are drawn."""
TABLES: dict[str, tuple[Callable[[], Iterable[Table]], tuple[str, ...]]] = {
    "limiter": (
        lambda: [*limiter.speed(), *limiter.size(), limiter.pauses()],
        (
            "limiter-1k-admit",
            "limiter-1k-refuse",
            "limiter-100k-uniform",
            "limiter-100k-zipf",
            "limiter-1M-uniform",
            "limiter-1M-zipf",
            "limiter-bytes-1",
            "limiter-bytes-3",
            "limiter-bytes-10",
            "limiter-slowest",
        ),
    ),
    "hooks": (lambda: [calls.dispatch()], ("hooks",)),
    "journey": (lambda: [journey.journey()], ("journey",)),
    "journal": (lambda: [journal.journal()], ("journal",)),
    "front": (lambda: [journal.front()], ("front",)),
    "retry": (calls.retrying, ("retry-success", "retry-failure")),
    "guard": (lambda: [calls.lookup()], ("guard",)),
    "admin": (lambda: [admin.admin()], ("admin",)),
    "start-up": (lambda: [start_up.start_up()], ("start-up",)),
    "load": (load.load, ("load", "load-flood")),
    "memory": (lambda: [memory.memory()], ("memory",)),
}
"""What each word of `--only` measures, and the names of its tables."""


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description="What the core and its plugins cost, beside what others cost.")
    parser.add_argument("--only", default=",".join(["exactness", *TABLES, "message"]), help="tables, with commas between them")
    parser.add_argument("--json", type=Path, default=Path("test-output/bench.json"))
    parser.add_argument("--svg", type=Path)
    asked = parser.parse_args()
    only = asked.only.split(",")
    if unknown := set(only) - {"exactness", "message", *TABLES}:
        parser.error(f"no such table: {', '.join(sorted(unknown))}")
    began = time.perf_counter()
    trouble = environments.prepare()
    for name, why in trouble.items():
        print(f"{name}: could not be installed: {why}")
    exact: dict[str, Any] = dict(limiter.exactness()) if "exactness" in only else {}
    tables = [table for name, (make, _) in TABLES.items() if name in only for table in make()]
    if "message" in only:
        asyncio.run(message_cost.print_cost(7, 200))
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    facts = {
        "date": f"{datetime.now(UTC):%d %B %Y}".lstrip("0"),
        "cores": os.cpu_count(),
        "whole": set(only) >= set(TABLES),
        "python": sys.version.split()[0],
        "machine": platform.machine(),
        "peers": environments.pinned(),
        "not installed": trouble,
        "exactness": exact,
        "tables": [
            {**asdict(one), "rows": [{**asdict(row), "median": row.value, "ratio": row.ratio} for row in one.rows]} for one in tables
        ],
    }
    asked.json.write_text(json.dumps(facts, indent=1), "utf-8")
    if asked.svg:
        for table in tables:
            if table.name in DRAWN:
                svg.write(table, asked.svg)
    print(f"\n{asked.json}: every figure of this run, which took {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
