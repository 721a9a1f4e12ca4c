"""Which plugins are installed, and in which order they are asked; on and off, from the next start on."""

import asyncio
from typing import Any

from quart import Blueprint

from parachute_core.admin.errors import refuse
from parachute_core.admin.services import AdminServices
from parachute_core.admin.settings import note_changed
from parachute_core.config.differences import changed_keys
from parachute_core.config.read import SECRET_ENDINGS
from parachute_core.hooks.settings import ENABLED, is_enabled
from parachute_core.model.redaction import MASK
from parachute_core.store.unbroken import unbroken

ERROR = {"$ref": "#/components/responses/Error"}
NAME = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _switch(summary: str, *, enabled: bool) -> dict[str, Any]:
    answer = {
        "type": "object",
        "required": ["success", "name", "enabled", "restart_needed"],
        "additionalProperties": False,
        "properties": {
            "success": {"const": True},
            "name": {"type": "string"},
            "enabled": {"const": enabled},
            "restart_needed": {"type": "boolean", "description": "The bot that runs is not as the file says: false where nothing changed"},
        },
    }
    done = {"description": "It is in bots.yaml", "content": {"application/json": {"schema": answer}}}
    return {"post": {"summary": summary, "parameters": [NAME], "responses": {"200": done, "404": ERROR, "409": ERROR, "422": ERROR}}}


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
        },
        "/plugins/{name}/enable": _switch("Switch a plugin on, from the next start on", enabled=True),
        "/plugins/{name}/disable": _switch("Switch a plugin off, from the next start on", enabled=False),
    },
    "schemas": {
        "Plugin": {
            "type": "object",
            "required": ["name", "distribution", "version", "enabled", "order", "hooks", "wanted", "required", "settings"],
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
                "wanted": {"type": "boolean", "description": "Whether it is on after the next start, by bots.yaml as it is now"},
                "required": {"type": "boolean", "description": "Whether the bot does not start without it"},
                "settings": {"type": "object", "description": "As they stand in bots.yaml, without defaults and secrets"},
                "hooks": {"type": "array", "items": {"type": "string"}, "description": "The hooks it implements; empty when it is off"},
            },
        }
    },
}


def make_plugins_blueprint(services: AdminServices) -> Blueprint:
    """`GET /plugins`, and the switch of each."""
    blueprint = Blueprint("plugins", __name__)
    hooks = services.hooks

    def described(plugin: Any, order: int | None) -> dict[str, object]:
        config = services.config.current.config
        settings = config.plugins.get(plugin.name) or {}
        return {
            "name": plugin.name,
            "distribution": plugin.distribution,
            "version": plugin.version,
            "enabled": plugin.enabled,
            "order": order,
            "hooks": list(plugin.hooks),
            "wanted": is_enabled(config.plugins, plugin.name, None),
            "required": plugin.name in config.required,
            "settings": without_secrets({key: value for key, value in settings.items() if key != ENABLED}),
        }

    @blueprint.get("/plugins")
    async def installed() -> dict[str, object]:
        on = [described(one, place) for place, one in enumerate(hooks.plugins, 1)]
        return {"plugins": on + [described(one, None) for one in hooks.disabled]}

    async def write(name: str, *, enabled: bool) -> None:
        change = await asyncio.to_thread(services.config.switch_plugin, name, enabled=enabled)
        services.redactor.add(*change.after.secrets)
        switched = is_enabled(change.found.config.plugins, name, None) is not is_enabled(change.after.config.plugins, name, None)
        asked = [f"plugins.{name}.{ENABLED}"] if switched else []
        note_changed(services.register, asked, changed_keys(change.known.config, change.found.config))

    async def switch(name: str, *, enabled: bool) -> dict[str, object]:
        running = {one.name: one.enabled for one in hooks.plugins} | {one.name: one.enabled for one in hooks.disabled}
        if name not in running:
            refuse(404, f"no plugin {name[:64]} is installed")
        await unbroken(write(name, enabled=enabled))
        return {"success": True, "name": name, "enabled": enabled, "restart_needed": running[name] is not enabled}

    @blueprint.post("/plugins/<name>/enable")
    async def enable(name: str) -> dict[str, object]:
        return await switch(name, enabled=True)

    @blueprint.post("/plugins/<name>/disable")
    async def disable(name: str) -> dict[str, object]:
        return await switch(name, enabled=False)

    return blueprint


def without_secrets(value: Any, key: str = "") -> Any:
    """The same settings, with what is named like a secret masked at any depth; what came by reference is masked in every answer."""
    if isinstance(value, dict):
        return {str(name): without_secrets(one, str(name)) for name, one in value.items()}
    if isinstance(value, list):
        return [without_secrets(one, key) for one in value]
    if isinstance(value, str) and key.lower().endswith(SECRET_ENDINGS):
        return MASK
    return value if isinstance(value, str | int | float | bool | None) else str(value)
