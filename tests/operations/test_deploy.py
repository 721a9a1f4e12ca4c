"""The files of `deploy/` say what the code does, as far as that can be tried without what they are for."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from parachute_core.cli import main
from parachute_core.cli.exits import BAD_CONFIG
from parachute_core.cli.open_files import ENOUGH
from parachute_core.cli.signals import STOP_WITHIN

DEPLOY = Path(__file__).parents[2] / "deploy"
UNIT = (DEPLOY / "parachute-core.service").read_text("utf-8")


def setting(name: str) -> str:
    """The one value of a setting of the unit."""
    (value,) = re.findall(rf"^{name}=(.*)$", UNIT, re.MULTILINE)
    return str(value)


def assert_takes(arguments: list[str]) -> None:
    """The command takes these arguments; it is not run."""
    done = CliRunner().invoke(main, [*arguments, "--help"])
    assert (done.exit_code, done.exception) == (0, None), done.output
    options = [one for one in arguments if one.startswith("--")]
    assert all(option in done.output for option in options)


def test_the_unit_starts_what_there_is_and_agrees_with_the_code() -> None:
    program, *arguments = setting("ExecStart").split()
    assert Path(program).name == "parachute-core"
    assert_takes(arguments)
    assert (setting("Type"), setting("NotifyAccess")) == ("notify", "main")
    assert setting("RestartPreventExitStatus") == str(BAD_CONFIG)
    assert float(setting("TimeoutStopSec")) > STOP_WITHIN
    assert float(setting("WatchdogSec")) > 0
    assert int(setting("LimitNOFILE")) == ENOUGH
    assert setting("Environment") == f"PARACHUTE_HOME=/var/lib/{setting('StateDirectory')}"
    assert setting("StateDirectoryMode") == "0700"
    assert "HUP" in setting("ExecReload")


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "parachute-core.service"
    unit.write_text(UNIT.replace(setting("ExecStart").split()[0], sys.executable))
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
