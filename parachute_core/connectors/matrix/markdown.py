"""Markdown of an answer as Matrix takes it: a plain text without marks, and HTML that holds nothing but what Matrix allows."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, emphasis
from markdown_it.token import Token

SCHEMES = frozenset({"http", "https", "mailto", "matrix"})
MAX_HTML = 20_000
"""JSON units of the HTML of one event; a part whose HTML gets larger is sent without."""


class Rendered(NamedTuple):
    """What is sent."""

    plain: str
    html: str | None
    """None: it would show nothing that the plain text does not."""


def json_units(text: str) -> int:
    """Bytes of the text in JSON that is plain ASCII, as it stands in an encrypted event; less in others."""
    return len(json.dumps(text)) - 2


def _link_allowed(url: str) -> bool:
    try:
        return urlsplit(url.strip()).scheme.lower() in SCHEMES
    except ValueError:
        return False


def _emphasis(state: StateInline, silent: bool) -> bool:
    """The library's rule, but for marks inside of a word or a number: `2*3*4` stays what it is, as `snake_case_name` does."""
    scan = StateInline.scanDelims

    def keep_words(start: int, can_split_word: bool) -> Any:
        end = start
        while state.src[end : end + 1] == state.src[start]:
            end += 1
        around = state.src[start - 1 : start] + state.src[end : end + 1]
        return scan(state, start, can_split_word and not (len(around) == 2 and around.isascii() and around.isalnum()))

    state.scanDelims = keep_words  # type: ignore[method-assign, assignment]  # for this one inline text
    return emphasis.tokenize(state, silent)


def _parser() -> MarkdownIt:
    # Raw HTML is shown as it was written. Without references every link is as long as it looks; pictures become links.
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "xhtmlOut": False})
    parser.enable(["strikethrough", "table"])
    parser.disable(["reference", "image", "html_block", "html_inline", "lheading"])
    parser.validateLink = _link_allowed  # type: ignore[method-assign]  # the library's documented way
    parser.inline.ruler.at("emphasis", _emphasis)
    parser.add_render_rule("s_open", lambda *_: "<del>")
    parser.add_render_rule("s_close", lambda *_: "</del>")
    return parser


PARSER = _parser()


def render(text: str) -> Rendered:
    """Both forms of a text. A text that is nothing but marks stays as it is."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # no encoding has lone surrogates
    tokens = PARSER.parse(text)
    plain = _plain(tokens).strip("\n")
    if not plain.strip():
        return Rendered(text, None)
    if all(token.type in ("paragraph_open", "paragraph_close") or _is_bare(token) for token in tokens):
        return Rendered(plain, None)
    html = PARSER.renderer.render(tokens, PARSER.options, {}).strip("\n")
    return Rendered(plain, html if json_units(html) <= MAX_HTML else None)


def _is_bare(token: Token) -> bool:
    return token.type == "inline" and all(child.type in ("text", "softbreak", "hardbreak") for child in token.children or ())


def _plain(tokens: Sequence[Token]) -> str:
    """The blocks as people write them without marks: lists keep their signs, quotes and code their place."""
    out: list[str] = []
    depth = 0
    pending = ""
    tight = 0
    for token in tokens:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                depth += 1
            case "bullet_list_close" | "ordered_list_close":
                depth -= 1
                if not depth:
                    _end_block(out)
            case "list_item_open":
                pending = "  " * (depth - 1) + (f"{token.info}{token.markup} " if token.info else "- ")
            case "blockquote_open":
                tight += 1
            case "blockquote_close":
                tight -= 1
            case "inline":
                out.append(_block(_inline(token), pending, tight, hidden=depth > 0))
                pending = ""
            case "fence" | "code_block":
                out.append(_block(token.content.rstrip("\n"), pending, tight, hidden=depth > 0))
                pending = ""
            case "hr":
                out.append(_block("---", pending, tight, hidden=False))
            case "tr_close":
                out.append("\n")
            case "td_close" | "th_close":
                out[-1] = out[-1].rstrip("\n") + " | "
            case "table_close":
                _end_block(out)
            case "paragraph_close" if not token.hidden:
                _end_block(out)
    return "".join(out)


def _end_block(out: list[str]) -> None:
    """A blank line before what follows."""
    if out:
        out[-1] = out[-1].rstrip("\n") + "\n\n"


def _block(text: str, mark: str, quotes: int, *, hidden: bool) -> str:
    lines = text.split("\n")
    indent = " " * len(mark)
    shown = [f"{'> ' * quotes}{mark if number == 0 else indent}{line}" for number, line in enumerate(lines)]
    return "\n".join(shown) + ("\n" if hidden else "\n\n")


def _inline(token: Token) -> str:
    """Text, code and breaks as they are; behind a link's text its address, where that is another."""
    out = ""
    links: list[tuple[str, int]] = []
    for child in token.children or ():
        match child.type:
            case "softbreak" | "hardbreak":
                out += "\n"
            case "link_open":
                links.append((str(child.attrGet("href") or ""), len(out)))
            case "link_close":
                address, begin = links.pop()
                shown = out[begin:]
                out += "" if shown in (address, address.removeprefix("mailto:")) else f" ({address})"
            case _:
                out += child.content
    return out
