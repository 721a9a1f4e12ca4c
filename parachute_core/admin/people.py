"""Who is let in."""

from dataclasses import asdict
from typing import Any

from quart import Blueprint

from parachute_core.admin.query import PAGE_PARAMETERS, chosen, filter_parameter, page, page_schema
from parachute_core.admin.services import AdminServices

SCHEMA = page_schema("people", "Person")
OPENAPI: dict[str, Any] = {
    "paths": {
        "/people": {
            "get": {
                "summary": "Who is on an allowlist, the last seen first",
                "parameters": [
                    filter_parameter("platform", "Those of this platform alone"),
                    filter_parameter("q", "Those whose id or name has this in it, in whatever case"),
                    *PAGE_PARAMETERS,
                ],
                "responses": {
                    "200": {
                        "description": "One page; `total` is how many there are on all of them",
                        "content": {
                            "application/json": {
                                "schema": {
                                    **SCHEMA,
                                    "required": [*SCHEMA["required"], "total"],
                                    "properties": {**SCHEMA["properties"], "total": {"type": "integer", "minimum": 0}},
                                }
                            }
                        },
                    },
                    "422": {"$ref": "#/components/responses/Error"},
                },
            }
        }
    },
    "schemas": {
        "Person": {
            "type": "object",
            "required": ["platform", "user_id", "trust_level", "name", "last_seen"],
            "additionalProperties": False,
            "properties": {
                "platform": {"type": "string"},
                "user_id": {"type": "string"},
                "trust_level": {"enum": ["direct", "sandboxed", None], "description": "In a direct chat; null: unreadable, and refused"},
                "name": {"type": ["string", "null"], "description": "What they called themselves when they last wrote; untrusted"},
                "last_seen": {
                    "anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}],
                    "description": "When they last wrote",
                },
            },
        }
    },
}


def make_people_blueprint(services: AdminServices) -> Blueprint:
    """`GET /people`."""
    blueprint = Blueprint("people", __name__)

    @blueprint.get("/people")
    async def listed() -> dict[str, object]:
        limit, offset = page()
        found, total = services.people.page(chosen("platform"), chosen("q"), limit, offset)
        people = [{**asdict(one), "last_seen": one.last_seen.isoformat() if one.last_seen else None} for one in found]
        return {"people": people, "total": total, "limit": limit, "offset": offset}

    return blueprint
