"""Invitations over HTTP. A code is told once, to whoever makes it."""

from collections.abc import Mapping
from typing import Any

from quart import Blueprint, request

from parachute_pairing.bodies import Reply, fields_of, invite_seconds, trust_level
from parachute_pairing.invitations.invite import Invite
from parachute_pairing.invitations.invites import Invites
from parachute_pairing.invitations.store import InviteStore


def add_invite_routes(blueprint: Blueprint, invites: Invites, store: InviteStore) -> None:
    """List, make, withdraw."""

    @blueprint.get("/invites")
    async def listed_invites() -> Reply:
        return {"invites": [as_json(one) for one in await store.all()]}, 200

    @blueprint.post("/invites")
    async def make_invite() -> Reply:
        fields = fields_of(await request.get_data())
        invite, code = await invites.make(trust_level(fields), invite_seconds(fields))
        return {"success": True, "invite": as_json(invite), "code": code}, 200

    @blueprint.delete("/invites/<invite_id>")
    async def withdraw_invite(invite_id: str) -> Reply:
        return {"success": True, "invite": as_json(await invites.withdraw(invite_id))}, 200


def as_json(one: Invite) -> Mapping[str, Any]:
    """An invitation as clients read it."""
    return {
        "id": one.id,
        "status": one.status.value,
        "trustLevel": one.trust_level.value,
        "createdAt": one.created_at.isoformat(),
        "expiresAt": one.expires_at.isoformat(),
        "usedAt": one.used_at.isoformat() if one.used_at else None,
        "requestId": one.request_id,
    }
