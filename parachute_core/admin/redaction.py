"""The last step of each response: no known secret leaves in it, whoever wrote it."""

import json
from typing import Any

from quart import Quart, Response
from quart.wrappers.response import DataBody

from parachute_core.model.redaction import Redactor

TEXTUAL = ("text/", "application/json", "application/javascript", "application/xml", "application/problem+json")


def install_redaction(app: Quart, redactor: Redactor) -> None:
    """Mask secrets in every textual body that is held in memory. Streams and files are left as they are."""

    @app.after_request
    async def redact(response: Response) -> Response:
        mimetype = response.mimetype or ""
        if isinstance(response.response, DataBody) and mimetype.startswith(TEXTUAL):
            body = await response.get_data(as_text=True)
            clean = redact_json(body, redactor) if mimetype.endswith("json") else redactor(body)
            if clean != body:
                response.set_data(clean)
        return response


def redact_json(body: str, redactor: Redactor) -> str:
    """Mask inside the values: written as JSON, a secret with a quote or an accent in it looks different."""
    if "\\" not in body and redactor(body) == body:  # no character is written differently, so no secret is in it
        return body
    try:
        data = json.loads(body)
    except ValueError:
        return redactor(body)
    clean = redact_value(data, redactor)
    return body if clean == data else json.dumps(clean)


def redact_value(value: Any, redactor: Redactor) -> Any:
    """The same structure with each string masked, keys included."""
    if isinstance(value, str):
        return redactor(value)
    if isinstance(value, list):
        return [redact_value(one, redactor) for one in value]
    if isinstance(value, dict):
        return {redactor(key): redact_value(one, redactor) for key, one in value.items()}
    return value
