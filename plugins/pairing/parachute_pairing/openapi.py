"""The routes as the admin API describes them at `/api/openapi.json`. Statuses that any route may answer are added there."""

from typing import Any, Final

from parachute_pairing.blocks.openapi import BLOCK_PATHS, BLOCK_SCHEMAS
from parachute_pairing.bodies import LONGEST_GRANT
from parachute_pairing.invitations.openapi import INVITE_PATHS, INVITE_SCHEMAS
from parachute_pairing.openapi_parts import ERROR, PLATFORM, REQUEST, STOPPED, TRUST, USER, answer, in_path

GRANT_SECONDS = {
    "type": ["number", "null"],
    "minimum": 1,
    "maximum": LONGEST_GRANT,
    "description": "Seconds after which the access ends by itself; not together with `until`",
}
GRANT_UNTIL = {"type": ["string", "null"], "format": "date-time", "description": "When the access ends by itself, with an offset"}

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
                "responses": {"200": answer("The requests", requests={"type": "array", "items": REQUEST}), "422": ERROR},
            }
        },
        "/bots/pairing/count": {
            "get": {
                "summary": "How many requests are pending",
                "responses": {
                    "200": answer(
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
                "description": "For good, or for some time. 409: it is not pending, or the allowlist cannot take this user; then it stays "
                "pending. 422: also for an end that is past.",
                "parameters": [in_path("request_id", "The request's id")],
                "requestBody": {
                    "required": False,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "properties": {"trust_level": TRUST, "expires_in": GRANT_SECONDS, "until": GRANT_UNTIL},
                            }
                        }
                    },
                },
                "responses": {
                    "200": answer("The user is allowed", success={"const": True}, request=REQUEST),
                    "404": ERROR,
                    "409": ERROR,
                    "422": ERROR,
                },
            }
        },
        "/bots/pairing/{request_id}/deny": {
            "post": {
                "summary": "Decline",
                "parameters": [in_path("request_id", "The request's id")],
                "responses": {
                    "200": answer("The request is denied", success={"const": True}, request=REQUEST),
                    "404": ERROR,
                    "409": ERROR,
                },
            }
        },
        **BLOCK_PATHS,
        **INVITE_PATHS,
        "/bots/pairing/{platform}/{user_id}": {
            "delete": {
                "summary": "Revoke a user's access",
                "description": "The next message is refused; the session is not touched. 409: refused from now on, but `bots.yaml` could "
                "not be edited.",
                "parameters": [PLATFORM, USER],
                "responses": {
                    "200": answer(
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
        **BLOCK_SCHEMAS,
        **INVITE_SCHEMAS,
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
                "preview",
                "grantUntil",
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
                "resolvedBy": {"enum": ["owner", "invitation", None]},
                "preview": {"type": ["string", "null"], "description": "The beginning of the first message, HTML-escaped: untrusted"},
                "grantUntil": {"type": ["string", "null"], "format": "date-time", "description": "When an approval ends; null: never"},
            },
        },
    },
}
