"""Text that has no place in the project, and files too long to read, are found."""

from pathlib import Path

import pytest

from tools.check import main
from tools.planting import plant
from tools.text import LONGEST, find

ROOT = Path(__file__).resolve().parent.parent


def test_the_project_speaks_of_no_machine_and_no_registry() -> None:
    assert find(ROOT) == []


@pytest.mark.parametrize("line", ["see https://pypi" + ".org/project/x", "/ro" + "ot/x", "cd /ho" + "me/me/x"])
def test_foreign_text_is_found(tmp_path: Path, line: str) -> None:
    plant(tmp_path, {"README.md": f"# Title\n{line}\n"})

    assert [(problem.path, problem.line) for problem in find(tmp_path)] == [("README.md", 2)]


def test_tool_folders_are_passed_over(tmp_path: Path) -> None:
    line = "/ro" + "ot/x\n"
    plant(tmp_path, {".venv/bin/activate": line, "dist/x.txt": line, ".ci/run": line})

    assert [problem.path for problem in find(tmp_path)] == [".ci/run"]


def test_a_file_that_grew_too_long_is_found(tmp_path: Path) -> None:
    plant(tmp_path, {"parachute_core/long.py": "x = 1\n" * (LONGEST + 1), "parachute_core/short.py": "x = 1\n" * LONGEST})

    assert [problem.path for problem in find(tmp_path)] == ["parachute_core/long.py"]


def test_the_command_fails_and_prints_what_was_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = '[project]\nname = "parachute-core"\n'
    lock = '[[package]]\nname = "parachute-core"\nsource = { editable = "." }\n'
    files = {"pyproject.toml": project, "uv.lock": lock, "constraints.txt": "", "parachute_core/model/x.py": "import parachute_core.cli"}
    plant(tmp_path, files)

    assert main(tmp_path) == 1
    assert "parachute_core/model/x.py:1: parachute_core.model must not import parachute_core.cli" in capsys.readouterr().out
