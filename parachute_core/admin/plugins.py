"""Which plugins are installed, and in which order they are asked."""

from typing import Any

from quart import Blueprint

from parachute_core.admin.services import AdminServices

OPENAPI: dict[str, Any] = {
    "paths": {
        "/plugins": {
            "get": {
                "summary": "Every installed plugin",
                "description": "Those that are on, in the effective order, then those that are switched off.",
                "responses": {
                    "200": {
                        "description": "The plugins",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["plugins"],
                                    "properties": {"plugins": {"type": "array", "items": {"$ref": "#/components/schemas/Plugin"}}},
                                }
                            }
                        },
                    }
                },
            }
        }
    },
    "schemas": {
        "Plugin": {
            "type": "object",
            "required": ["name", "distribution", "version", "enabled", "order", "hooks"],
            "additionalProperties": False,
            "properties": {
                "name": {"type": "string"},
                "distribution": {"type": "string"},
                "version": {"type": "string"},
                "enabled": {"type": "boolean"},
                "order": {
                    "type": ["integer", "null"],
                    "minimum": 1,
                    "description": "Its place among those that are on, else null",
                },
                "hooks": {"type": "array", "items": {"type": "string"}, "description": "The hooks it implements; empty when it is off"},
            },
        }
    },
}


def make_plugins_blueprint(services: AdminServices) -> Blueprint:
    """`GET /plugins`."""
    blueprint = Blueprint("plugins", __name__)

    @blueprint.get("/plugins")
    async def installed() -> dict[str, object]:
        on = [_described(one, place) for place, one in enumerate(services.hooks.plugins, 1)]
        off = [_described(one, None) for one in services.hooks.disabled]
        return {"plugins": on + off}

    return blueprint


def _described(plugin: Any, order: int | None) -> dict[str, object]:
    return {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "enabled": plugin.enabled,
        "order": order,
        "hooks": list(plugin.hooks),
    }
