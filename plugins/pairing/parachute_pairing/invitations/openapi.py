"""The routes of invitations, described."""

from typing import Any, Final

from parachute_pairing.bodies import INVITE_LASTS, LONGEST_INVITE, SHORTEST_INVITE
from parachute_pairing.invitations.invite import InviteStatus
from parachute_pairing.openapi_parts import ERROR, TRUST, answer, in_path

INVITE = {"$ref": "#/components/schemas/Invite"}
SECONDS = {"type": ["number", "null"], "minimum": SHORTEST_INVITE, "maximum": LONGEST_INVITE, "default": INVITE_LASTS}

INVITE_PATHS: Final[dict[str, Any]] = {
    "/bots/pairing/invites": {
        "get": {
            "summary": "Invitations, newest first",
            "description": "Never their codes, of which only hashes are kept.",
            "responses": {"200": answer("The invitations", invites={"type": "array", "items": INVITE})},
        },
        "post": {
            "summary": "Make an invitation",
            "description": "Its code is good once, until `expires_in` seconds have passed, and is told here and never again. "
            "409: too many are open.",
            "requestBody": {
                "required": False,
                "content": {
                    "application/json": {"schema": {"type": "object", "properties": {"trust_level": TRUST, "expires_in": SECONDS}}}
                },
            },
            "responses": {
                "200": answer("The invitation and its code", success={"const": True}, invite=INVITE, code={"type": "string"}),
                "409": ERROR,
                "422": ERROR,
            },
        },
    },
    "/bots/pairing/invites/{invite_id}": {
        "delete": {
            "summary": "Withdraw an invitation",
            "description": "409: it is open no more.",
            "parameters": [in_path("invite_id", "The invitation's id")],
            "responses": {"200": answer("Withdrawn", success={"const": True}, invite=INVITE), "404": ERROR, "409": ERROR},
        }
    },
}
INVITE_SCHEMAS: Final[dict[str, Any]] = {
    "Invite": {
        "type": "object",
        "required": ["id", "status", "trustLevel", "createdAt", "expiresAt", "usedAt", "requestId"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string"},
            "status": {"enum": list(InviteStatus)},
            "trustLevel": {"enum": ["direct", "sandboxed"]},
            "createdAt": {"type": "string", "format": "date-time"},
            "expiresAt": {"type": "string", "format": "date-time"},
            "usedAt": {"type": ["string", "null"], "format": "date-time"},
            "requestId": {"type": ["string", "null"], "description": "The request under which its person was let in"},
        },
    }
}
