"""Run trials by hand: `python -m parachute_core.testing.crashes --kills 300`."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from parachute_core.testing.crashes import SIDES, Trial, run_trial
from parachute_core.testing.matrix import NoSynapse


async def try_all(platforms: list[str], trial: Trial) -> bool:
    """Run the trial on each platform and print what came of it. Returns whether every promise held."""
    held = True
    for platform in platforms:
        try:
            held &= await try_one(platform, trial)
        except NoSynapse as missing:
            sys.stdout.write(f"{platform:10} not tried: {missing}\n")
            held &= len(platforms) > 1  # else somebody asked for just this one
    return held


async def try_one(platform: str, trial: Trial) -> bool:
    """On one platform. Where a promise was broken, the bot's folder and log are kept. Raises `NoSynapse`."""
    folder = Path(tempfile.mkdtemp(prefix="parachute-crashes-"))
    held = False
    try:
        async with SIDES[platform]() as side:
            counts = await run_trial(side, trial, folder / "home")
        broken = counts.unheard or counts.lost or counts.doubled or counts.disordered
        held = not (broken or (side.recognises and (counts.labelled or counts.given_up)))
        sys.stdout.write(f"{platform:10} {counts}{'' if held else f' BROKEN, see {folder}'}\n")
        sys.stdout.flush()
    finally:
        if held or not (folder / "home").exists():
            shutil.rmtree(folder)
    return held


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--platform", choices=list(SIDES), action="append", help="which to try; all when left out")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--calm", action="store_true", help="only kills, no faults of the platform")
    parser.add_argument("--hangs", action="store_true", help="also calls that are never answered")
    asked = parser.parse_args()
    trial = Trial(asked.kills, asked.seed, faults=not asked.calm, hangs=asked.hangs, patience=180.0)
    return 0 if asyncio.run(try_all(asked.platform or list(SIDES), trial)) else 1


if __name__ == "__main__":
    sys.exit(main())
