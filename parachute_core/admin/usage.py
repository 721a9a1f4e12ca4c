"""What the agent has used: tokens by session or user, and model."""

from dataclasses import asdict
from typing import Any

from quart import Blueprint

from parachute_core.admin.query import PAGE_PARAMETERS, chosen, filter_parameter, page, page_schema
from parachute_core.admin.services import AdminServices
from parachute_core.store.usage import Used

BY = ("session", "user")
TOKENS = {"type": "integer", "minimum": 0}

OPENAPI: dict[str, Any] = {
    "paths": {
        "/usage": {
            "get": {
                "summary": "Tokens that the agent used, the latest first",
                "parameters": [
                    filter_parameter("by", "What is added up: a user in a session (default), or a user in all", BY),
                    *PAGE_PARAMETERS,
                ],
                "responses": {
                    "200": {
                        "description": "One page; fewer than `limit` means the last page",
                        "content": {"application/json": {"schema": page_schema("usage", "Used")}},
                    },
                    "422": {"$ref": "#/components/responses/Error"},
                },
            }
        }
    },
    "schemas": {
        "Used": {
            "type": "object",
            "required": [
                *("session_id", "platform", "user", "model"),
                *("input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens", "at"),
            ],
            "additionalProperties": False,
            "properties": {
                "session_id": {"type": ["string", "null"], "description": "null: in all sessions"},
                "platform": {"type": "string"},
                "user": {"type": "string", "description": "The platform's id of the user whose turns used it"},
                "model": {"type": ["string", "null"], "description": "null: the agent does not tell"},
                "input_tokens": {**TOKENS, "description": "Read anew"},
                "output_tokens": {**TOKENS, "description": "Written"},
                "cached_tokens": {**TOKENS, "description": "Read from the model's cache"},
                "cache_write_tokens": {**TOKENS, "description": "Read anew and put into the model's cache"},
                "at": {"type": "string", "format": "date-time", "description": "Of the latest of it"},
            },
        }
    },
}


def make_usage_blueprint(services: AdminServices) -> Blueprint:
    """`GET /usage`."""
    blueprint = Blueprint("usage", __name__)

    @blueprint.get("/usage")
    async def listed() -> dict[str, object]:
        limit, offset = page()
        found = await services.usage.page(limit, offset, by_user=chosen("by", BY) == "user")
        return {"usage": [to_json(one) for one in found], "limit": limit, "offset": offset}

    return blueprint


def to_json(used: Used) -> dict[str, object]:
    """An entry as clients see it."""
    fields = {**asdict(used), "at": used.at.isoformat()}
    fields["user"] = fields.pop("user_id")
    return fields
