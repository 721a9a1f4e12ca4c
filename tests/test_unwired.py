"""Product code that no product code reaches is found, and what the outside reaches is left alone."""

from pathlib import Path

import pytest

from tools.planting import plant
from tools.unused import find

ROOT = Path(__file__).resolve().parent.parent
PROJECT = """
[project]
name = "parachute-core"
[project.scripts]
parachute-core = "parachute_core.cli:main"
"""


def texts(root: Path) -> list[str]:
    return [problem.text for problem in find(root)]


def test_all_product_code_is_reached() -> None:
    assert find(ROOT) == []


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("def check_rate_limit() -> bool: ...", "check_rate_limit"),
        ("async def check_rate_limit() -> bool: ...", "check_rate_limit"),
        ("def forever() -> None:\n    forever()", "forever"),
        ("LIMIT = 10", "LIMIT"),
        ("LIMIT: int = 10", "LIMIT"),
        ("class Bucket:\n    size = 1", "Bucket"),
        ("from dataclasses import dataclass\n@dataclass\nclass Bucket:\n    size: int", "Bucket"),
        ("class Bucket:\n    def spend(self) -> None: ...\nBucket()", "spend"),
        ("class Bucket:\n    @property\n    def left(self) -> int: ...\nBucket()", "left"),
    ],
)
def test_what_nothing_uses_is_found(tmp_path: Path, code: str, name: str) -> None:
    plant(tmp_path, {"pyproject.toml": PROJECT, "parachute_core/cli.py": f"def main() -> None: ...\n{code}\n"})

    assert texts(tmp_path) == [f"no product code uses {name}"]


def test_what_only_dead_code_uses_is_dead_too(tmp_path: Path) -> None:
    code = "def main() -> None: ...\ndef dead() -> None:\n    helper()\ndef helper() -> None: ...\n"
    plant(tmp_path, {"pyproject.toml": PROJECT, "parachute_core/cli.py": code})

    assert texts(tmp_path) == ["no product code uses dead", "no product code uses helper"]


def test_an_import_alone_is_no_use(tmp_path: Path) -> None:
    cli = "from parachute_core.guard import check\ndef main() -> None: ...\n"
    plant(tmp_path, {"pyproject.toml": PROJECT, "parachute_core/cli.py": cli, "parachute_core/guard.py": "def check() -> None: ...\n"})

    assert texts(tmp_path) == ["no product code uses check"]


def test_tests_and_the_test_kit_are_no_users(tmp_path: Path) -> None:
    cli = "from parachute_core.guard import check\ndef main() -> None: ...\n"
    plant(
        tmp_path,
        {
            "pyproject.toml": PROJECT,
            "parachute_core/cli.py": cli,
            "parachute_core/guard.py": "def check() -> None: ...\n",
            "parachute_core/testing/bot.py": "from parachute_core.guard import check\ncheck()\n",
            "tests/test_guard.py": "from parachute_core.guard import check\ncheck()\n",
        },
    )

    assert texts(tmp_path) == ["no product code uses check"]


def test_a_module_that_nothing_imports_is_found(tmp_path: Path) -> None:
    files = {"parachute_core/cli.py": "def main() -> None: ...\n", "parachute_core/guard.py": "print('on')\n"}
    plant(tmp_path, {"pyproject.toml": PROJECT, **files})

    assert [str(problem) for problem in find(tmp_path)] == ["parachute_core/guard.py:1: no product code imports this module"]


def test_what_the_outside_reaches_is_left_alone(tmp_path: Path) -> None:
    core = "from parachute_core.words import Deny\n__all__ = ['Deny']\n"
    words = (
        "class Deny:\n    reason: str\n    def __repr__(self) -> str:\n        return quoted(self)\ndef quoted(one: object) -> str: ...\n"
    )
    plugin = """
import asyncio, logging
from parachute_core import hookimpl
class Gate:
    @hookimpl
    def before_dispatch(self) -> None: ...
class Quiet(logging.Handler):
    def emit(self, record: object) -> None: ...
class Wire(asyncio.Protocol):
    def data_received(self, data: bytes) -> None: ...
class Settings: ...
def make_plugin() -> object:
    return Gate(), Quiet(), Wire(), getattr(0, "Settings")
"""
    plant(
        tmp_path,
        {
            "pyproject.toml": PROJECT,
            "parachute_core/__init__.py": core,
            "parachute_core/words.py": words,
            "parachute_core/cli.py": "def main() -> None: ...\n",
            "plugins/gate/pyproject.toml": '[project.entry-points."parachute_core.plugins"]\ngate = "parachute_gate.plugin:make_plugin"\n',
            "plugins/gate/parachute_gate/plugin.py": plugin,
        },
    )

    assert find(tmp_path) == []
