"""The page's files are those that are tried here, and work as the page writes them."""

import os
import re
import subprocess
import sys
from pathlib import Path

from parachute_core.testing import fake_distribution
from parachute_core.testing.conformance import SCENARIOS

PAGE = (Path(__file__).parents[2] / "docs" / "writing-a-connector.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^\*\*`([^`]+)`\*\*\n\n```\w+\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))
HERE = Path(__file__).parent
TRIED = ("a_message_is_answered_once", "parked_credentials_wake_when_they_change")


def test_the_pages_connector_and_counterpart_are_those_that_are_tried() -> None:
    for path, name in (("parachute_parley/connector.py", "connector"), ("tests/counterpart.py", "counterpart")):
        tried = (HERE / "parley" / f"{name}.py").read_text(encoding="utf-8")
        assert FILES[f"parachute-parley/{path}"] == tried.replace("tests.conformance.parley.connector", "parachute_parley.connector")


def test_the_picture_shows_the_files_of_the_page() -> None:
    [tree] = re.findall(r"^```\n(\.\n.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert sorted(path.rpartition("/")[2] for path in FILES) == sorted(re.findall(r"[\w.-]+\.\w+$", tree, re.MULTILINE))


def test_every_part_of_the_suite_is_told() -> None:
    rows = re.findall(r"^\| (\w+) \|", PAGE.partition("## What is tried")[2], re.MULTILINE)
    modules = ["answering", "showing", "sending", "receiving", "living", "surviving", "protecting"]
    assert rows == modules
    assert "about a hundred scenarios" in PAGE
    assert 95 <= len(SCENARIOS) <= 110


def test_the_pages_project_runs(tmp_path: Path) -> None:
    for path, text in FILES.items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    project = tmp_path / "parachute-parley"
    entry = re.findall(r'^parley = "(.*)"$', FILES["parachute-parley/pyproject.toml"], re.MULTILINE)
    # What installing the project would have written; its packages come from the folder itself.
    fake_distribution(tmp_path / "site", "parachute-parley", entry_points={"parachute_core.connectors": {"parley": entry[0]}})
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "PARACHUTE_", "COV_"))}
    environ = {**inherited, "PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), str(project)])}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", " or ".join(TRIED)]
    done = subprocess.run(command, cwd=project, env=environ, capture_output=True, text=True, timeout=120)
    assert re.search(rf"^{len(TRIED)} passed", done.stdout, re.MULTILINE), done.stdout + done.stderr
