"""Whether the bot is alive, whether it is ready, and which version it is."""

from collections.abc import Iterator
from typing import Any

from quart import Quart, Response, request

from parachute_core._version import __version__
from parachute_core.admin.errors import error_response
from parachute_core.admin.services import AdminServices

NAME = "parachute-core"
Reason = dict[str, str | None]
"""`code` is for programs, `detail` in words; `platform` None: the whole bot."""
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
        },
        "/ready": {
            "get": {
                "summary": "Whether messages are taken, and what does not work",
                "responses": {
                    "200": {
                        "description": "Ready or not",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Readiness"}}},
                    }
                },
            }
        },
    },
    "schemas": {
        "Readiness": {
            "type": "object",
            "required": ["ready", "reasons", "degraded"],
            "additionalProperties": False,
            "properties": {
                "ready": {"type": "boolean"},
                "reasons": {"type": "array", "items": {"$ref": "#/components/schemas/Reason"}},
                "degraded": {"type": "array", "items": {"$ref": "#/components/schemas/Reason"}},
            },
        },
        "Reason": {
            "type": "object",
            "required": ["code", "platform", "detail"],
            "additionalProperties": False,
            "properties": {
                "code": {"type": "string"},
                "platform": {"type": ["string", "null"]},
                "detail": {"type": ["string", "null"]},
            },
        },
        "Health": {
            "type": "object",
            "required": ["status", "timestamp", "version"],
            "additionalProperties": False,
            "properties": {
                "status": {"const": "ok"},
                "timestamp": {"type": "integer", "description": "Milliseconds since 1970, UTC"},
                "version": {"type": "string"},
            },
        },
    },
}


def add_health_routes(app: Quart, services: AdminServices) -> None:
    """`/healthz` and `/readyz` are open and tell nothing; `/api/health` and `/api/ready` need the key like all of `/api`."""

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return ALIVE

    @app.get("/readyz")
    async def readyz() -> dict[str, str] | Response:
        return error_response(503, "not ready") if any(not_ready(services)) else {"status": "ready"}

    @app.get("/api/ready")
    async def ready() -> dict[str, object]:
        reasons = list(not_ready(services))
        return {"ready": not reasons, "reasons": reasons, "degraded": list(degraded(services))}

    @app.get("/api/health")
    async def health() -> dict[str, object]:
        timestamp = round(services.clock.now().timestamp() * 1000)
        return {"status": "ok", "timestamp": timestamp, "version": __version__}


def not_ready(services: AdminServices) -> Iterator[Reason]:
    """Why no message is taken at the moment; nothing: they are."""
    if not services.ready():
        yield {"code": "not_taking_messages", "platform": None, "detail": "the bot is starting or stopping"}
    if (trouble := services.trouble()) is not None:
        yield {"code": "store_unusable", "platform": None, "detail": trouble}


def degraded(services: AdminServices) -> Iterator[Reason]:
    """Enabled platforms that are not proven alive: the others are served all the same."""
    for platform, report in services.fleet.statuses().items():
        if report["enabled"] and not report["running"]:
            error = report["last_error"]
            yield {"code": f"connector_{report['status']}", "platform": platform, "detail": None if error is None else str(error)}


def about() -> dict[str, str]:
    """What a program is answered at `/`."""
    return {"name": NAME, "version": __version__, "status": "running"}


def wants_page() -> bool:
    """True for a person's browser; programs ask for anything or for JSON."""
    return request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html"
