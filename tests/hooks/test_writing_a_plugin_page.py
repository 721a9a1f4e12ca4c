"""The tutorial, followed to the letter: its files are written, its commands are run."""

import os
import re
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "writing-a-plugin.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^\*\*`([^`]+)`\*\*\n\n```\w+\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))
COMMANDS = re.findall(r"^\$ (.+)$", PAGE, re.MULTILINE)
TREE = """\
.
├── my-bot/
│   └── bots.yaml
└── parachute-quiethours/
    ├── pyproject.toml
    ├── parachute_quiethours/
    │   ├── __init__.py
    │   └── plugin.py
    └── tests/
        └── test_quiethours.py
"""


def test_the_picture_shows_the_files_of_the_page() -> None:
    assert f"```\n{TREE}```" in PAGE
    assert sorted(path.rpartition("/")[2] for path in FILES) == sorted(re.findall(r"[\w.-]+\.\w+$", TREE, re.MULTILINE))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A fresh virtual environment that has, besides its own packages, those of the one that runs the tests; nothing is downloaded."""
    place = tmp_path_factory.mktemp("tutorial") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    scheme = {"base": str(place), "platbase": str(place)}
    outer = sysconfig.get_path("purelib")
    Path(sysconfig.get_path("purelib", vars=scheme), "outer.pth").write_text(f"import site; site.addsitedir({outer!r})\n", encoding="utf-8")
    # What installing parachute-core into this environment would have put there.
    script = place / "bin" / "parachute-core"
    script.write_text(f"#!{place}/bin/python\nfrom parachute_core.cli import main\nmain()\n", encoding="utf-8")
    script.chmod(0o755)
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "PARACHUTE_", "PYTHON", "COV_"))}
    return {
        **inherited,
        "PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "VIRTUAL_ENV": str(place),
        "PIP_NO_INDEX": "1",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads this as: no isolation, so that the build needs no download
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


@dataclass(frozen=True)
class Followed:
    """Every file was written and every command run, without a failure."""

    folder: Path
    printed: str
    """What the commands printed."""


@pytest.fixture(scope="module")
def followed(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Followed:
    folder = tmp_path_factory.mktemp("work")
    for path, text in FILES.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return Followed(folder, run("\n".join(["set -e", *COMMANDS]), folder, environment))


def run(script: str, folder: Path, environment: dict[str, str], *, code: int = 0) -> str:
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == code, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def test_every_command_succeeds_as_it_is_written(followed: Followed) -> None:
    assert COMMANDS[1:3] == ["python -m pip install .", "python -m pytest"]
    assert re.search(r"= \d+ passed in ", followed.printed)


def test_the_table_is_printed_as_it_is_shown(followed: Followed) -> None:
    (shown,) = re.findall(r"^```\n(PLUGIN .*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    printed = [line.split() for line in followed.printed.splitlines()]
    assert [line for line in shown.splitlines() if line.split() not in printed] == []


def test_the_bot_asks_the_plugin_first_as_its_config_lists_it(followed: Followed) -> None:
    assert re.search(r"^before_dispatch +quiethours\b", followed.printed, re.MULTILINE)


def test_a_misspelt_key_is_found_with_its_line(followed: Followed, environment: dict[str, str]) -> None:
    home = another_home(followed, "misspelt", "start: 23", "strat: 23")
    told = run(f"parachute-core check --home {home}", followed.folder, environment, code=78)
    assert re.search(r"bots\.yaml:7:5: plugins\.quiethours\.strat: ", told)


def test_switched_off_it_is_told_as_off(followed: Followed, environment: dict[str, str]) -> None:
    home = another_home(followed, "off", "start: 23", "enabled: false", "required: [quiethours]", "required: []")
    told = run(f"parachute-core plugins --home {home}", followed.folder, environment)
    assert re.search(r"^quiethours +off +parachute-quiethours +1\.0$", told, re.MULTILINE)


def another_home(followed: Followed, name: str, *changes: str) -> str:
    """A copy of the tutorial's home with changes, given as text and what it becomes, in turn."""
    text = FILES["my-bot/bots.yaml"]
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    (followed.folder / name).mkdir()
    (followed.folder / name / "bots.yaml").write_text(text, encoding="utf-8")
    return name
