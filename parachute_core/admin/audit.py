"""Who decided what."""

from dataclasses import asdict
from typing import Any

from quart import Blueprint

from parachute_core.admin.query import PAGE_PARAMETERS, chosen, filter_parameter, page, page_schema
from parachute_core.admin.services import AdminServices
from parachute_core.model.decision import What
from parachute_core.store.audit import Sought

WHATS = tuple(what.value for what in What)
NAMED = ("platform", "chat_id", "user_id", "session_id", "request_id", "why")

OPENAPI: dict[str, Any] = {
    "paths": {
        "/audit": {
            "get": {
                "summary": "What was decided, by whom and why, newest first",
                "parameters": [
                    filter_parameter("who", "`owner`, `owner by hand`, `core`, or a plugin's name"),
                    filter_parameter("what", "Decisions of this kind alone", WHATS),
                    filter_parameter("platform", "Those that concern this platform alone"),
                    filter_parameter("chat_id", "Those that concern this chat alone"),
                    filter_parameter("user_id", "Those that concern this user alone"),
                    *PAGE_PARAMETERS,
                ],
                "responses": {
                    "200": {
                        "description": "One page; fewer than `limit` means the last page",
                        "content": {"application/json": {"schema": page_schema("entries", "Entry")}},
                    },
                    "422": {"$ref": "#/components/responses/Error"},
                },
            }
        }
    },
    "schemas": {
        "Entry": {
            "type": "object",
            "required": ["id", "at", "who", "what", "delivery", *NAMED],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "integer"},
                "at": {"type": "string", "format": "date-time"},
                "who": {"type": "string"},
                "what": {"enum": list(WHATS)},
                "delivery": {"type": ["integer", "null"]},
                **{name: {"type": ["string", "null"]} for name in NAMED},
            },
        }
    },
}


def make_audit_blueprint(services: AdminServices) -> Blueprint:
    """`GET /audit`."""
    blueprint = Blueprint("audit", __name__)

    @blueprint.get("/audit")
    async def listed() -> dict[str, object]:
        limit, offset = page()
        sought = Sought(chosen("who"), chosen("what", WHATS), chosen("platform"), chosen("chat_id"), chosen("user_id"))
        await services.register.flush()  # whoever has just decided something finds it
        entries = await services.audit.page(sought, limit, offset)
        return {"entries": [{**asdict(one), "at": one.at.isoformat()} for one in entries], "limit": limit, "offset": offset}

    return blueprint
