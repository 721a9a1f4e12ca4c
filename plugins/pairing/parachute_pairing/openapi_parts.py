"""What the descriptions of several routes share."""

from typing import Any, Final

ERROR: Final = {"$ref": "#/components/responses/Error"}
REQUEST: Final = {"$ref": "#/components/schemas/PairingRequest"}


def answer(description: str, **properties: Any) -> dict[str, Any]:
    """A JSON object with exactly these properties."""
    schema = {"type": "object", "required": list(properties), "additionalProperties": False, "properties": properties}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def in_path(name: str, description: str) -> dict[str, Any]:
    """A parameter of the path."""
    return {"name": name, "in": "path", "required": True, "description": description, "schema": {"type": "string", "minLength": 1}}


PLATFORM: Final = in_path("platform", "The platform's name")
USER: Final = in_path("user_id", "The platform's id of the user; it may hold slashes")
TRUST: Final = {"enum": ["direct", "sandboxed", None], "default": "sandboxed"}
STOPPED: Final = {
    "type": "object",
    "required": ["turns", "replies"],
    "additionalProperties": False,
    "properties": {"turns": {"type": "integer", "minimum": 0}, "replies": {"type": "integer", "minimum": 0}},
}
