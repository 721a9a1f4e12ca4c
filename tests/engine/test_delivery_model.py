"""Whatever happens, nothing is lost, nothing is doubled without a label, and nothing gets past a fence."""

import os
from pathlib import Path

import pytest

from tests.engine.histories import PLATFORMS, life

FIRST = int(os.environ.get("HISTORIES_FROM", "0"))
COUNT = int(os.environ.get("HISTORIES", "6"))
"""Histories of each kind of platform; `HISTORIES=200` makes a long hunt."""
STEPS = 30


@pytest.mark.parametrize("kind", PLATFORMS)
@pytest.mark.parametrize("seed", range(FIRST, FIRST + COUNT))
async def test_whatever_happens_the_promise_holds(seed: int, kind: str, tmp_path: Path) -> None:
    async with life(seed, PLATFORMS[kind], tmp_path) as one:
        await one.run(STEPS)
