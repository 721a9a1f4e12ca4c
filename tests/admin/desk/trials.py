"""Every action of the page, and how it is tried."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from parachute_core import Rejected
from parachute_core.model.decision import What
from parachute_core.testing import RunningBot, running_bot

ALL = ("ratelimit", "retry", "pairing", "sessionguard")
Prepare = Callable[[RunningBot], Awaitable[object]]


async def nothing(_bot: RunningBot) -> None:
    """There is something to act on already."""


async def stopped(bot: RunningBot) -> None:
    await bot.request("POST", "/api/bots/telegram/stop")


async def blocked(bot: RunningBot) -> None:
    await bot.request("POST", "/api/bots/pairing/telegram/666/block")


async def invited(bot: RunningBot) -> None:
    await bot.request("POST", "/api/bots/pairing/invites", {})


async def switched_off(bot: RunningBot) -> None:
    await bot.request("POST", "/api/plugins/retry/disable")


async def logged_in(bot: RunningBot) -> None:
    await bot.runtime.services.logins.open_with_key(bot.runtime.key, "another browser")
    await bot.clock.advance(1)  # whoever comes later is listed first


@dataclass(frozen=True)
class Trial:
    """One action: on which page it is, what it is called, and what it leaves in the audit log."""

    page: str
    command: str
    """With the hidden fields of its form in it."""
    what: What
    says: str
    prepare: Prepare = nothing
    number: int = 0
    """Which of the forms of that kind on the page."""


TRIALS = {
    "connector-start": Trial("/", "connectors start {platform}", What.CONNECTOR_STARTED, "is starting", stopped),
    "connector-stop": Trial("/", "connectors stop {platform}", What.CONNECTOR_STOPPED, "is stopped"),
    "connector-test": Trial("/", "connectors test {platform}", What.CONNECTOR_TESTED, "answers"),
    "request-approve": Trial("/requests", "pairing approve {request_id}", What.PAIRING_APPROVED, "Let in: 100 on telegram"),
    "request-deny": Trial("/requests", "pairing deny {request_id}", What.PAIRING_DENIED, "Denied: 100"),
    "request-block": Trial("/requests", "pairing block {request_id}", What.PAIRING_BLOCKED, "Blocked: 100"),
    "person-revoke": Trial("/people", "pairing revoke {platform} {user_id}", What.REVOKED, "on telegram is let in no more"),
    "person-block": Trial("/people", "pairing block {platform} {user_id}", What.PAIRING_BLOCKED, "Blocked: "),
    "person-unblock": Trial("/blocked", "pairing unblock {platform} {user_id}", What.PAIRING_UNBLOCKED, "stranger again", blocked),
    "invite-make": Trial("/invitations", "pairing invite make", What.INVITE_MADE, "Send this code"),
    "invite-withdraw": Trial("/invitations", "pairing invite withdraw {invite_id}", What.INVITE_WITHDRAWN, "good no more", invited),
    "plugin-enable": Trial("/plugins", "plugins on {name}", What.CONFIG_CHANGED, "is on", switched_off),
    "plugin-disable": Trial("/plugins", "plugins off {name}", What.CONFIG_CHANGED, "is off after the next start", number=1),
    "session-archive": Trial("/sessions", "sessions archive {session_id}", What.SESSION_ARCHIVED, "is archived"),
    "delivery-retry": Trial("/deliveries", "deliveries retry {delivery_id}", What.DELIVERY_RETRIED, "sent once more"),
    "delivery-discard": Trial("/deliveries", "deliveries discard {delivery_id}", What.DELIVERY_DISCARDED, "is discarded"),
    "login-end": Trial("/logins", "desk logout {login_id}", What.LOGGED_OUT, "is logged out", logged_in, number=1),
    "login-end-all": Trial("/logins", "desk logout --all", What.LOGGED_OUT, ""),
}


@contextlib.asynccontextmanager
async def tried(trial: Trial) -> AsyncIterator[RunningBot]:
    async with running_bot(ALL, serve=True, allowed=("1", "2")) as bot:
        bot.connector.outcomes.append(Rejected("the chat is gone"))
        await bot.ask("hello", "1")
        await bot.ask("hello", "2")
        await bot.ask("let me in", "100")
        await trial.prepare(bot)
        yield bot


async def decided(bot: RunningBot, what: What) -> int:
    entries = (await bot.request("GET", f"/api/audit?what={what.value}")).json["entries"]
    assert all(one["who"] == "owner" for one in entries if what not in (What.CONNECTOR_STARTED, What.LOGGED_OUT))
    return len(entries)
