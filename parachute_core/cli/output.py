"""Results go to stdout, talk goes to stderr."""

import json
import os
from collections.abc import Iterable, Sequence
from typing import IO, Any

import click


def result(value: object, *, as_json: bool, text: str) -> None:
    """Print what was asked for."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False) if as_json else text)


def talk(text: str) -> None:
    """Say something beside the result."""
    click.echo(text, err=True)


def complain(text: str, file: IO[Any] | None = None) -> None:
    """Say what is wrong, one line for each problem, on stderr if not elsewhere."""
    for line in text.splitlines():
        click.echo(f"{marked('error:', 'red')} {plain(line)}", file, err=True)


def warn(text: str) -> None:
    """Say what is odd."""
    click.echo(f"{marked('warning:', 'yellow')} {plain(text)}", err=True)


def marked(word: str, colour: str) -> str:
    """In colour, where stderr is a terminal and the user has nothing against it."""
    return word if os.environ.get("NO_COLOR") else click.style(word, fg=colour)


def plain(text: object) -> str:
    """A text that somebody else chose, without what could steer a terminal or turn the line round."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in str(text))


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns with headings, as wide as they need to be."""
    cells = [list(headings), *([plain("" if one is None else one) for one in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells)
