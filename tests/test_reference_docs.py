"""The parts of the documentation that repeat the code are as the code is now."""

from pathlib import Path

import pytest

from tools.reference import pages


@pytest.mark.parametrize("path", list(pages()), ids=lambda path: path.name)
def test_it_is_as_the_code_is(path: Path) -> None:
    assert path.read_text("utf-8") == pages()[path], "run: python -m tools.reference"
