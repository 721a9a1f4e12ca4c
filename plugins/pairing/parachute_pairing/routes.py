"""The owner's side over HTTP, below `/api`; the admin API's authentication stands in front of it."""

from collections.abc import Mapping
from typing import Any

from quart import Blueprint, request

from parachute_core import ConfigError, StoreError, UnknownPlatform
from parachute_pairing.blocks.routes import add_block_routes
from parachute_pairing.bodies import BadBody, Reply, fields_of, grant_end, problem, stopped_json, trust_level
from parachute_pairing.errors import NotAllowed, NotBlocked, NotOpen, NotPending, TooManyInvites, UnknownInvite, UnknownRequest
from parachute_pairing.invitations.routes import add_invite_routes
from parachute_pairing.openapi import OPENAPI
from parachute_pairing.parts import Parts
from parachute_pairing.request import PairingRequest, RequestStatus


class PairingRoutes(Blueprint):
    """A blueprint with its description."""

    openapi = OPENAPI


def make_blueprint(parts: Parts) -> Blueprint:
    """The pairing routes; their prefix is relative to `/api`."""
    blueprint = PairingRoutes("pairing", __name__, url_prefix="/bots/pairing")
    _add_request_routes(blueprint, parts)
    add_block_routes(blueprint, parts.blocking, parts.blocked)
    add_invite_routes(blueprint, parts.invites, parts.invite_store)

    @blueprint.errorhandler(UnknownRequest)
    @blueprint.errorhandler(NotAllowed)
    @blueprint.errorhandler(NotBlocked)
    @blueprint.errorhandler(UnknownInvite)
    async def not_found(error: Exception) -> Reply:
        return problem(404, str(error))

    @blueprint.errorhandler(NotPending)
    @blueprint.errorhandler(NotOpen)
    @blueprint.errorhandler(TooManyInvites)
    async def conflict(error: Exception) -> Reply:
        return problem(409, str(error))

    @blueprint.errorhandler(BadBody)
    async def unprocessable(error: Exception) -> Reply:
        return problem(422, str(error))

    return blueprint


def _add_request_routes(blueprint: Blueprint, parts: Parts) -> None:
    desk, store = parts.desk, parts.store

    @blueprint.get("")
    async def requests() -> Reply:
        wanted = _wanted(request.args.get("status", RequestStatus.PENDING.value))
        await desk.expire()
        found = await (store.pending() if wanted is RequestStatus.PENDING else store.history(wanted))
        return {"requests": [as_json(one) for one in found]}, 200

    @blueprint.get("/count")
    async def count() -> Reply:
        await desk.expire()
        return {"pending": await store.count_pending(), "turned_away": parts.turned_away.messages}, 200

    @blueprint.post("/<request_id>/approve")
    async def approve(request_id: str) -> Reply:
        fields = fields_of(await request.get_data())
        try:
            approved = await desk.approve(request_id, trust_level(fields), grant_end(fields, parts.clock.now()))
        except UnknownPlatform as error:
            return problem(409, f"{error}; the request is still pending")
        except ConfigError as error:
            return problem(409, f"{error}; nobody was let in, and the request is still pending")
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
            return problem(400, str(error))
        except ConfigError as error:
            return problem(409, f"{error}; the user is refused from now on, but still in the file, which is mended at the next start")
        except StoreError:
            return problem(503, "the user is refused from now on; the database takes nothing at the moment: revoke once more when it does")
        return {"success": True, "platform": platform, "user_id": user_id, "stopped": stopped_json(stopped)}, 200


def as_json(one: PairingRequest) -> Mapping[str, Any]:
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
        "preview": one.preview,
        "grantUntil": one.grant_until.isoformat() if one.grant_until else None,
    }


def _wanted(status: str) -> RequestStatus | None:
    if status == "all":
        return None
    try:
        return RequestStatus(status)
    except ValueError:
        raise BadBody(f"status: expected all, {', '.join(RequestStatus)}") from None
