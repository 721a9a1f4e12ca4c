"""docs/acceptance.md names code and tests for every criterion, and whatever a page names exists."""

import re
from pathlib import Path

import pytest

from tools.planting import plant
from tools.references import find, named_symbols, named_tests

ROOT = Path(__file__).resolve().parent.parent
ROWS = [line for line in (ROOT / "docs" / "acceptance.md").read_text("utf-8").splitlines() if re.match(r"\| *(?:A|D)\d+ ", line)]


def test_what_the_pages_name_exists() -> None:
    assert find(ROOT) == []


def test_the_ten_criteria_of_the_plan_stand_in_order() -> None:
    assert [row.split()[1] for row in ROWS if row.startswith("| A")] == [f"A{number}" for number in range(1, 11)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split()[1])
def test_each_criterion_names_code_and_tests(row: str) -> None:
    _, _, _, code, tests, _ = row.split("|")

    assert named_symbols(code)
    assert named_tests(tests)


@pytest.mark.parametrize(
    "reference",
    [
        "`code.py: missing`",
        "`code.py: Guard.missing`",
        "`missing.py: check`",
        "`tests/test_code.py::test_missing`",
        "`tests/test_missing.py::test_check[one]`",
        "`tests/missing/`",
        "[a page](docs/missing.md)",
    ],
)
def test_a_reference_to_nothing_is_found(tmp_path: Path, reference: str) -> None:
    code = "def check() -> None: ...\nclass Guard: ...\n"
    plant(tmp_path, {"code.py": code, "tests/test_code.py": "", "page.md": f"# Page\n{reference}\n"})

    assert [(problem.path, problem.line) for problem in find(tmp_path)] == [("page.md", 2)]


def test_references_that_hold_are_left_alone(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "code.py": "LIMIT = 1\nclass Guard:\n    size: int\n    async def check(self) -> None: ...\n",
            "tests/test_code.py": "def test_check() -> None: ...\nclass TestGuard:\n    def test_size(self) -> None: ...\n",
            "page.md": "# Top\n`code.py: LIMIT, Guard.check, Guard.size` `tests/test_code.py::test_check[a b]`\n"
            "`tests/test_code.py::TestGuard::test_size` `tests/` [itself](page.md#top) [elsewhere](https://example.org/missing.md)\n",
        },
    )

    assert find(tmp_path) == []
