"""How much is going on."""

from typing import Any

from quart import Blueprint

from parachute_core.admin.services import AdminServices

COUNT = {"type": "integer", "minimum": 0}

OPENAPI: dict[str, Any] = {
    "paths": {
        "/activity": {
            "get": {
                "summary": "How many messages came in each minute of the last hour",
                "description": "Those that were addressed to the bot; it begins at nothing with the bot.",
                "responses": {
                    "200": {
                        "description": "Sixty minutes, the present one last",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["minutes"],
                                    "additionalProperties": False,
                                    "properties": {"minutes": {"type": "array", "items": {"$ref": "#/components/schemas/Minute"}}},
                                }
                            }
                        },
                    }
                },
            }
        }
    },
    "schemas": {
        "Minute": {
            "type": "object",
            "required": ["at", "messages", "refused"],
            "additionalProperties": False,
            "properties": {
                "at": {"type": "number", "description": "Its begin, in seconds since 1970"},
                "messages": COUNT,
                "refused": {**COUNT, "description": "How many of them a plugin or the core refused"},
            },
        }
    },
}


def make_activity_blueprint(services: AdminServices) -> Blueprint:
    """`GET /activity`."""
    blueprint = Blueprint("activity", __name__)

    @blueprint.get("/activity")
    async def activity() -> dict[str, object]:
        return {
            "minutes": [{"at": at, "messages": messages, "refused": refused} for at, messages, refused in services.tally.recent.minutes()]
        }

    return blueprint
