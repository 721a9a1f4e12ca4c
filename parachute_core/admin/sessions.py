"""The conversations: list them, end one."""

from dataclasses import asdict
from typing import Any

from quart import Blueprint

from parachute_core.admin.errors import refuse
from parachute_core.admin.query import PAGE_PARAMETERS, page, page_schema
from parachute_core.admin.services import AdminServices
from parachute_core.model.session import Session
from parachute_core.store.unbroken import unbroken

OPENAPI: dict[str, Any] = {
    "paths": {
        "/sessions": {
            "get": {
                "summary": "Sessions by last use, newest first",
                "parameters": PAGE_PARAMETERS,
                "responses": {
                    "200": {
                        "description": "One page of sessions; fewer than `limit` means the last page",
                        "content": {"application/json": {"schema": page_schema("sessions", "Session")}},
                    },
                    "422": {"$ref": "#/components/responses/Error"},
                },
            }
        },
        "/sessions/{session_id}/archive": {
            "post": {
                "summary": "End a session for good",
                "description": "The chat's next message opens a new one. Repeating it is fine: `changed` is false then.",
                "parameters": [{"name": "session_id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}],
                "responses": {
                    "200": {
                        "description": "The session is archived",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["success", "changed", "stopped"],
                                    "additionalProperties": False,
                                    "properties": {
                                        "success": {"const": True},
                                        "changed": {"type": "boolean"},
                                        "stopped": {"$ref": "#/components/schemas/Stopped"},
                                    },
                                }
                            }
                        },
                    },
                    "404": {"$ref": "#/components/responses/Error"},
                },
            }
        },
    },
    "schemas": {
        "Stopped": {
            "type": "object",
            "description": "What was being done and is not any more: answers being made, and answers that waited to be delivered",
            "required": ["turns", "replies"],
            "additionalProperties": False,
            "properties": {"turns": {"type": "integer", "minimum": 0}, "replies": {"type": "integer", "minimum": 0}},
        },
        "Session": {
            "type": "object",
            "required": ["id", "platform", "chat_id", "chat_type", "user", "trust_level", "archived", "last_used"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string"},
                "platform": {"type": "string"},
                "chat_id": {"type": "string"},
                "chat_type": {"enum": ["dm", "group"]},
                "user": {"type": "string", "description": "The platform's id of the user who opened it"},
                "trust_level": {"enum": ["direct", "sandboxed", None]},
                "archived": {"type": "boolean"},
                "last_used": {"type": "string", "format": "date-time"},
            },
        },
    },
}


def make_sessions_blueprint(services: AdminServices) -> Blueprint:
    """`GET /sessions` and `POST /sessions/{id}/archive`."""
    blueprint = Blueprint("sessions", __name__)

    @blueprint.get("/sessions")
    async def listed() -> dict[str, object]:
        limit, offset = page()
        sessions = await services.sessions.list(limit, offset)
        return {"sessions": [to_json(one) for one in sessions], "limit": limit, "offset": offset}

    @blueprint.post("/sessions/<session_id>/archive")
    async def archive(session_id: str) -> dict[str, object]:
        # A client that hangs up must not leave the session and what is done in it apart.
        ended = await unbroken(services.archive(session_id))
        if ended is None:
            refuse(404, "no such session")
        changed, stopped = ended
        return {"success": True, "changed": changed, "stopped": asdict(stopped)}

    return blueprint


def to_json(session: Session) -> dict[str, object]:
    """A session as clients see it."""
    return {
        "id": session.id,
        "platform": session.platform,
        "chat_id": session.chat_id,
        "chat_type": session.chat_type.value,
        "user": session.user_id,
        "trust_level": session.trust_level.value if session.trust_level else None,
        "archived": session.archived,
        "last_used": session.last_used.isoformat(),
    }
