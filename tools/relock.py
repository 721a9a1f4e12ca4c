"""Resolve the workspace anew: uv.lock, and constraints.txt with the same pins for pip.

usage: python -m tools.relock [UV]
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXPORT = ["export", "--all-packages", "--all-extras", "--all-groups", "--no-hashes", "--no-emit-workspace", "--no-annotate", "--no-header"]


def find_uv(wanted: str) -> str:
    """The uv to call; one is installed into .venvs/lock where there is none."""
    if found := shutil.which(wanted):
        return found
    place = ROOT / ".venvs" / "lock"
    subprocess.run([sys.executable, "-m", "venv", place], check=True)  # noqa: S603 - our own interpreter
    subprocess.run([place / "bin" / "python", "-m", "pip", "install", "--quiet", "uv"], check=True)  # noqa: S603 - as above
    return str(place / "bin" / "uv")


def main() -> int:
    """Write both files; settings of this machine (mirrors, local indexes) stay out of them."""
    uv = find_uv(sys.argv[1] if len(sys.argv) > 1 else "uv")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
    command = [uv, "--no-config", "--quiet"]
    subprocess.run([*command, "lock", "--upgrade"], cwd=ROOT, env=clean, check=True)  # noqa: S603 - the uv found above
    pins = subprocess.run([*command, *EXPORT, "--frozen"], cwd=ROOT, env=clean, check=True, capture_output=True, text=True)  # noqa: S603
    (ROOT / "constraints.txt").write_text(pins.stdout, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
