"""A library that is not installed is one clear line, and one that is installed is loaded by nothing but its orchestrator."""

import subprocess
import sys
from pathlib import Path

import pytest

CONFIG = "web: {{enabled: true}}\norchestrator: {{use: {use}, model: m, api_key: some-api-key}}\n"
WITHOUT = """
import sys
sys.modules[{library!r}] = None
from parachute_core.cli import main
main(["check", "--home", {home!r}])
"""


@pytest.mark.parametrize("library", ["anthropic", "openai"])
def test_a_missing_extra_is_one_clear_line(tmp_path: Path, library: str) -> None:
    (tmp_path / "bots.yaml").write_text(CONFIG.format(use=library))
    (tmp_path / "bots.yaml").chmod(0o600)
    script = WITHOUT.format(library=library, home=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 78
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: bots.yaml:2:16: orchestrator.use: {library} needs the extra parachute-core[{library}]: ")


def test_the_settings_of_both_are_read_without_their_libraries() -> None:
    script = """
import sys
from parachute_core.orchestrators import anthropic, openai
from parachute_core.assembly import assemble
print([name for name in ("anthropic", "openai", "httpx2") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
