"""Links between the pages lead somewhere, and one that does not is noticed."""

from pathlib import Path

import pytest

from tools.planting import plant
from tools.references import anchors, find

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def test_what_the_pages_name_and_link_to_is_there() -> None:
    assert find(ROOT) == []


@pytest.mark.parametrize(
    "link", ["[a](b.md)", "[a](docs)", "[a](b.md#two-words)", "[a](#title)", "[a](b.md#two-words-1)", "[a](https://x.org#y)"]
)
def test_a_link_that_leads_somewhere_is_fine(tmp_path: Path, link: str) -> None:
    plant(tmp_path, {"a.md": f"# Title\n{link}\n", "b.md": "## Two `words`!\n## Two words\n", "docs/c.md": ""})

    assert find(tmp_path) == []


@pytest.mark.parametrize("link", ["[a](c.md)", "[a](b.md#words)", "[a](#words)", "[a](b.md#code)", "[a](b.md#two-words-2)"])
def test_a_link_that_leads_nowhere_is_found(tmp_path: Path, link: str) -> None:
    plant(tmp_path, {"a.md": f"# Title\n\n{link}\n", "b.md": "## Two words\n## Two words\n```\n# code\n```\n"})

    assert [(one.path, one.line) for one in find(tmp_path)] == [("a.md", 3)]


def test_headings_give_the_anchors_that_renderers_give() -> None:
    text = "# `orchestrator`: what answers\n## A & B\n### [Link](x.md) here\n## snake_case-and-dash\n"
    assert anchors(text) == {"orchestrator-what-answers", "a--b", "link-here", "snake_case-and-dash"}


def test_the_index_has_every_page() -> None:
    index = (DOCS / "README.md").read_text("utf-8")
    assert {one.name for one in DOCS.glob("*.md") if f"]({one.name})" not in index} == {"README.md"}
