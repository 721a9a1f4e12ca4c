"""Markdown of answers as Telegram shows it: what is marked, where, and what is left as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parachute_core.connectors.telegram.markdown import render
from parachute_core.model.traits import utf16_units


def shown(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The plain text, and what each span covers, by kind."""
    plain, spans = render(text)
    raw = plain.encode("utf-16-le")
    return plain, [(one.kind, raw[2 * one.offset : 2 * (one.offset + one.length)].decode("utf-16-le")) for one in spans]


@pytest.mark.parametrize(
    ("text", "plain", "spans"),
    [
        ("a **bold** b", "a bold b", [("bold", "bold")]),
        ("a __bold__ b", "a bold b", [("bold", "bold")]),
        ("an *italic* b", "an italic b", [("italic", "italic")]),
        ("an _italic_ b", "an italic b", [("italic", "italic")]),
        ("***both***", "both", [("bold", "both"), ("italic", "both")]),
        ("**a *b* c**", "a b c", [("italic", "b"), ("bold", "a b c")]),
        ("😀 **😀é** c", "😀 😀é c", [("bold", "😀é")]),
        ("这是**重点**内容", "这是重点内容", [("bold", "重点")]),
        ("**API**s", "APIs", [("bold", "API")]),
        ("run `rm *.py` now", "run rm *.py now", [("code", "rm *.py")]),
        ("`` a ` b ``", "a ` b", [("code", "a ` b")]),
        ("*see `a*b`*", "see a*b", [("code", "a*b"), ("italic", "see a*b")]),
        ("a\n```py\nx = **1**\n```\nb", "a\nx = **1**\nb", [("pre", "x = **1**")]),
        ("~~~\ncode\n~~~", "code", [("pre", "code")]),
        ("```\nstill being written", "still being written", [("pre", "still being written")]),
        ("[the **site**](https://a.org/b_(c)_d)", "the site", [("bold", "site"), ("text_link", "the site")]),
        (r"\*not\* \_this\_", "*not* _this_", []),
        ("* one *x*\n* two", "* one x\n* two", [("italic", "x")]),
    ],
)
def test_marks_become_spans(text: str, plain: str, spans: list[tuple[str, str]]) -> None:
    assert shown(text) == (plain, spans)


@pytest.mark.parametrize(
    "text",
    [
        "snake_case_name and __init__py",
        "2*3*4 = 24, 2**3**4",
        "a * b * c",
        "lone * and _ and ` and [",
        "f(*args, **kwargs)",
        "**not\n\nover paragraphs**",
        "[x](javascript:alert(1)) [y](/local)",
        "https://a.org/_x_/?q=_y_z",
        "**",
        "```\n```",
        "C:\\dir\\file",
        "# no heading, - no list",
        "",
    ],
)
def test_what_is_not_clearly_markdown_stays(text: str) -> None:
    assert shown(text) == (text, [])


def test_a_fence_has_a_language_and_a_link_an_address() -> None:
    assert render("```python title\nx\n```").spans[0].language == "python"
    assert render("[a](http://b.org/c)").spans[0].url == "http://b.org/c"


def test_half_a_character_does_not_stop_the_rest() -> None:
    assert render("a\ud83db").text == "a\ufffdb"


@given(st.text(alphabet="ab *_`[]()\\\n~😀https://x.") | st.text())
def test_the_text_only_gets_shorter_and_every_span_fits(text: str) -> None:
    plain, spans = render(text)

    assert utf16_units(plain) <= utf16_units(text)
    assert bool(plain.strip()) == bool(text.strip())
    for span in spans:
        raw = plain.encode("utf-16-le")[2 * span.offset : 2 * (span.offset + span.length)]
        assert utf16_units(raw.decode("utf-16-le")) == span.length > 0


@pytest.mark.parametrize("piece", ["*a ", "_a *b **c ", "`", "[a", "``a `b ", "*_", "[a](https://x", "\\"])
def test_no_text_is_slow(piece: str) -> None:
    """Each mark is looked for a bounded number of times; a quadratic search would take minutes here."""
    render(piece * (100_000 // len(piece)))
