"""Test one plugin as its user gets it: wheels of core and of that plugin in a fresh environment, and nothing else of ours.

usage: python -m tools.try_plugin NAME
"""

import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

from tools.group import read_group

ROOT = Path(__file__).resolve().parent.parent


def pip(*arguments: str | Path) -> None:
    """Run this environment's pip; raises `CalledProcessError` when it fails."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, arguments)]
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - our own interpreter, no shell


def prepare(name: str) -> Path:
    """A fresh environment below .venvs/ with the two wheels and the test tools; returns its interpreter."""
    place = ROOT / ".venvs" / name
    venv.create(place, clear=True, symlinks=True)
    python = place / "bin" / "python"
    pip("wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", place / "wheels", ".", f"./plugins/{name}")
    wheels = sorted((place / "wheels").glob("*.whl"))
    pip("--python", python, "install", "--quiet", "--constraint", "constraints.txt", *wheels, *read_group("plugin-test"))
    return python


def run_tests(name: str, python: Path, options: Sequence[str]) -> int:
    """Run the plugin's tests there. The source tree is kept off the import path: another folder is current, and -P adds none."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    environment |= {"PYTHONPATH": str(ROOT / "tools" / "probe"), "FROM_WHEELS": f"parachute_core parachute_{name}"}
    settings = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-p", "no:cacheprovider", "-p", "from_wheels"]
    command = [str(python), "-P", "-m", "pytest", *settings, *options, str(ROOT / "plugins" / name / "tests")]
    return subprocess.run(command, cwd=python.parent.parent, env=environment, check=False).returncode  # noqa: S603 - built above


def main() -> int:
    """Exit status 0 when every test passed; there must be some."""
    name = sys.argv[1]
    return run_tests(name, prepare(name), sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
