"""`POST /reload`: `bots.yaml` read anew, at once."""

from typing import Any

from quart import Blueprint

from parachute_core.admin.services import AdminServices
from parachute_core.store.unbroken import unbroken

NOT_FOLLOWED = "a platform could not follow the new config; see its status"

OPENAPI: dict[str, Any] = {
    "paths": {
        "/reload": {
            "post": {
                "summary": "Read bots.yaml anew and follow it",
                "description": "Also when it looks unchanged: what its references stand for may be other by now.",
                "responses": {
                    "200": {
                        "description": "It was read",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Reloaded"}}},
                    },
                    "422": {"$ref": "#/components/responses/Error"},
                },
            }
        }
    },
    "schemas": {
        "Reloaded": {
            "type": "object",
            "required": ["success", "changed", "needs_start"],
            "additionalProperties": False,
            "properties": {
                "success": {"const": True},
                "changed": {"type": "array", "items": {"type": "string"}, "description": "Keys that are others now"},
                "needs_start": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "Parts that are other than at the start, and take effect at the next one",
                },
                "warnings": {"type": "array", "items": {"type": "string"}},
            },
        }
    },
}


def make_reload_blueprint(services: AdminServices) -> Blueprint:
    """The one route."""
    blueprint = Blueprint("reload", __name__)

    @blueprint.post("/reload")
    async def reload() -> dict[str, object]:
        told = await unbroken(services.reload())
        facts = {"success": True, "changed": list(told.changed), "needs_start": list(told.needs_start)}
        return facts if told.followed else {**facts, "warnings": [NOT_FOLLOWED]}

    return blueprint
