"""Request bodies as JSON objects, whatever content type a client declares."""

import json
from typing import Any, NoReturn

from quart import request

from parachute_core.admin.errors import refuse

BODY_WITHIN = 20
"""Seconds in which a request body must have come."""


async def json_object() -> dict[str, Any]:
    """The body. Ends the request with 422 when there is none, or when it is JSON but no object; with 400 when it is no JSON.

    Strictly JSON: no NaN, no key twice in an object, no lone surrogates. Raises werkzeug's 413 for a body above the limit.
    """
    raw = bytes(await request.body)
    if not raw.strip():
        refuse(422, "the body is missing; expected a JSON object")
    try:
        text = raw.decode("utf-8")
        body = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        json.dumps(body, ensure_ascii=False).encode("utf-8")  # an escaped lone surrogate is a string that nobody can write down
    except (ValueError, RecursionError):
        refuse(400, "the body is not valid JSON")
    if not isinstance(body, dict):
        refuse(422, "expected a JSON object")
    return body


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        raise ValueError("a key stands there twice")
    return unique


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
