"""The API's description, OpenAPI 3.1, at `GET /api/openapi.json`: every route below `/api`, those of plugins included.

A blueprint describes its routes by an attribute `openapi`, a mapping with two keys, both optional:

- `paths`: OpenAPI path items by path, without `/api` and with parameters in braces (`/bots/pairing/{request_id}/deny`);
- `schemas`: what goes below `components/schemas`; refer to it by `{"$ref": "#/components/schemas/Name"}`.

A plugin declares it as a class attribute of a `Blueprint` subclass, or sets it on the instance:

    class PairingRoutes(Blueprint):
        openapi = {"paths": {"/bots/pairing/count": {"get": {"summary": "…", "responses": {"200": {…}}}}}, "schemas": {}}

The core adds what holds for every route: the key, the answers 401, 403, 421 and 500, and `{"$ref": "#/components/responses/Error"}` for
any other error status that a description wants to name. Path parameters that a description leaves out are taken from the route. A route
without a description is listed all the same, with an unspecified JSON answer.
"""

import copy
import logging
import re
from collections.abc import Iterable, Mapping
from typing import Any

from quart import Quart
from werkzeug.routing import Rule

from parachute_core._version import __version__
from parachute_core.admin.auth import PROTECTED

Described = Mapping[str, Any]

PATH = "/api/openapi.json"
EVERYWHERE = ("401", "403", "421", "500")
"""Error statuses that any route may answer."""
UNDOCUMENTED = frozenset({"HEAD", "OPTIONS"})
ERROR_RESPONSE: dict[str, Any] = {
    "description": "The request failed; `error` and `detail` say why",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}
ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["success", "error", "detail"],
    "properties": {"success": {"const": False}, "error": {"type": "string"}, "detail": {"type": "string"}},
}
UNSPECIFIED: dict[str, Any] = {
    "summary": "Not described",
    "responses": {"default": {"description": "Unspecified", "content": {"application/json": {"schema": {}}}}},
}
OWN: dict[str, Any] = {
    "paths": {
        "/openapi.json": {
            "get": {
                "summary": "This description",
                "responses": {"200": {"description": "OpenAPI 3.1", "content": {"application/json": {"schema": {"type": "object"}}}}},
            }
        }
    }
}

log = logging.getLogger(__name__)


class Description:
    """The route, which takes its URL before any plugin could; `publish` gives it its content."""

    def __init__(self, app: Quart) -> None:
        self._app = app
        self._document: dict[str, Any] = {}
        app.add_url_rule(PATH, "openapi", self._show, methods=["GET"])

    def publish(self, described: Iterable[Described]) -> None:
        """Describe the app's routes as they are now."""
        self._document = describe(self._app, [OWN, *described])

    async def _show(self) -> dict[str, Any]:
        return self._document


def describe(app: Quart, described: Iterable[Described]) -> dict[str, Any]:
    """The whole document. Its paths and methods are those of the routes, whatever the descriptions say."""
    declared: dict[str, dict[str, Any]] = {}
    schemas: dict[str, Any] = {"Error": ERROR_SCHEMA}
    for one in described:
        # What is described already stays: no plugin speaks for a route of the core, or of another.
        for path, item in one.get("paths", {}).items():
            known = declared.setdefault(_shape(path), {})
            known.update({method: operation for method, operation in item.items() if method not in known})
        schemas.update({name: schema for name, schema in one.get("schemas", {}).items() if name not in schemas})
    paths: dict[str, dict[str, Any]] = {}
    for rule in api_rules(app):
        path = PROTECTED + braced(rule)
        item = declared.get(_shape(braced(rule)), {})
        for method in sorted((rule.methods or set()) - UNDOCUMENTED):
            operation = item.get(method.lower())
            if operation is None:
                log.warning("an API route has no description", extra={"path": path, "method": method})
            paths.setdefault(path, {})[method.lower()] = _operation(operation or UNSPECIFIED, rule)
    return {
        "openapi": "3.1.0",
        "info": {"title": "parachute-core admin API", "version": __version__},
        "security": [{"key": []}, {"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {"Error": ERROR_RESPONSE},
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def api_rules(app: Quart) -> list[Rule]:
    """The app's HTTP routes below `/api`, by path."""
    return sorted((rule for rule in app.url_map.iter_rules() if _is_api(rule)), key=lambda rule: rule.rule)


def braced(rule: Rule) -> str:
    """The route's path as OpenAPI writes it, without `/api`."""
    return re.sub(r"<(?:[^:<>]*:)?([^<>]+)>", r"{\1}", rule.rule).removeprefix(PROTECTED)


def _is_api(rule: Rule) -> bool:
    return rule.rule.startswith(PROTECTED + "/") and not rule.websocket


def _shape(path: str) -> str:
    """The path without the names of its parameters: a description may call them differently."""
    return re.sub(r"\{[^{}]*\}", "{}", path)


def _operation(operation: Mapping[str, Any], rule: Rule) -> dict[str, Any]:
    """The operation with what holds for every route."""
    whole = copy.deepcopy(dict(operation))
    whole.setdefault("operationId", rule.endpoint)
    for status in EVERYWHERE:
        whole.setdefault("responses", {}).setdefault(status, {"$ref": "#/components/responses/Error"})
    parameters = whole.setdefault("parameters", [])
    elsewhere = [one for one in parameters if one.get("in") != "path"]
    own = {one["name"]: one for one in parameters if one.get("in") == "path"}
    in_path = [
        own.get(name, {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}})
        for name in re.findall(r"\{([^{}]*)\}", braced(rule))
    ]
    whole["parameters"] = in_path + elsewhere
    return whole
