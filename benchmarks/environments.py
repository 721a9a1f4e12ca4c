"""The peers' environments: made when they are missing or when `peers.toml` asks for something else."""

import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
PINS = Path(__file__).with_name("peers.toml")
OWN = "own"


def pinned() -> Mapping[str, list[str]]:
    """The requirements of each environment."""
    return {name: table["requires"] for name, table in tomllib.loads(PINS.read_text("utf-8")).items()}


def python_of(name: str) -> Path:
    """The interpreter of an environment."""
    return Path(sys.executable) if name == OWN else ROOT / ".venvs" / f"bench-{name}" / "bin" / "python"


def prepare() -> dict[str, str]:
    """Make what is missing; returns for each environment that could not be made the last line of what was said."""
    trouble: dict[str, str] = {}
    for name, requires in pinned().items():
        folder = python_of(name).parents[1]
        stamp = folder / "installed.txt"
        if stamp.exists() and stamp.read_text("utf-8").split() == requires:
            continue
        print(f"installing {', '.join(requires)}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        command = [str(python_of(name)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requires]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            trouble[name] = (done.stderr.strip().splitlines() or ["pip failed"])[-1]
        else:
            stamp.write_text("\n".join(requires), "utf-8")
    return trouble
