"""The owner's side over HTTP, below `/api`; the admin API's authentication stands in front of it."""

import json
from collections.abc import Mapping
from typing import Any

from quart import Blueprint, request

from parachute_core import ConfigError, TrustLevel, UnknownPlatform
from parachute_pairing.desk import Desk
from parachute_pairing.errors import NotAllowed, NotPending, UnknownRequest
from parachute_pairing.openapi import OPENAPI
from parachute_pairing.request import PairingRequest, RequestStatus
from parachute_pairing.store import PairingStore
from parachute_pairing.turned_away import TurnedAway

Reply = tuple[Mapping[str, Any], int]


class BadBody(ValueError):
    """The body or query of a request is not what the route takes; the text says what it takes."""


class PairingRoutes(Blueprint):
    """A blueprint with its description."""

    openapi = OPENAPI


def make_blueprint(desk: Desk, store: PairingStore, turned_away: TurnedAway) -> Blueprint:
    """The pairing routes; their prefix is relative to `/api`."""
    blueprint = PairingRoutes("pairing", __name__, url_prefix="/bots/pairing")

    @blueprint.get("")
    async def requests() -> Reply:
        wanted = _wanted(request.args.get("status", RequestStatus.PENDING.value))
        await desk.expire()
        found = await (store.pending() if wanted is RequestStatus.PENDING else store.history(wanted))
        return {"requests": [as_json(one) for one in found]}, 200

    @blueprint.get("/count")
    async def count() -> Reply:
        await desk.expire()
        return {"pending": await store.count_pending(), "turned_away": turned_away.messages}, 200

    @blueprint.post("/<request_id>/approve")
    async def approve(request_id: str) -> Reply:
        trust_level = _trust_level(await request.get_data())
        try:
            approved = await desk.approve(request_id, trust_level)
        except UnknownPlatform as error:
            return _problem(409, f"{error}; the request is still pending")
        except ConfigError as error:
            return _problem(409, f"{error}; nobody was let in, and the request is still pending")
        return {"success": True, "request": as_json(approved)}, 200

    @blueprint.post("/<request_id>/deny")
    async def deny(request_id: str) -> Reply:
        return {"success": True, "request": as_json(await desk.deny(request_id))}, 200

    # Ids may hold slashes (`%2F` included), two in a row too.
    @blueprint.delete("/<platform>/<path:user_id>", merge_slashes=False)
    async def revoke(platform: str, user_id: str) -> Reply:
        try:
            stopped = await desk.revoke(platform, user_id)
        except UnknownPlatform as error:
            return _problem(400, str(error))
        except ConfigError as error:
            return _problem(409, f"{error}; the user is refused from now on, but still in the file, which is mended at the next start")
        return {
            "success": True,
            "platform": platform,
            "user_id": user_id,
            "stopped": {"turns": stopped.turns, "replies": stopped.replies},
        }, 200

    @blueprint.errorhandler(UnknownRequest)
    @blueprint.errorhandler(NotAllowed)
    async def not_found(error: Exception) -> Reply:
        return _problem(404, str(error))

    @blueprint.errorhandler(NotPending)
    async def conflict(error: Exception) -> Reply:
        return _problem(409, str(error))

    @blueprint.errorhandler(BadBody)
    async def unprocessable(error: Exception) -> Reply:
        return _problem(422, str(error))

    return blueprint


def as_json(one: PairingRequest) -> dict[str, str | None]:
    """A request as clients read it: every key is there, moments are ISO 8601 with their offset."""
    return {
        "id": one.id,
        "platform": one.platform,
        "platformUserId": one.user_id,
        "platformUserDisplay": one.user_display,
        "platformChatId": one.chat_id,
        "status": one.status.value,
        "approvedTrustLevel": one.approved_trust_level.value if one.approved_trust_level else None,
        "createdAt": one.created_at.isoformat(),
        "resolvedAt": one.resolved_at.isoformat() if one.resolved_at else None,
        "resolvedBy": one.resolved_by,
    }


def _wanted(status: str) -> RequestStatus | None:
    if status == "all":
        return None
    try:
        return RequestStatus(status)
    except ValueError:
        raise BadBody(f"status: expected all, {', '.join(RequestStatus)}") from None


def _trust_level(body: str | bytes) -> TrustLevel:
    """The level that the body of an approval asks for. No body, or none named in it: sandboxed. The declared content type is not asked."""
    if not body.strip():
        return TrustLevel.SANDBOXED
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise BadBody("the body is not JSON") from None
    if not isinstance(fields, dict):
        raise BadBody("the body is not a JSON object")
    level = fields.get("trust_level")
    if level is None:
        return TrustLevel.SANDBOXED
    try:
        return TrustLevel(level)
    except ValueError:
        raise BadBody(f"trust_level: expected {' or '.join(TrustLevel)}") from None


def _problem(status: int, text: str) -> Reply:
    return {"success": False, "error": text, "detail": text}, status
