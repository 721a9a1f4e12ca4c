"""Long answers are cut so that each part can be read by itself and fits the platform."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parachute_core.engine.splitting import split


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def content(text: str) -> str:
    """What may not be lost: everything but white space and fence lines."""
    lines = [line for line in text.split("\n") if not re.match(r" {0,3}(`{3,}|~{3,})", line)]
    return re.sub(r"\s", "", "".join(lines))


def fences_balanced(text: str) -> bool:
    return len(re.findall(r"(?m)^```", text)) % 2 == 0


def test_what_fits_is_not_touched() -> None:
    assert split("hello\n\nworld", 4096) == ["hello\n\nworld"]


def test_nothing_gives_no_part() -> None:
    assert split("  \n ", 10) == []


def test_paragraphs_stay_whole_where_they_can() -> None:
    assert split("a" * 30 + "\n\n" + "b" * 30, 40) == ["a" * 30, "b" * 30]


@pytest.mark.parametrize("where", ["first", "middle", "last"])
def test_a_long_paragraph_anywhere_is_split(where: str) -> None:
    long, short = "x" * 5000, "short"
    text = {"first": [long, short, short], "middle": [short, long, short], "last": [short, short, long]}[where]
    parts = split("\n\n".join(text), 4096)
    assert all(0 < len(part) <= 4096 for part in parts)
    assert content("".join(parts)) == content("".join(text))


def test_a_fence_that_is_cut_is_closed_and_opened_again() -> None:
    code = "\n".join(f"line {number}" for number in range(100))
    parts = split(f"Look:\n\n```python\n{code}\n```\n\nDone.", 200)
    assert all(len(part) <= 200 and fences_balanced(part) for part in parts)
    assert all(part.startswith("```python\n") for part in parts[2:-1])
    assert content("\n".join(parts)) == content(f"Look:\n{code}\nDone.")


def test_code_keeps_its_indentation_across_a_cut() -> None:
    code = "\n".join("    indented = True" for _ in range(30))
    parts = split(f"```\n{code}\n```", 120)
    assert all(line in ("```", "    indented = True") for part in parts for line in part.split("\n"))


def test_a_surrogate_pair_is_never_cut() -> None:
    parts = split("😀" * 3000, 4096, utf16)
    assert all(utf16(part) <= 4096 for part in parts)
    assert "".join(parts) == "😀" * 3000


def test_a_limit_too_small_for_fences_still_ends() -> None:
    assert "".join(split("```python\nabcdefghij\n```", 4)).replace("\n", "") == "```pythonabcdefghij```"


@pytest.mark.parametrize(
    "text", ["a\n" * 300_000, "```py\n" + "a\n" * 300_000 + "```", "a " * 300_000, "\n" * 300_000 + "a", "x" * 600_000]
)
def test_a_text_of_any_shape_takes_time_in_proportion_to_its_length(text: str) -> None:
    began = time.process_time()
    parts = split(text, 4096, utf16)
    assert time.process_time() - began < 5.0  # some 0.2 s; a look at every line before for every line takes minutes
    assert content("".join(parts)) == content(text)


# Marks, but no fences: what stands behind one as its language is repeated in the next part, and rightly so.
words = st.text(alphabet="ab \n`~😀é", max_size=200).map(lambda text: re.sub("`{3,}|~{3,}", "``", text))
paragraphs = st.lists(st.one_of(words, words.map(lambda text: f"```py\n{text}\n```")), max_size=8).map("\n\n".join)


@given(paragraphs, st.integers(min_value=20, max_value=120), st.sampled_from([len, utf16]))
def test_parts_fit_and_lose_nothing(text: str, limit: int, measure: object) -> None:
    assert callable(measure)
    parts = split(text, limit, measure)
    assert all(part.strip() and measure(part) <= limit for part in parts)
    letters = re.sub(r"[^ab😀é]", "", text.replace("```py", ""))
    assert re.sub(r"[^ab😀é]", "", "".join(parts).replace("```py", "")) == letters


blocks = st.lists(
    st.one_of(
        st.text(alphabet="ab \n", min_size=1, max_size=80),
        st.lists(st.text(alphabet="xy ", max_size=30), min_size=1, max_size=20).map(lambda lines: "```py\n" + "\n".join(lines) + "\n```"),
    ),
    min_size=1,
    max_size=6,
).map("\n\n".join)


@given(blocks, st.integers(min_value=50, max_value=150))
def test_each_part_has_its_fences_closed(text: str, limit: int) -> None:
    assert all(fences_balanced(part) for part in split(text, limit))
