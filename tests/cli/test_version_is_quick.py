"""`--version` and `--help` load next to nothing."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from parachute_core import __version__

HEAVY = (
    "quart",
    "pydantic",
    "yaml",
    "uvicorn",
    "aiosqlite",
    "sqlite3",
    "pythonjsonlogger",
    "telegram",
    "hikari",
    "nio",
    "http.client",
)


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_it_imports_nothing_heavy(option: str) -> None:
    script = f"""
import sys
from parachute_core.cli import main
try:
    main([{option!r}])
except SystemExit:
    pass
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"


def test_it_names_the_version(command: Callable[..., "subprocess.CompletedProcess[str]"]) -> None:
    done = command("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"parachute-core {__version__}\n", "")


@pytest.mark.parametrize("arguments", [["fly"], ["run", "--port", "70000"], ["pairing", "approve"], ["check", "--loud"]])
def test_wrong_usage_is_exit_code_2(arguments: list[str], command: Callable[..., "subprocess.CompletedProcess[str]"]) -> None:
    done = command(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage:" in done.stderr
