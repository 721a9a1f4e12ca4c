"""The routes as the admin API describes them at `/api/openapi.json`. Statuses that any route may answer are added there."""

from typing import Any, Final

ERROR: Final = {"$ref": "#/components/responses/Error"}
REQUEST: Final = {"$ref": "#/components/schemas/PairingRequest"}


def _answer(description: str, **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "required": list(properties), "additionalProperties": False, "properties": properties}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _in_path(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": description, "schema": {"type": "string", "minLength": 1}}


STOPPED = {
    "type": "object",
    "required": ["turns", "replies"],
    "additionalProperties": False,
    "properties": {"turns": {"type": "integer", "minimum": 0}, "replies": {"type": "integer", "minimum": 0}},
}

OPENAPI: Final[dict[str, Any]] = {
    "paths": {
        "/bots/pairing": {
            "get": {
                "summary": "Requests to talk to the bot, newest first",
                "parameters": [
                    {
                        "name": "status",
                        "in": "query",
                        "description": "Anything but `pending` shows the newest 1000",
                        "schema": {"enum": ["pending", "approved", "denied", "expired", "all"], "default": "pending"},
                    }
                ],
                "responses": {"200": _answer("The requests", requests={"type": "array", "items": REQUEST}), "422": ERROR},
            }
        },
        "/bots/pairing/count": {
            "get": {
                "summary": "How many requests are pending",
                "responses": {
                    "200": _answer(
                        "The numbers",
                        pending={"type": "integer", "minimum": 0},
                        turned_away={
                            "type": "integer",
                            "minimum": 0,
                            "description": "Messages of strangers, since the start, for whose requests there was no room",
                        },
                    )
                },
            }
        },
        "/bots/pairing/{request_id}/approve": {
            "post": {
                "summary": "Let the user in",
                "description": "409: it is not pending, or the allowlist cannot take this user; then it stays pending.",
                "parameters": [_in_path("request_id", "The request's id")],
                "requestBody": {
                    "required": False,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "properties": {"trust_level": {"enum": ["direct", "sandboxed", None], "default": "sandboxed"}},
                            }
                        }
                    },
                },
                "responses": {
                    "200": _answer("The user is allowed", success={"const": True}, request=REQUEST),
                    "404": ERROR,
                    "409": ERROR,
                    "422": ERROR,
                },
            }
        },
        "/bots/pairing/{request_id}/deny": {
            "post": {
                "summary": "Decline",
                "parameters": [_in_path("request_id", "The request's id")],
                "responses": {
                    "200": _answer("The request is denied", success={"const": True}, request=REQUEST),
                    "404": ERROR,
                    "409": ERROR,
                },
            }
        },
        "/bots/pairing/{platform}/{user_id}": {
            "delete": {
                "summary": "Revoke a user's access",
                "description": "The next message is refused; the session is not touched. 409: refused from now on, but `bots.yaml` could "
                "not be edited.",
                "parameters": [
                    _in_path("platform", "The platform's name"),
                    _in_path("user_id", "The platform's id of the user; it may hold slashes"),
                ],
                "responses": {
                    "200": _answer(
                        "Revoked, and how much of what was done for the user was stopped",
                        success={"const": True},
                        platform={"type": "string"},
                        user_id={"type": "string"},
                        stopped=STOPPED,
                    ),
                    "400": ERROR,
                    "404": ERROR,
                    "409": ERROR,
                },
            }
        },
    },
    "schemas": {
        "PairingRequest": {
            "type": "object",
            "required": [
                "id",
                "platform",
                "platformUserId",
                "platformUserDisplay",
                "platformChatId",
                "status",
                "approvedTrustLevel",
                "createdAt",
                "resolvedAt",
                "resolvedBy",
            ],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string"},
                "platform": {"type": "string"},
                "platformUserId": {"type": "string"},
                "platformUserDisplay": {"type": ["string", "null"], "maxLength": 64, "description": "As the sender chose it: untrusted"},
                "platformChatId": {"type": "string"},
                "status": {"enum": ["pending", "approved", "denied", "expired"]},
                "approvedTrustLevel": {"enum": ["direct", "sandboxed", None]},
                "createdAt": {"type": "string", "format": "date-time"},
                "resolvedAt": {"type": ["string", "null"], "format": "date-time"},
                "resolvedBy": {"enum": ["owner", None]},
            },
        }
    },
}
