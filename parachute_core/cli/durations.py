"""A length of time on the command line."""

import re

import click

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def in_seconds(_context: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    """An option's callback: a number and a unit, such as `90s`, `30m`, `12h`, `7d` or `2w`, becomes seconds."""
    if value is None:
        return None
    found = re.fullmatch(r"(\d{1,9})([smhdw])", value.strip().lower(), re.ASCII)
    if found is None:
        raise click.BadParameter(f"{value!r} is no length of time; write a whole number and one of s, m, h, d, w, like 12h")
    return int(found[1]) * UNITS[found[2]]
