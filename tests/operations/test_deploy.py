"""The files of `deploy/` say what the code does, as far as that can be tried without what they are for."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from parachute_core.cli import main
from parachute_core.cli.exits import BAD_CONFIG
from parachute_core.cli.open_files import ENOUGH
from parachute_core.cli.signals import STOP_WITHIN

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CONTAINER = (DEPLOY / "Containerfile").read_text("utf-8")
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
    assert setting("Environment") == f"PARACHUTE_HOME=/var/lib/{setting('StateDirectory')}/home"
    assert setting("StateDirectoryMode") == "0700"
    assert "HUP" in setting("ExecReload")


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "parachute-core.service"
    unit.write_text(UNIT.replace(setting("ExecStart").split()[0], sys.executable))
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def instructions(name: str) -> list[str]:
    """What the container file says after this word, each on one line."""
    joined = re.sub(r"\\\n\s*", "", "\n".join(line for line in CONTAINER.splitlines() if not line.startswith("#")))
    return re.findall(rf"^{name} (.*)$", joined, re.MULTILINE)


def test_the_container_has_every_plugin_and_only_extras_that_there_are() -> None:
    (install,) = [one for one in instructions("RUN") if "pip install" in one]
    assert set(re.findall(r"\./plugins/(\w+)", install)) == {one.parent.name for one in (ROOT / "plugins").glob("*/pyproject.toml")}
    (extras,) = re.findall(r'"\.\[(.*?)\]"', install)
    assert set(extras.split(",")) == set(PROJECT["optional-dependencies"]) - {"matrix-e2e"}  # needs a library of the system
    sources = [source for one in instructions("COPY") if not one.startswith("--from") for source in one.split()[:-1]]
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert all((ROOT / source).exists() and f"!{source}" in ignored for source in sources)
    assert {"pyproject.toml", "README.md", "LICENSE", "parachute_core", "plugins", "constraints.txt"} <= set(sources)


def test_the_container_runs_the_bot_as_nobody_special_and_is_probed() -> None:
    assert instructions("FROM")[-1].startswith("docker.io/library/python:")
    version = re.findall(r"python:([\d.]+)", CONTAINER)
    assert {f"Programming Language :: Python :: {one}" for one in version} <= set(PROJECT["classifiers"])
    user, group = instructions("USER")[-1].split(":")
    assert min(int(user), int(group)) > 0
    assert CONTAINER.index("\nUSER ") < CONTAINER.index("\nENTRYPOINT ")
    (entry,), (command,) = map(json.loads, instructions("ENTRYPOINT")), map(json.loads, instructions("CMD"))
    assert entry == ["parachute-core"]
    assert_takes(command)
    ((program, *probe),) = [json.loads(one.split("CMD ")[1]) for one in instructions("HEALTHCHECK")]
    assert program == "parachute-core"
    assert_takes(probe)
    (environment,) = instructions("ENV")
    home, volume = re.findall(r"PARACHUTE_HOME=(\S+)", environment)[0], instructions("VOLUME")[0]
    assert Path(home).parent == Path(volume)  # a mount point itself cannot be restored over


def test_docker_finds_nothing_wrong_with_the_container_file() -> None:
    if shutil.which("docker") is None or subprocess.run(["docker", "info"], capture_output=True, timeout=60).returncode:
        pytest.skip("no docker daemon")
    done = subprocess.run(["docker", "build", "--check", "-f", DEPLOY / "Containerfile", ROOT], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
