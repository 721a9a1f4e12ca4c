"""Which browsers are logged in to the owner's page: list them, log them out, and let in another one."""

from typing import Any

from quart import Blueprint

from parachute_core.admin.errors import refuse
from parachute_core.admin.services import AdminServices

ERROR = {"$ref": "#/components/responses/Error"}
TIME = {"type": "string", "format": "date-time"}


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "additionalProperties": False, "properties": properties}


ENDED = _answer("They are logged out", _object(success={"const": True}, ended={"type": "integer", "minimum": 0}))

OPENAPI: dict[str, Any] = {
    "paths": {
        "/logins": {
            "get": {
                "summary": "Every browser that is logged in to the owner's page, newest first",
                "responses": {
                    "200": _answer("At most 50", _object(logins={"type": "array", "items": {"$ref": "#/components/schemas/Login"}}))
                },
            },
            "delete": {"summary": "Log every browser out", "responses": {"200": ENDED}},
        },
        "/logins/{login_id}": {
            "delete": {
                "summary": "Log one browser out",
                "parameters": [{"name": "login_id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}],
                "responses": {"200": ENDED, "404": ERROR},
            }
        },
        "/logins/link": {
            "post": {
                "summary": "Make a link that logs in one browser",
                "description": "It works once, within 24 hours, while this bot runs. The path goes behind the bot's address.",
                "responses": {"200": _answer("The link", _object(success={"const": True}, path={"type": "string"}))},
            }
        },
    },
    "schemas": {
        "Login": _object(
            id={"type": "string"},
            made_at=TIME,
            seen_at={**TIME, "description": "When it was last used, to the minute"},
            until={**TIME, "description": "When it ends at the latest; after seven days without use it ends as well"},
            agent={"type": "string", "description": "What the browser calls itself"},
        )
    },
}


def make_logins_blueprint(services: AdminServices) -> Blueprint:
    """The four routes below `/logins`."""
    blueprint = Blueprint("logins", __name__, url_prefix="/logins")
    logins = services.logins

    @blueprint.get("")
    async def listed() -> dict[str, object]:
        return {
            "logins": [
                {
                    "id": one.id,
                    "made_at": one.made_at.isoformat(),
                    "seen_at": one.seen_at.isoformat(),
                    "until": one.until.isoformat(),
                    "agent": one.agent,
                }
                for one in logins.all()
            ]
        }

    @blueprint.delete("")
    async def end_all() -> dict[str, object]:
        return {"success": True, "ended": await logins.end(None)}

    @blueprint.delete("/<login_id>")
    async def end(login_id: str) -> dict[str, object]:
        ended = await logins.end(login_id)
        if not ended:
            refuse(404, "no such browser is logged in")
        return {"success": True, "ended": ended}

    @blueprint.post("/link")
    async def link() -> dict[str, object]:
        return {"success": True, "path": logins.link_path()}

    return blueprint
