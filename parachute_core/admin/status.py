"""What `GET /api/bots/status` says: platforms, deliveries, agent and store at one look."""

from parachute_core.admin.auth import PROTECTED
from parachute_core.admin.services import AdminServices
from parachute_core.engine.agent import AgentWatch

STATUS = f"{PROTECTED}/bots/status"
SHOWN_FAILURES = 20


async def bots_status(services: AdminServices) -> dict[str, object]:
    """As it is now. Raises `StoreError`."""
    return {
        "configured": True,
        "connectors": services.fleet.statuses(),
        "undelivered": await _undelivered(services),
        "deliveries": await _waiting(services),
        "agent": _agent(services.agent),
        "store": {"usable": services.trouble() is None, "trouble": services.trouble()},
    }


async def _waiting(services: AdminServices) -> dict[str, object]:
    """How many have not arrived, by state, and for how many seconds the oldest that is on its way waits."""
    since = await services.failures.oldest()
    waits = None if since is None else max(0.0, (services.clock.now() - since).total_seconds())
    return {**await services.failures.counts(), "oldest_waits": waits}


def _agent(agent: AgentWatch) -> dict[str, object]:
    return {"use": agent.use, "trouble": agent.trouble, "since": agent.since.timestamp() if agent.since else None}


async def _undelivered(services: AdminServices) -> list[dict[str, object]]:
    """What met with trouble and has not arrived, the latest first."""
    recent = await services.failures.recent(SHOWN_FAILURES)
    return [
        {
            "id": one.id,
            "at": one.at.timestamp(),
            "platform": one.platform,
            "chat_id": one.chat_id,
            "kind": one.kind,
            "purpose": one.purpose,
            "state": one.state,
            "error": one.error,
        }
        for one in recent
    ]
