"""What was acknowledged survives `kill -9`."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from parachute_core.clock import SystemClock
from parachute_core.store.database import Database
from parachute_core.store.grants import Grants

WRITER = """
import asyncio, sys
from pathlib import Path
from parachute_core.clock import SystemClock
from parachute_core.model.trust import TrustLevel
from parachute_core.store.database import Database
from parachute_core.store.grants import Grants

async def main():
    async with Database.open(Path(sys.argv[1]), SystemClock()) as database:
        number = int(sys.argv[2])
        while True:
            await Grants(database).put("web", str(number), TrustLevel.DIRECT)
            print(number, flush=True)
            number += 1

asyncio.run(main())
"""


@pytest.mark.parametrize("lines", [1, 37, 150])
def test_acknowledged_grants_survive_the_death_of_the_process(file: Path, lines: int) -> None:
    acknowledged: set[str] = set()
    for start in (0, 100_000):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(file), str(start)], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            acknowledged.update(writer.stdout.readline().strip() for _ in range(lines))
            writer.kill()
            acknowledged.update(line.strip() for line in writer.stdout if line.endswith("\n"))

    async def look() -> None:
        async with Database.open(file, SystemClock()) as database:
            assert acknowledged <= {user_id for _, user_id in await Grants(database).load()}
            assert await database.fetch_one("PRAGMA integrity_check") == {"integrity_check": "ok"}

    asyncio.run(look())
