"""What has not arrived: look at it, send it all the same, or let it be."""

from collections.abc import Callable, Coroutine
from dataclasses import asdict
from typing import Any

from quart import Blueprint

from parachute_core.admin.errors import refuse
from parachute_core.admin.query import PAGE_PARAMETERS, chosen, filter_parameter, page, page_schema
from parachute_core.admin.services import AdminServices
from parachute_core.model.outgoing import Purpose, SendKind
from parachute_core.store.deliveries import Delivery
from parachute_core.store.unbroken import unbroken

STATES = ("queued", "held", "dead")
LARGEST_ID = 2**63 - 1

ERROR = {"$ref": "#/components/responses/Error"}
TIME = {"type": "string", "format": "date-time"}
NUMBER = {"name": "delivery_id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}}


def _action(summary: str, description: str, state: str) -> dict[str, Any]:
    answer = {
        "type": "object",
        "required": ["success", "id", "state"],
        "additionalProperties": False,
        "properties": {"success": {"const": True}, "id": {"type": "integer"}, "state": {"const": state}},
    }
    done = {"description": "It is done", "content": {"application/json": {"schema": answer}}}
    responses = {"200": done, "404": ERROR, "409": ERROR, "503": ERROR}
    return {"post": {"summary": summary, "description": description, "parameters": [NUMBER], "responses": responses}}


OPENAPI: dict[str, Any] = {
    "paths": {
        "/deliveries": {
            "get": {
                "summary": "What waits, is held, or was given up, newest first",
                "parameters": [
                    filter_parameter("state", "Those in this state alone", STATES),
                    filter_parameter("platform", "Those for this platform alone"),
                    filter_parameter("chat_id", "Those for this chat alone"),
                    *PAGE_PARAMETERS,
                ],
                "responses": {
                    "200": {
                        "description": "One page; fewer than `limit` means the last page",
                        "content": {"application/json": {"schema": page_schema("deliveries", "Delivery")}},
                    },
                    "422": ERROR,
                },
            }
        },
        "/deliveries/{delivery_id}/retry": _action(
            "Send what is held or dead once more",
            "It goes behind what waits for its chat, without a label. Refused with 409 when it is in another state, when its text is "
            "gone, or when the user's access or the session that it was made for has ended.",
            "queued",
        ),
        "/deliveries/{delivery_id}/discard": _action(
            "Let it never arrive",
            "What waits is dropped with the parts behind it; what is under way is stopped at its next repetition, and may arrive.",
            "discarded",
        ),
    },
    "schemas": {
        "Delivery": {
            "type": "object",
            "required": ["id", "at", "platform", "chat_id", "kind", "purpose", "state", "tries", "not_before", "error", "reason"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "integer"},
                "at": {**TIME, "description": "When something last happened to it"},
                "platform": {"type": "string"},
                "chat_id": {"type": "string"},
                "kind": {"enum": [kind.value for kind in SendKind]},
                "purpose": {"enum": [purpose.value for purpose in Purpose]},
                "state": {"enum": list(STATES)},
                "tries": {"type": "integer", "minimum": 0},
                "not_before": {"anyOf": [TIME, {"type": "null"}], "description": "It is not tried again before then"},
                "error": {"type": ["string", "null"], "description": "The class of the error that it waits or was given up for"},
                "reason": {"type": ["string", "null"], "description": "The same in words"},
            },
        }
    },
}


def make_deliveries_blueprint(services: AdminServices) -> Blueprint:
    """`GET /deliveries`, and the owner's two words on one of them."""
    blueprint = Blueprint("deliveries", __name__, url_prefix="/deliveries")

    @blueprint.get("")
    async def listed() -> dict[str, object]:
        limit, offset = page()
        found = await services.failures.page(chosen("state", STATES), chosen("platform"), chosen("chat_id"), limit, offset)
        return {"deliveries": [to_json(one) for one in found], "limit": limit, "offset": offset}

    @blueprint.post("/<delivery_id>/retry")
    async def retry(delivery_id: str) -> dict[str, object]:
        return await _done(services.word.retry, delivery_id, "queued")

    @blueprint.post("/<delivery_id>/discard")
    async def discard(delivery_id: str) -> dict[str, object]:
        return await _done(services.word.discard, delivery_id, "discarded")

    return blueprint


def to_json(one: Delivery) -> dict[str, object]:
    """A delivery as clients see it."""
    return {**asdict(one), "at": one.at.isoformat(), "not_before": one.not_before.isoformat() if one.not_before else None}


async def _done(word: Callable[[int], Coroutine[Any, Any, None]], delivery_id: str, state: str) -> dict[str, object]:
    if not (delivery_id.isascii() and delivery_id.isdigit()) or len(delivery_id) > 19 or int(delivery_id) > LARGEST_ID:
        refuse(404, f"there is no delivery {delivery_id[:64]}")
    # A client that hangs up must not leave the queue and the database apart.
    await unbroken(word(int(delivery_id)))
    return {"success": True, "id": int(delivery_id), "state": state}
