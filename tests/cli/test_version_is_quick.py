"""`--version` and `--help` load next to nothing."""

import subprocess
import sys
from collections.abc import Callable

import pytest

import parachute_core
from parachute_core import __version__

HEAVY = (
    "asyncio",
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
    "anthropic",
    "openai",
    "httpx2",
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


def test_every_public_name_is_found_though_none_is_loaded_before_it_is_asked_for() -> None:
    script = """
import sys
import parachute_core
early = [name for name in sys.modules if name.startswith("parachute_core.")]
print(early, [name for name in parachute_core.__all__ if getattr(parachute_core, name) is None])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "['parachute_core._version'] []\n"


def test_a_name_that_is_not_public_is_not_there() -> None:
    with pytest.raises(AttributeError, match="module 'parachute_core' has no attribute 'Intake'"):
        getattr(parachute_core, "Intake")  # noqa: B009 - mypy knows that it is not there


def test_it_names_the_version(command: Callable[..., "subprocess.CompletedProcess[str]"]) -> None:
    done = command("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"parachute-core {__version__}\n", "")


@pytest.mark.parametrize("arguments", [["fly"], ["run", "--port", "70000"], ["pairing", "approve"], ["check", "--loud"]])
def test_wrong_usage_is_exit_code_2(arguments: list[str], command: Callable[..., "subprocess.CompletedProcess[str]"]) -> None:
    done = command(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage:" in done.stderr
