"""The page that compares: every row names its source, and says who is ahead."""

import re
from pathlib import Path

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "comparison.md").read_text("utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and line.count(" | ") == 3 and not line.startswith("| question")]
UNSAID = "that proves nothing"
"""What a row says that claims nothing of others."""


def test_every_row_about_others_has_a_source_and_a_verdict() -> None:
    assert len(ROWS) >= 20
    for row in ROWS:
        question, here, others, ahead = (cell.strip() for cell in row.strip("|").split(" | "))
        assert all((question, here, others, ahead))
        assert "](https://" in others or UNSAID in others or "](performance.md)" in others, question


def test_it_says_where_others_are_ahead() -> None:
    verdicts = [row.strip("| ").rpartition(" | ")[2] for row in ROWS]
    assert len([one for one in verdicts if "**" in one]) >= len(ROWS) / 3


def test_its_sources_are_public_and_no_registry() -> None:
    hosts = {re.sub(r"^www\.", "", host) for host in re.findall(r"\]\(https://([^/)]+)", PAGE)}
    assert len(hosts) >= 8
    assert not [one for one in hosts if re.search(r"pypi|npm", one)]
