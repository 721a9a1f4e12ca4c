"""The routes of those who are blocked, described."""

from typing import Any, Final

from parachute_pairing.openapi_parts import ERROR, PLATFORM, STOPPED, USER, answer, in_path

PERSON = {"$ref": "#/components/schemas/BlockedPerson"}
BLOCKED = answer("Blocked, and what ending the access stopped", success={"const": True}, blocked=PERSON, stopped=STOPPED)

BLOCK_PATHS: Final[dict[str, Any]] = {
    "/bots/pairing/blocked": {
        "get": {
            "summary": "Everyone who is blocked, newest first",
            "responses": {"200": answer("The people", blocked={"type": "array", "items": PERSON})},
        }
    },
    "/bots/pairing/{request_id}/block": {
        "post": {
            "summary": "Block whoever made a request",
            "description": "However the request stands; a pending one is closed as denied, without a word to its author. Safe to repeat.",
            "parameters": [in_path("request_id", "The request's id")],
            "responses": {"200": BLOCKED, "400": ERROR, "404": ERROR, "409": ERROR},
        }
    },
    "/bots/pairing/{platform}/{user_id}/block": {
        "post": {
            "summary": "Block a person",
            "description": "Whatever the person sends is dropped, without a word, until unblocked; access is revoked as well. "
            "Safe to repeat. 409: blocked, but `bots.yaml` could not be edited.",
            "parameters": [PLATFORM, USER],
            "responses": {"200": BLOCKED, "400": ERROR, "404": ERROR, "409": ERROR, "422": ERROR},
        }
    },
    "/bots/pairing/blocked/{platform}/{user_id}": {
        "delete": {
            "summary": "Block a person no more",
            "description": "The person is a stranger again, and may ask.",
            "parameters": [PLATFORM, USER],
            "responses": {
                "200": answer("Unblocked", success={"const": True}, platform={"type": "string"}, user_id={"type": "string"}),
                "404": ERROR,
            },
        }
    },
}
BLOCK_SCHEMAS: Final[dict[str, Any]] = {
    "BlockedPerson": {
        "type": "object",
        "required": ["platform", "platformUserId", "platformUserDisplay", "blockedAt"],
        "additionalProperties": False,
        "properties": {
            "platform": {"type": "string"},
            "platformUserId": {"type": "string"},
            "platformUserDisplay": {"type": ["string", "null"], "maxLength": 64, "description": "As the sender chose it: untrusted"},
            "blockedAt": {"type": "string", "format": "date-time"},
        },
    }
}
