"""The two lock files agree with each other and with the projects, and a drift is found without network."""

from pathlib import Path

import pytest

from tools.lock import find
from tools.planting import plant

ROOT = Path(__file__).resolve().parent.parent
INDEX = "https://pypi" + ".org/simple"
FILES = "https://files.pythonhosted" + ".org/packages/x"
PROJECT = """
[project]
name = "parachute-core"
dependencies = ["pluggy>=1.7,<2"]
[dependency-groups]
test = ["pytest>=8"]
dev = [{ include-group = "test" }]
"""
LOCK = f"""
[[package]]
name = "parachute-core"
source = {{ editable = "." }}
[package.metadata]
requires-dist = [{{ name = "pluggy", specifier = ">=1.7,<2" }}]
[package.metadata.requires-dev]
dev = [{{ name = "pytest", specifier = ">=8" }}]
test = [{{ name = "pytest", specifier = ">=8" }}]

[[package]]
name = "pluggy"
version = "1.7.0"
source = {{ registry = "{INDEX}" }}
wheels = [{{ url = "{FILES}/pluggy.whl" }}]

[[package]]
name = "pytest"
version = "9.0.0"
source = {{ registry = "{INDEX}" }}
sdist = {{ url = "{FILES}/pytest.tar.gz" }}
"""
PINS = "pluggy==1.7.0\npytest==9.0.0 ; sys_platform == 'linux'\n"


def problems(root: Path, *, project: str = PROJECT, lock: str = LOCK, pins: str = PINS) -> list[str]:
    return [str(problem) for problem in find(plant(root, {"pyproject.toml": project, "uv.lock": lock, "constraints.txt": pins}))]


def test_the_lock_is_current() -> None:
    assert find(ROOT) == []


def test_files_that_agree_are_left_alone(tmp_path: Path) -> None:
    assert problems(tmp_path) == []


@pytest.mark.parametrize(
    "change",
    [
        {"pins": PINS.replace("1.7.0", "1.7.1")},
        {"pins": "pluggy==1.7.0\n"},
        {"pins": PINS + "extra==1.0\n"},
        {"pins": "--index-url https://mirror.example/simple\n" + PINS},
        {"pins": PINS.replace("pluggy==1.7.0", "pluggy @ file:///somewhere/pluggy.whl")},
        {"lock": LOCK.replace(INDEX, "https://mirror.example/simple")},
        {"lock": LOCK.replace(FILES, "https://mirror.example/files")},
        {"lock": LOCK.replace('editable = "."', 'editable = "../elsewhere"')},
        {"project": PROJECT.replace("<2", "<3")},
        {"project": PROJECT.replace('"pytest>=8"', '"pytest>=8", "hypothesis"')},
        {"project": PROJECT.replace("pytest>=8", "pytest>=99"), "lock": LOCK.replace(">=8", ">=99")},
        {"project": PROJECT.replace("parachute-core", "parachute-other")},
    ],
)
def test_a_drift_is_found(tmp_path: Path, change: dict[str, str]) -> None:
    assert problems(tmp_path, **change) != []
