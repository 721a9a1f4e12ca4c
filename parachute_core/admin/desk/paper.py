"""What every page of the desk is made on: its templates, its files, its headers."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape

from markupsafe import Markup
from quart import Blueprint, Response, abort, render_template

from parachute_core.admin.assets import Asset
from parachute_core.clock import Clock
from parachute_core.model.names import plain_text

PACKAGE = "parachute_core.admin.desk"
STATIC = ("desk.css", "desk.js", "login.js")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LONGEST = 128
"""Characters of an id or a name that a page shows."""
UNITS = ((60.0, 1, "s"), (3600.0, 60, "min"), (86400.0, 3600, "h"), (float("inf"), 86400, "days"))
"""Below so many seconds, they are counted in these."""


def add_paper(blueprint: Blueprint, clock: Clock) -> None:
    """The files that pages are made of, and the filters that their templates use."""
    parts = {name: Asset.read(PACKAGE, name) for name in STATIC}

    @blueprint.get("/desk/<name>")
    async def part(name: str) -> Response:
        if name not in parts:
            abort(404)
        return await parts[name].answer(POLICY)

    filters: dict[str, Callable[..., object]] = {
        "ago": lambda at: ago(at, clock.now()),
        "plain": plain,
        "counted": counted,
        "unescaped": unescape,
        "in_json": lambda value: json.dumps(value, ensure_ascii=False),
    }
    for name, function in filters.items():
        blueprint.add_app_template_filter(function, name)


async def render(template: str, status: int = 200, **context: object) -> Response:
    """A page made from a template."""
    response = Response(await render_template(template, **context), status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-store"
    # With `no-referrer` browsers leave out the Origin of a form, too, and the guard asks for it.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def plain(text: object) -> str:
    """What somebody else chose, on one line, without what turns or hides text, and not too long."""
    return plain_text(str(text), LONGEST)


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 message`, `2 messages`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def ago(at: float | str | datetime | None, now: datetime) -> Markup:
    """How long ago that was, or until then, with the exact time behind it; empty for None. `at`: seconds since 1970, or ISO 8601."""
    if at is None:
        return Markup()
    moment = _moment(at)
    seconds = (now - moment).total_seconds()
    words = _span(abs(seconds))
    said = "just now" if -1 < seconds < 5 else f"{words} ago" if seconds > 0 else f"in {words}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.isoformat(timespec="seconds"), f"{moment:%Y-%m-%d %H:%M:%S} UTC", said
    )


def _moment(at: float | str | datetime) -> datetime:
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    return at.astimezone(UTC) if isinstance(at, datetime) else datetime.fromtimestamp(at, UTC)


def _span(seconds: float) -> str:
    unit, name = next((unit, name) for below, unit, name in UNITS if seconds < below)
    count = int(seconds // unit)
    return f"{count} {'day' if name == 'days' and count == 1 else name}"
