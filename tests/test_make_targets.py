"""The make targets refuse what they cannot do, and a run from wheels notices the source tree."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.group import requirements

ROOT = Path(__file__).resolve().parent.parent
needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@needs_make
@pytest.mark.parametrize("plugin", ["", "nosuch", "%", "retry ratelimit", "../plugins/retry"])
def test_test_plugin_refuses_an_unknown_name_and_lists_the_known(plugin: str) -> None:
    ran = subprocess.run(["make", "-n", "test-plugin", f"plugin={plugin}"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 2
    assert "NAME is one of budget pairing ratelimit retry sessionguard strictstate" in ran.stderr


@needs_make
def test_help_names_every_target_of_the_contributors_page() -> None:
    ran = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)

    for target in ("run", "test", "test-plugin plugin=NAME", "check", "wheels", "help"):
        assert f"make {target} " in ran.stdout
        assert f"`make {target}`" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")


@pytest.mark.parametrize(("folder", "status"), [("elsewhere", 1), (None, 0)])
def test_a_run_from_wheels_fails_where_a_package_comes_from_elsewhere(tmp_path: Path, folder: str | None, status: int) -> None:
    home = tmp_path / (folder or f"environment/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages")
    (home / "parachute_sample").mkdir(parents=True)
    (home / "parachute_sample" / "__init__.py").touch()
    (tmp_path / "environment").mkdir(exist_ok=True)
    (tmp_path / "test_sample.py").write_text("import parachute_sample\n\ndef test_it() -> None: ...\n")
    (tmp_path / "prefix.py").write_text(f"import sys\nsys.prefix = {str(tmp_path / 'environment')!r}\n")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    paths = os.pathsep.join([str(tmp_path), str(ROOT / "tools" / "probe"), str(home)])
    options = ["-p", "prefix", "-p", "from_wheels", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"]
    ran = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", *options, "--rootdir", str(tmp_path), str(tmp_path / "test_sample.py")],
        cwd=tmp_path,
        env=clean | {"PYTHONPATH": paths, "FROM_WHEELS": "parachute_sample"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == status, ran.stdout + ran.stderr
    assert ("not from the wheels: parachute_sample" in ran.stdout + ran.stderr) == bool(status)


def test_a_group_holds_what_its_included_groups_hold() -> None:
    groups: dict[str, list[str | dict[str, str]]] = {"test": ["pytest"], "dev": [{"include-group": "test"}, "ruff"]}

    assert requirements(groups, "dev") == ["pytest", "ruff"]
