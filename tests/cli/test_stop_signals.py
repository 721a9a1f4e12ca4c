"""How signals end the process: asked once it stops, asked twice it is gone, and a stop that hangs is cut short."""

import signal
import subprocess
import sys

import pytest

SCRIPT = """
import asyncio, sys, time
from parachute_core.cli import signals

signals.STOP_WITHIN = float(sys.argv[1])
how = sys.argv[2]

async def main():
    async with signals.Signals() as stop:
        try:
            print("ready", flush=True)
            if how == "starting":
                await asyncio.sleep(60)
            await stop.next()
        finally:
            print("stopping", stop.name, flush=True)
            if how == "hangs":
                await asyncio.sleep(60)
            if how == "blocks":
                time.sleep(60)
    print("stopped", flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(
    ("within", "how", "signals", "told", "code"),
    [
        ("30", "well", 1, ["stopped"], 0),
        ("30", "starting", 1, ["stopped"], 0),
        ("30", "hangs", 2, [], None),
        ("0.3", "hangs", 1, [], 1),
        ("0.3", "blocks", 1, [], 1),
    ],
)
def test_signals(number: signal.Signals, within: str, how: str, signals: int, told: list[str], code: int | None) -> None:
    with subprocess.Popen([sys.executable, "-c", SCRIPT, within, how], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.stdout.readline() == f"stopping {number.name}\n"
        if signals == 2:
            process.send_signal(number)
        assert process.stdout.read().split() == told
        assert process.wait(60) == (128 + number if code is None else code)
