"""Every decision is on record: who, what, when, about whom, why. Never what anybody wrote."""

import asyncio
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from parachute_core import (
    Ambiguous,
    ChatRef,
    CredentialsRefused,
    Inbound,
    PairingEvent,
    PluginContext,
    Rejected,
    TrustLevel,
    Unreachable,
    hookimpl,
)
from parachute_core.model.status import ConnectorState
from parachute_core.store.audit import KEPT
from parachute_core.testing import FakeConnector, RunningBot, running_bot

SECRET = "what only the two of us know"


async def entries(bot: RunningBot, query: str = "") -> list[dict[str, Any]]:
    """Oldest first."""
    answer = await bot.request("GET", f"/api/audit{query}")
    assert answer.status == 200
    found: list[dict[str, Any]] = answer.json["entries"]
    return found[::-1]


async def brief(bot: RunningBot, query: str = "") -> list[tuple[str, str]]:
    """Who decided what; that the connector was started at the beginning left out."""
    found = [(one["who"], one["what"]) for one in await entries(bot, query)]
    return [one for one in found if one != ("core", "connector_started")]


async def one_of(bot: RunningBot, what: str) -> dict[str, Any]:
    (found,) = await entries(bot, f"?what={what}")
    return found


async def test_a_request_its_approval_and_the_revocation_are_on_record() -> None:
    async with running_bot(["pairing"], allowed=()) as bot:
        await bot.ask(SECRET, "7")
        (request,) = (await bot.request("GET", "/api/bots/pairing")).json["requests"]
        assert (await bot.request("POST", f"/api/bots/pairing/{request['id']}/approve")).status == 200
        bot.orchestrator.hold()
        await bot.say(SECRET, "7")
        await bot.orchestrator.asked(1)
        assert (await bot.request("DELETE", "/api/bots/pairing/telegram/7")).status == 200
        assert await brief(bot) == [
            ("pairing", "pairing_requested"),
            ("owner", "allowed"),
            ("owner", "pairing_approved"),
            ("owner", "revoked"),
            ("owner", "pairing_revoked"),
        ]
        approved = await one_of(bot, "pairing_approved")
        assert (approved["user_id"], approved["request_id"], approved["why"]) == ("7", request["id"], "trust sandboxed")
        assert approved["at"].startswith("2026-01-05T12:00")
        assert (await one_of(bot, "revoked"))["why"] == "stopped: 1 answers in the making, 0 not delivered yet"
        assert SECRET not in str(await entries(bot))


async def test_a_decision_is_the_owners_also_when_it_is_told_by_whoever_was_telling_something_else() -> None:
    class SlowListener:
        def __init__(self) -> None:
            self.hears = asyncio.Event()
            self.go_on = asyncio.Event()

        @hookimpl
        async def on_pairing_event(self, event: PairingEvent) -> None:
            self.hears.set()
            await self.go_on.wait()

    listener = SlowListener()
    async with running_bot(["pairing"], extra_plugins={"listener": lambda _context: listener}, allowed=()) as bot:
        stranger = asyncio.create_task(bot.say("hello", "7"))
        async with asyncio.timeout(10):
            await listener.hears.wait()
        (request,) = (await bot.request("GET", "/api/bots/pairing")).json["requests"]
        assert (await bot.request("POST", f"/api/bots/pairing/{request['id']}/approve")).status == 200
        listener.go_on.set()
        await stranger
        await bot.settled()
        assert await brief(bot) == [("pairing", "pairing_requested"), ("owner", "allowed"), ("owner", "pairing_approved")]


async def test_a_denial_and_an_expiry_are_on_record() -> None:
    async with running_bot(["pairing"], allowed=()) as bot:
        await bot.ask("hello", "7")
        (request,) = (await bot.request("GET", "/api/bots/pairing")).json["requests"]
        assert (await bot.request("POST", f"/api/bots/pairing/{request['id']}/deny")).status == 200
        await bot.ask("hello", "8")
        await bot.clock.advance(8 * 24 * 3600)
        assert (await bot.request("GET", "/api/bots/pairing")).json["requests"] == []
        assert (await one_of(bot, "pairing_denied"))["who"] == "owner"
        expired = await one_of(bot, "pairing_expired")
        assert (expired["who"], expired["user_id"]) == ("pairing", "8"), "nobody's decision, whoever looked on"


async def test_a_stranger_who_asks_through_a_connector_that_the_owner_started_is_not_the_owner() -> None:
    async with running_bot(["pairing"], allowed=()) as bot:
        assert (await bot.request("POST", "/api/bots/telegram/stop")).status == 200
        assert (await bot.request("POST", "/api/bots/telegram/start")).status == 200
        await bot.clock.advance(0)
        await bot.ask("hello", "7")
        assert await brief(bot) == [
            ("owner", "connector_stopped"),
            ("owner", "connector_started"),
            ("pairing", "pairing_requested"),
        ]


async def test_what_a_plugin_decides_by_itself_is_in_its_name_also_on_a_connector_that_the_owner_started() -> None:
    class Doorman:
        def __init__(self, context: PluginContext[Any]) -> None:
            self._access = context.access

        @hookimpl
        async def before_dispatch(self, message: Inbound) -> None:
            if message.text == "open sesame":
                await self._access.allow(message.platform, message.user_id, TrustLevel.SANDBOXED)
            elif message.text == "goodbye":
                await self._access.revoke(message.platform, message.user_id)

    async with running_bot(extra_plugins={"doorman": Doorman}, allowed=()) as bot:
        await bot.request("POST", "/api/bots/telegram/stop")
        await bot.request("POST", "/api/bots/telegram/start")
        await bot.clock.advance(0)
        await bot.ask("open sesame", "7")
        await bot.ask("goodbye", "7")
        assert (await brief(bot))[2:] == [("doorman", "allowed"), ("doorman", "revoked")]


async def test_an_owners_link_is_on_record_without_its_token() -> None:
    async with running_bot(allowed=()) as bot:
        token = bot.runtime.owner_tokens.issue()
        assert not await bot.connector.link.redeem("7", token + "x")
        assert await bot.connector.link.redeem("7", token)
        assert await brief(bot) == [("owner", "allowed"), ("owner", "link_used")]
        assert token not in str(await entries(bot))


async def test_an_archived_session_is_on_record_once() -> None:
    async with running_bot() as bot:
        await bot.ask("hello")
        (session,) = await bot.runtime.sessions.list(1, 0)
        for _ in range(2):
            assert (await bot.request("POST", f"/api/sessions/{session.id}/archive")).status == 200
        assert (await one_of(bot, "session_archived"))["session_id"] == session.id
        assert (await bot.request("POST", "/api/sessions/unknown/archive")).status == 404
        assert await brief(bot) == [("owner", "session_archived")]


async def test_what_becomes_of_deliveries_is_on_record() -> None:
    async with running_bot({"retry": {"ambiguous": "hold"}}, allowed=("1", "2")) as bot:
        bot.connector.outcomes.append(Ambiguous(f"timeout at {SECRET}"))
        await bot.ask(SECRET, "1")
        bot.connector.outcomes.append(Rejected(f"no such words: {SECRET}"))
        await bot.ask(SECRET, "2")
        dead, held = [one["id"] for one in (await bot.request("GET", "/api/deliveries")).json["deliveries"]]
        await bot.request("POST", f"/api/deliveries/{held}/retry")
        await bot.settled()
        await bot.request("POST", f"/api/deliveries/{dead}/discard")
        await bot.request("POST", f"/api/deliveries/{dead}/discard")  # refused, so no decision
        found = [(one["who"], one["what"], one["delivery"], one["chat_id"], one["why"]) for one in await entries(bot)][1:]
        assert found == [
            ("core", "delivery_held", held, "1", "it may have arrived: Ambiguous"),
            ("core", "delivery_given_up", dead, "2", "given up: Rejected"),
            ("owner", "delivery_retried", held, "1", "it was held"),
            ("owner", "delivery_discarded", dead, "2", "it was dead"),
        ]
        assert SECRET not in str(await entries(bot))


async def test_a_chat_that_takes_nothing_and_is_heard_again_is_on_record() -> None:
    async with running_bot() as bot:
        bot.connector.outcomes.append(Unreachable("blocked"))
        await bot.ask("one")
        await bot.ask("two")
        assert await brief(bot) == [("core", "chat_silent"), ("core", "chat_heard")]
        assert (await one_of(bot, "chat_heard"))["chat_id"] == "1"


async def test_a_message_that_is_set_aside_is_on_record(tmp_path: Path) -> None:
    async with running_bot(home=tmp_path) as bot:
        bot.orchestrator.hold()
        await bot.say(SECRET)
        await bot.orchestrator.asked(1)
        await bot.runtime.intake.abort()  # as a crash would leave it
    with sqlite3.connect(tmp_path / "parachute.db") as database:
        database.execute("UPDATE inbox SET tries = 3")
    database.close()
    async with running_bot(home=tmp_path) as again:
        await again.settled()
        aside = await one_of(again, "message_set_aside")
        assert (aside["who"], aside["chat_id"], aside["user_id"]) == ("core", "1", "1")
        assert "in vain" in aside["why"]
        assert again.orchestrator.turns == []


async def test_a_connector_that_is_parked_was_parked_by_the_core_whoever_started_it() -> None:
    async with running_bot() as bot:
        await bot.request("POST", "/api/bots/telegram/stop")
        bot.connector.failures.append(CredentialsRefused("the token is refused"))
        await bot.request("POST", "/api/bots/telegram/start")
        await bot.clock.advance(0)
        assert (await brief(bot)) == [("owner", "connector_stopped"), ("owner", "connector_started"), ("core", "connector_parked")]
        assert (await one_of(bot, "connector_parked"))["why"] == "the token is refused"


async def test_a_connection_that_comes_and_goes_is_nobodys_decision() -> None:
    async with running_bot() as bot:
        for _ in range(3):
            bot.connector.lose()
            await bot.clock.advance(120)
        assert bot.runtime.fleet.status("telegram")["status"] == ConnectorState.RUNNING
        assert await brief(bot) == []


async def test_what_is_changed_over_the_api_is_on_record_by_its_keys_alone() -> None:
    token = "123456:another-fake-token-of-a-fake-bot"
    async with running_bot(allowed=("1", "2")) as bot:
        body = {"telegram": {"bot_token": token, "ack_emoji": "👍", "enabled": True, "allowed_users": [1, 3]}}
        assert (await bot.request("PUT", "/api/bots/config", body)).status == 200
        changed = await one_of(bot, "config_changed")
        assert (changed["who"], changed["why"]) == ("owner", "telegram.allowed_users, telegram.ack_emoji, telegram.bot_token"), (
            "and not what stays"
        )
        assert (await one_of(bot, "allowed"))["user_id"] == "3"
        assert ((await one_of(bot, "revoked"))["user_id"], (await one_of(bot, "revoked"))["who"]) == ("2", "owner")
        assert token not in str(await entries(bot))
        assert (await bot.request("PUT", "/api/bots/config", body)).status == 200
        assert len(await entries(bot, "?what=config_changed")) == 1, "nothing was changed by that"


async def test_what_is_changed_by_hand_is_on_record_as_that_and_the_apis_own_writes_are_not() -> None:
    async with running_bot(allowed=("1", "2"), watch=True) as bot:
        config = bot.home / "bots.yaml"
        assert (await bot.request("PUT", "/api/bots/config", {"telegram": {"allowed_users": [1, 2, 3]}})).status == 200
        await look(bot)
        assert await brief(bot) == [("owner", "config_changed"), ("owner", "allowed")]
        text = config.read_text()
        config.write_text(text.replace("- 2\n", "- 4\n") + "required: []\norchestrator: {use: echo, extra: 1}\n")
        await look(bot)
        await told(bot, 5)
        assert (await brief(bot))[2:] == [
            ("owner by hand", "config_changed"),
            ("owner by hand", "allowed"),
            ("owner by hand", "revoked"),
        ]
        assert (await entries(bot, "?what=config_changed"))[-1]["why"] == "telegram.allowed_users, orchestrator"
        assert not bot.runtime.access.is_allowed("telegram", "2")


async def told(bot: RunningBot, count: int, within: float = 10.0) -> None:
    """Until so many decisions are on record: the file is read in a thread."""
    async with asyncio.timeout(within):
        while len(await brief(bot)) < count:
            await bot.clock.advance(2.0)
            await asyncio.sleep(0.005)


async def look(bot: RunningBot) -> None:
    """Until the bot has looked at its file."""
    os.utime(bot.home / "bots.yaml")
    for _ in range(3):
        await bot.clock.advance(2.0)
        await asyncio.to_thread(lambda: None)
    await bot.settled()


async def test_who_was_taken_out_by_hand_while_the_bot_was_down_is_on_record(tmp_path: Path) -> None:
    async with running_bot(home=tmp_path) as bot:
        await bot.runtime.access.allow("telegram", "7", TrustLevel.DIRECT)
    config = tmp_path / "bots.yaml"
    config.write_text("".join(line for line in config.read_text().splitlines(keepends=True) if line.strip() != "- 7"))
    for _ in range(2):
        async with running_bot(home=tmp_path) as again:
            revoked = await one_of(again, "revoked")
            assert (revoked["who"], revoked["user_id"]) == ("owner by hand", "7")


async def test_the_log_survives_a_restart_and_tells_of_it(tmp_path: Path) -> None:
    async with running_bot(home=tmp_path):
        pass
    async with running_bot(home=tmp_path) as again:
        assert [(one["who"], one["what"]) for one in await entries(again)] == [
            ("core", "connector_started"),
            ("core", "connector_stopped"),
            ("core", "connector_started"),
        ]


async def test_an_ordinary_message_costs_no_entry() -> None:
    async with running_bot(["pairing", "ratelimit", "retry", "sessionguard", "strictstate"]) as bot:
        await bot.ask("warm up")
        before = await entries(bot)
        for number in range(5):
            assert await bot.ask(f"message {number}") == [f"message {number}"]
        await bot.ask("hello", "666")
        assert await entries(bot, "?what=allowed") == []
        assert [one["what"] for one in await entries(bot)][len(before) :] == ["pairing_requested"]


async def test_a_row_that_cannot_be_written_stops_no_decision(caplog: pytest.LogCaptureFixture) -> None:
    async with running_bot({"retry": {"ambiguous": "hold"}}) as bot:
        await bot.runtime.store.execute("CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END")
        bot.connector.outcomes.append(Ambiguous("timeout"))
        await bot.ask("hello")
        (held,) = (await bot.request("GET", "/api/deliveries?state=held")).json["deliveries"]
        assert (await bot.request("POST", f"/api/deliveries/{held['id']}/retry")).status == 200
        await bot.settled()
        assert bot.texts() == ["hello"]
        await bot.runtime.access.revoke("telegram", "1")
        assert await entries(bot, "?what=revoked") == []
        assert not bot.runtime.access.is_allowed("telegram", "1")
        assert caplog.text.count("a decision could not be put on record") == 3
        assert (await bot.request("GET", "/readyz", key=False)).status == 200, "messages can be kept all the same"


async def test_only_the_newest_are_kept_and_numbers_never_come_twice() -> None:
    async with running_bot() as bot:
        store = bot.runtime.store
        await store.execute("UPDATE audit SET id = :id", {"id": KEPT + 5})
        await store.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :kept) "
            "INSERT INTO audit (id, at, who, what) SELECT i, '2026-01-01T00:00:00+00:00', 'core', 'allowed' FROM n",
            {"kept": KEPT},
        )
        await bot.clock.advance(3601)
        async with asyncio.timeout(10):
            while await store.fetch_one("SELECT 1 FROM audit WHERE id = 5"):
                await asyncio.to_thread(lambda: None)
        count = await store.fetch_one("SELECT COUNT(*) AS count, MIN(id) AS least FROM audit")
        assert count == {"count": KEPT - 4, "least": 6}, "the numbers between are missing, and the oldest are gone"
        await bot.runtime.access.allow("telegram", "7", TrustLevel.DIRECT)
        assert (await one_of(bot, "allowed&user_id=7"))["id"] == KEPT + 6


async def test_filters_and_pages() -> None:
    async with running_bot(connector=FakeConnector()) as bot:
        for user in ("7", "8", "9"):
            await bot.runtime.access.allow("telegram", user, TrustLevel.DIRECT)
        assert [one["user_id"] for one in await entries(bot, "?what=allowed&who=core")] == ["7", "8", "9"]
        assert [one["user_id"] for one in await entries(bot, "?user_id=8&platform=telegram")] == ["8"]
        assert [one["user_id"] for one in await entries(bot, "?limit=1&offset=1")] == ["8"]
        assert await entries(bot, "?chat_id=7") == []
        for wrong in ("?what=nothing", "?limit=0", "?who=a&who=b"):
            assert (await bot.request("GET", f"/api/audit{wrong}")).status == 422


async def test_an_entry_of_a_chat_names_it() -> None:
    async with running_bot(connector=FakeConnector()) as bot:
        bot.connector.outcomes.append(Rejected("no"))
        await bot.ask("one")
        session = await bot.runtime.sessions.current(ChatRef("telegram", "1"))
        assert session is not None
        lost = await one_of(bot, "delivery_given_up")
        assert (lost["platform"], lost["user_id"], lost["session_id"]) == ("telegram", "1", session.id)
