"""What a request asks for in its query: one page, and filters."""

from collections.abc import Collection
from typing import Any

from quart import request

from parachute_core.admin.errors import refuse

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200
LARGEST_OFFSET = 1_000_000_000

PAGE_PARAMETERS: list[dict[str, Any]] = [
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT}},
    {"name": "offset", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": LARGEST_OFFSET, "default": 0}},
]
"""Their description."""


def filter_parameter(name: str, description: str, allowed: Collection[str] = ()) -> dict[str, Any]:
    """The description of a filter, which takes one of `allowed`, or any text where that is empty."""
    schema: dict[str, Any] = {"enum": list(allowed)} if allowed else {"type": "string"}
    return {"name": name, "in": "query", "description": description, "schema": schema}


def page_schema(items: str, schema: str) -> dict[str, Any]:
    """The description of a page of such things."""
    return {
        "type": "object",
        "required": [items, "limit", "offset"],
        "additionalProperties": False,
        "properties": {
            items: {"type": "array", "items": {"$ref": f"#/components/schemas/{schema}"}},
            "limit": {"type": "integer"},
            "offset": {"type": "integer"},
        },
    }


def page() -> tuple[int, int]:
    """`limit` and `offset`; ends the request with 422 unless they are whole numbers within their bounds."""
    return _whole_number("limit", DEFAULT_LIMIT, 1, LARGEST_LIMIT), _whole_number("offset", 0, 0, LARGEST_OFFSET)


def chosen(name: str, allowed: Collection[str] = ()) -> str | None:
    """A filter, or None without it; ends the request with 422 when it stands there twice or is none of `allowed`."""
    given = request.args.getlist(name)
    if len(given) > 1 or (given and allowed and given[0] not in allowed):
        refuse(422, f"{name}: expected {'one of ' + ', '.join(allowed) if allowed else 'one text'}")
    return given[0] if given else None


def _whole_number(name: str, default: int, least: int, most: int) -> int:
    given = request.args.getlist(name)
    if not given:
        return default
    text = given[0]
    if len(given) > 1 or not (text.isascii() and text.isdigit()) or len(text) > 12 or not least <= int(text) <= most:
        refuse(422, f"{name}: expected one whole number from {least} to {most}")
    return int(text)
