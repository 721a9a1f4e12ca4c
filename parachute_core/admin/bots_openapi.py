"""The description of the bots' routes."""

from typing import Any

from parachute_core.admin.changes import MatrixChange, SectionChange, TokenChange
from parachute_core.model.status import ConnectorState

ERROR = {"$ref": "#/components/responses/Error"}
TRUST = {"enum": ["direct", "sandboxed"]}
SECONDS = {"type": ["number", "null"], "minimum": 0}


def _json(description: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}, **more}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None, *, more: bool | dict[str, Any] = False) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {})},
        "additionalProperties": more,
    }


def _action(summary: str, description: str, answer: dict[str, Any], *errors: str) -> dict[str, Any]:
    responses = {"200": _json(description, answer)} | dict.fromkeys(("400", *errors), ERROR)
    parameter = {"name": "platform", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    return {"post": {"summary": summary, "parameters": [parameter], "responses": responses}}


CONFIG_ANSWER = _json(
    "The settings of every platform; credentials are not among them",
    _ref("Config"),
    headers={"ETag": {"description": "The revision, for `If-Match`", "schema": {"type": "string"}}},
)
DONE = _object({"success": {"const": True}, "message": {"type": "string"}})
STATUS = _object(
    {
        "platform": {"type": "string"},
        "enabled": {"type": "boolean"},
        "has_token": {"type": "boolean"},
        "status": {"enum": [state.value for state in ConnectorState]},
        "running": {"type": "boolean"},
        "failure_count": {"type": "integer", "minimum": 0},
        "last_error": {"type": ["string", "null"]},
        "last_error_time": {**SECONDS, "description": "Seconds since 1970, UTC"},
        "uptime": {**SECONDS, "description": "Seconds; null unless running"},
        "last_message_time": SECONDS,
        "reconnect_attempts": {"type": "integer", "minimum": 0},
        "allowed_users_count": {"type": "integer", "minimum": 0},
    },
    {
        "allowed_rooms_count": {"type": "integer", "minimum": 0, "description": "Matrix alone"},
        "last_proof": {"type": ["string", "null"], "description": "What last proved that the platform is alive"},
        "last_proof_at": SECONDS,
        "next_attempt_at": SECONDS,
        "since": {**SECONDS, "description": "Since when it is in this state; null: it never was in another"},
    },
    more=True,
)
FAILURE_FIELDS = ("platform", "chat_id", "kind", "purpose", "error")
SECTION = _object(
    {
        "enabled": {"type": "boolean"},
        "has_token": {"type": "boolean"},
        "allowed_users": {"type": "array", "items": {"type": ["integer", "string"]}},
        "dm_trust_level": TRUST,
        "group_trust_level": TRUST,
        "group_mention_mode": {"enum": ["mention_only", "all_messages"]},
        "ack_emoji": {"type": ["string", "null"]},
    },
    {
        "homeserver_url": {"type": "string"},
        "user_id": {"type": "string"},
        "allowed_rooms": {"type": "array", "items": {"type": "string"}},
    },
)
CHANGES = _object(
    {},
    {
        "telegram": {"anyOf": [_ref("TokenChange"), {"type": "null"}]},
        "discord": {"anyOf": [_ref("TokenChange"), {"type": "null"}]},
        "matrix": {"anyOf": [_ref("MatrixChange"), {"type": "null"}]},
        "web": {"anyOf": [_ref("SectionChange"), {"type": "null"}]},
        "revision": {"type": ["string", "null"], "description": "The revision that was read; another one is refused with 409"},
    },
)
OPENAPI: dict[str, Any] = {
    "paths": {
        "/bots/status": {
            "get": {
                "summary": "What every connector is doing",
                "responses": {
                    "200": _json(
                        "The platforms",
                        _object(
                            {
                                "configured": {"const": True},
                                "connectors": {"type": "object", "additionalProperties": _ref("Status")},
                                "undelivered": {"type": "array", "items": _ref("Undelivered"), "description": "Newest first"},
                                "deliveries": _ref("Deliveries"),
                                "agent": _ref("Agent"),
                                "store": _ref("Store"),
                            }
                        ),
                    )
                },
            }
        },
        "/bots/config": {
            "get": {"summary": "The settings of every platform", "responses": {"200": CONFIG_ANSWER}},
            "put": {
                "summary": "Change settings",
                "description": "Keys that are absent or null stay as they are. Lists are merged: what was added since this client read "
                "them stays. Only connectors whose own settings changed are restarted.",
                "parameters": [
                    {"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string", "pattern": r'^"[0-9a-zA-Z]+"$'}}
                ],
                "requestBody": {"required": True, "content": {"application/json": {"schema": _ref("Changes")}}},
                "responses": {"200": CONFIG_ANSWER} | dict.fromkeys(("400", "409", "412", "413", "422"), ERROR),
            },
        },
        "/bots/{platform}/start": _action("Start a connector", "It is starting; its status tells when it runs", DONE, "409"),
        "/bots/{platform}/stop": _action("Stop a connector", "It is stopped, or was", DONE, "409"),
        "/bots/{platform}/test": _action(
            "Verify a platform's credentials", "Who the bot is, or why the test failed", {"anyOf": [_ref("Tested"), _ref("Error")]}
        ),
    },
    "schemas": {
        "Status": STATUS,
        "Agent": _object(
            {
                "use": {"type": "string", "description": "Its name in the configuration"},
                "trouble": {"type": ["string", "null"], "description": "Why it did not answer last; null: it did, or was not asked yet"},
                "since": {**SECONDS, "description": "Since when it has not answered"},
            }
        ),
        "Undelivered": _object(
            {
                "id": {"type": "integer"},
                "at": {**SECONDS, "type": "number"},
                "state": {"enum": ["queued", "held", "dead"]},
                **{name: {"type": "string"} for name in FAILURE_FIELDS},
            }
        ),
        "Deliveries": _object(
            {
                **{state: {"type": "integer", "minimum": 0} for state in ("queued", "held", "dead")},
                "oldest_waits": {**SECONDS, "description": "Seconds; null when nothing is queued"},
            }
        ),
        "Store": _object(
            {
                "usable": {"type": "boolean", "description": "Whether messages can be kept"},
                "trouble": {"type": ["string", "null"], "description": "Why not"},
            }
        ),
        "Section": SECTION,
        "Config": _object(
            {**dict.fromkeys(("telegram", "discord", "matrix", "web"), _ref("Section")), "revision": {"type": "string"}},
            {"warnings": {"type": "array", "items": {"type": "string"}}},
            more=_ref("Section"),
        ),
        "Tested": _object(
            {"success": {"const": True}},
            {name: {"type": "string"} for name in ("bot_name", "bot_username", "bot_id", "user_id")},
            more={"type": "string"},
        ),
        "Changes": CHANGES,
        **{model.__name__: model.model_json_schema() for model in (SectionChange, TokenChange, MatrixChange)},
    },
}
