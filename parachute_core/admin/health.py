"""Whether the bot is alive, whether it is ready, and which version it is."""

from typing import Any

from quart import Quart, Response, redirect, request
from quart.typing import ResponseReturnValue

from parachute_core._version import __version__
from parachute_core.admin.errors import error_response
from parachute_core.admin.services import AdminServices

NAME = "parachute-core"
CHAT_PAGE = "/chat"
ALIVE = {"status": "ok"}
"""The answer to `/healthz`: a process that gives it is alive."""

OPENAPI: dict[str, Any] = {
    "paths": {
        "/health": {
            "get": {
                "summary": "Whether the API answers, and its version",
                "responses": {
                    "200": {
                        "description": "It does",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}},
                    }
                },
            }
        }
    },
    "schemas": {
        "Health": {
            "type": "object",
            "required": ["status", "timestamp", "version"],
            "additionalProperties": False,
            "properties": {
                "status": {"const": "ok"},
                "timestamp": {"type": "integer", "description": "Milliseconds since 1970, UTC"},
                "version": {"type": "string"},
            },
        }
    },
}


def add_health_routes(app: Quart, services: AdminServices) -> None:
    """`/`, `/healthz` and `/readyz` are open and tell nothing; `/api/health` needs the key like all of `/api`."""

    @app.get("/")
    async def root() -> ResponseReturnValue:
        if _wants_page() and any(rule.rule == CHAT_PAGE for rule in app.url_map.iter_rules()):
            return redirect(CHAT_PAGE)
        return {"name": NAME, "version": __version__, "status": "running"}

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return ALIVE

    @app.get("/readyz")
    async def readyz() -> dict[str, str] | Response:
        able = services.ready() and services.trouble() is None
        return {"status": "ready"} if able else error_response(503, "not ready")

    @app.get("/api/health")
    async def health() -> dict[str, object]:
        timestamp = round(services.clock.now().timestamp() * 1000)
        return {"status": "ok", "timestamp": timestamp, "version": __version__}


def _wants_page() -> bool:
    """True for a person's browser; programs ask for anything or for JSON."""
    return request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html"
