"""Who is blocked, over HTTP."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from quart import Blueprint

from parachute_core import ConfigError, Stopped, UnknownPlatform
from parachute_pairing.blocks.blocking import Blocking
from parachute_pairing.blocks.people import Blocked, BlockedPerson
from parachute_pairing.bodies import Reply, problem, sane_id, stopped_json


def add_block_routes(blueprint: Blueprint, blocking: Blocking, blocked: Blocked) -> None:
    """List, block, unblock."""

    @blueprint.get("/blocked")
    async def listed_blocked() -> Reply:
        return {"blocked": [as_json(one) for one in await blocked.everyone()]}, 200

    @blueprint.post("/<request_id>/block")
    async def block_author(request_id: str) -> Reply:
        return await _block(lambda: blocking.block_author(request_id))

    @blueprint.post("/<platform>/<path:user_id>/block", merge_slashes=False)
    async def block(platform: str, user_id: str) -> Reply:
        wanted = sane_id(user_id)
        return await _block(lambda: blocking.block(platform, wanted))

    @blueprint.delete("/blocked/<platform>/<path:user_id>", merge_slashes=False)
    async def unblock(platform: str, user_id: str) -> Reply:
        await blocking.unblock(platform, user_id)
        return {"success": True, "platform": platform, "user_id": user_id}, 200


async def _block(work: Callable[[], Awaitable[tuple[BlockedPerson, Stopped]]]) -> Reply:
    try:
        person, stopped = await work()
    except UnknownPlatform as error:
        return problem(400, str(error))
    except ConfigError as error:
        return problem(409, f"{error}; the user is blocked all the same, but still in the file, which is mended at the next start")
    return {"success": True, "blocked": as_json(person), "stopped": stopped_json(stopped)}, 200


def as_json(one: BlockedPerson) -> Mapping[str, Any]:
    """A blocked person as clients read it."""
    return {
        "platform": one.platform,
        "platformUserId": one.user_id,
        "platformUserDisplay": one.user_display,
        "blockedAt": one.blocked_at.isoformat(),
    }
