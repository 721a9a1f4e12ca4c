"""The five plugins together, in a whole bot: every test enters through a connector."""

import itertools
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from quart import Blueprint

from parachute_core import ChatType, Inbound, NotDelivered, Outgoing, PairingEvent, PluginError, Receipt, Send, StatusChange, hookimpl
from parachute_core.engine import texts
from parachute_core.testing import FakeClock, FakeConnector, running_bot

FIVE = ("ratelimit", "retry", "pairing", "strictstate", "sessionguard")
SUBSETS = [subset for size in range(6) for subset in itertools.combinations(FIVE, size)]


@pytest.mark.parametrize("plugins", SUBSETS, ids="+".join)
async def test_a_stranger_never_reaches_the_orchestrator_whatever_is_installed(plugins: tuple[str, ...]) -> None:
    async with running_bot(plugins) as bot:
        for text in ("hello", "/new", "/help", "/status", "/start", "let me in"):
            await bot.say(text, user_id="666", name="owner")
            await bot.say(text, user_id="666", chat_id="g", chat_type=ChatType.GROUP)
        await bot.settled()
        assert bot.orchestrator.turns == []
        assert texts.HELP not in bot.texts("666")
        assert await bot.ask("hello") == ["hello"]


async def test_the_whole_journey_of_a_stranger() -> None:
    async with running_bot(FIVE) as bot:
        [reply] = await bot.ask("hello", user_id="7")
        assert "owner" in reply
        listing = await bot.request("GET", "/api/bots/pairing")
        [request] = listing.json["requests"]
        assert (request["platform"], request["platformUserId"], request["status"]) == ("telegram", "7", "pending")

        approved = await bot.request("POST", f"/api/bots/pairing/{request['id']}/approve", {"trust_level": "sandboxed"})
        assert (approved.status, approved.json["success"]) == (200, True)
        assert "7" in (bot.home / "bots.yaml").read_text()
        await bot.settled()
        assert await bot.ask("now?", user_id="7") == ["now?"]

        for number in range(8):  # with the two before: ten in this minute
            assert await bot.ask(f"more {number}", user_id="7") == [f"more {number}"]
        [refusal] = await bot.ask("one too many", user_id="7")
        assert "60 seconds" in refusal or "1 minute" in refusal
        assert await bot.ask("and another", user_id="7") == []
        await bot.clock.advance(60)
        assert await bot.ask("after the window", user_id="7") == ["after the window"]

        revoked = await bot.request("DELETE", "/api/bots/pairing/telegram/7")
        assert (revoked.status, revoked.json) == (
            200,
            {"success": True, "platform": "telegram", "user_id": "7", "stopped": {"turns": 0, "replies": 0}},
        )
        turns = len(bot.orchestrator.turns)
        await bot.ask("still there?", user_id="7")
        assert len(bot.orchestrator.turns) == turns
        assert await bot.ask("and I?") == ["and I?"]


async def test_a_message_being_answered_completes_although_its_sender_is_revoked_where_the_owner_wants_that() -> None:
    async with running_bot({name: {"in_flight": "finish"} if name == "pairing" else {} for name in FIVE}, allowed=("1", "2")) as bot:
        bot.orchestrator.hold()
        await bot.say("first", user_id="2")
        await bot.say("second", user_id="2")
        await bot.orchestrator.asked()
        assert (await bot.request("DELETE", "/api/bots/pairing/telegram/2")).status == 200
        bot.orchestrator.release()
        await bot.settled()
        assert [turn.text for turn in bot.orchestrator.turns] == ["first"]
        assert bot.texts("2")[0] == "first"


async def test_retry_looks_at_the_session_again_before_each_try() -> None:
    async with running_bot(FIVE) as bot:
        bot.connector.outcomes.append(NotDelivered("blip"))
        await bot.say("hello")
        await bot.clock.sleeping(1)
        [session] = (await bot.request("GET", "/api/sessions")).json["sessions"]
        assert (await bot.request("POST", f"/api/sessions/{session['id']}/archive")).status == 200
        await bot.clock.advance(10)
        await bot.settled()
        assert [text for text in bot.texts() if text == "hello"] == []
        assert bot.texts() == ["Your session has ended — start a new one with /new"]


class RaisesInGate:
    @hookimpl
    async def before_dispatch(self, message: Inbound) -> None:
        raise RuntimeError(message.text)


class RaisesInLayer:
    @hookimpl
    def wrap_send(self) -> object:
        async def layer(send: Send, outgoing: Outgoing) -> Receipt:
            raise RuntimeError(outgoing.text)

        return layer


class RaisesOnStatus:
    @hookimpl
    def on_status_change(self, change: StatusChange) -> None:
        raise RuntimeError(change.platform)


class RaisesOnPairing:
    @hookimpl
    async def on_pairing_event(self, event: PairingEvent) -> None:
        raise RuntimeError(event.user_id)


async def test_a_plugin_that_raises_on_a_status_change_is_logged_and_the_bot_runs(caplog: pytest.LogCaptureFixture) -> None:
    async with running_bot(FIVE, extra_plugins={"nosy": lambda _context: RaisesOnStatus()}) as bot:
        assert bot.runtime.fleet.status("telegram")["status"] == "running"
        assert await bot.ask("hello") == ["hello"]
    assert "nosy" in caplog.text


async def test_a_plugin_that_raises_on_a_pairing_event_is_logged_and_the_request_stands(caplog: pytest.LogCaptureFixture) -> None:
    async with running_bot(FIVE, extra_plugins={"nosy": lambda _context: RaisesOnPairing()}) as bot:
        await bot.ask("hello", user_id="7")
        assert (await bot.request("GET", "/api/bots/pairing/count")).json["pending"] == 1
    assert "nosy" in caplog.text


async def test_a_layer_that_raises_is_a_recorded_failure_and_the_bot_lives_on(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        plugins = {name: {"ambiguous": "drop"} if name == "retry" else {} for name in FIVE}
        async with running_bot(plugins, extra_plugins={"leaky": lambda _context: RaisesInLayer()}) as bot:
            assert await bot.ask("secret words") == []
            assert await bot.runtime.failures.recent(10) != []
            assert bot.runtime.fleet.status("telegram")["status"] == "running"
    assert "secret words" not in caplog.text


async def test_a_gate_that_raises_refuses_everybody_and_the_bot_lives_on() -> None:
    async with running_bot(FIVE, extra_plugins={"jammed": lambda _context: RaisesInGate()}) as bot:
        assert await bot.ask("hello") == [texts.GATE_FAILED]
        assert bot.orchestrator.turns == []


async def test_a_restart_keeps_who_is_allowed_and_the_session(tmp_path: Path) -> None:
    async with running_bot(FIVE, home=tmp_path) as bot:
        await bot.ask("hello", user_id="7")
        [request] = (await bot.request("GET", "/api/bots/pairing")).json["requests"]
        await bot.request("POST", f"/api/bots/pairing/{request['id']}/approve", {"trust_level": "direct"})
        await bot.settled()
        await bot.ask("first", user_id="7")
        before = bot.orchestrator.turns[-1]
    async with running_bot(FIVE, home=tmp_path) as bot:
        await bot.ask("second", user_id="7")
        [turn] = bot.orchestrator.turns
        assert turn.session_id == before.session_id
        assert turn.trust_level == before.trust_level == "direct"
        assert [entry.text for entry in turn.history] == ["first", "first"]


async def test_events_of_the_start_reach_plugins_that_start_later(tmp_path: Path) -> None:
    heard: list[str] = []

    class Listener:
        started = False

        @hookimpl
        def lifespan(self) -> AbstractAsyncContextManager[None]:
            return self._life()

        @asynccontextmanager
        async def _life(self) -> AsyncIterator[None]:
            self.started = True
            yield

        @hookimpl
        async def on_pairing_event(self, event: PairingEvent) -> None:
            assert self.started
            heard.append(event.kind)

    async with running_bot(FIVE, home=tmp_path) as bot:
        await bot.ask("hello", user_id="7")
    clock = FakeClock(bot.clock.now() + timedelta(days=8))
    config = tmp_path / "bots.yaml"
    config.write_text(config.read_text() + "  zz-listener: {}\n")
    async with running_bot(home=tmp_path, clock=clock, extra_plugins={"zz-listener": lambda _context: Listener()}):
        assert heard == ["expired"]


class RaisesInBlueprint:
    @hookimpl
    def admin_blueprint(self) -> None:
        raise RuntimeError("no routes")


class TakesATakenUrl:
    @hookimpl
    def admin_blueprint(self) -> Blueprint:
        blueprint = Blueprint("mine", __name__)
        blueprint.add_url_rule("/bots/status", "status", lambda: "mine")
        return blueprint


class RaisesInLifespan:
    @hookimpl
    def lifespan(self) -> AbstractAsyncContextManager[None]:
        return self._life()

    @asynccontextmanager
    async def _life(self) -> AsyncIterator[None]:
        raise RuntimeError("no life")
        yield


@pytest.mark.parametrize(
    ("plugin", "told"),
    [(RaisesInBlueprint, "no routes"), (TakesATakenUrl, "/api/bots/status"), (RaisesInLifespan, "no life")],
)
async def test_what_a_plugin_cannot_do_at_the_start_stops_it_by_name(tmp_path: Path, plugin: type, told: str) -> None:
    connector = FakeConnector()
    with pytest.raises(PluginError, match=rf"plugin faulty.*{told}"):
        async with running_bot(FIVE, home=tmp_path, connector=connector, extra_plugins={"faulty": lambda _context: plugin()}):
            raise AssertionError("it must not start")
    assert connector.runs == 0
    (tmp_path / "bots.yaml").unlink()
    async with running_bot(FIVE, home=tmp_path) as bot:  # what was entered is unwound: home, store and port can be had again
        assert await bot.ask("hello") == ["hello"]


async def test_no_other_plugin_and_no_agent_hears_the_blocked() -> None:
    async with running_bot(["ratelimit", "pairing"]) as bot:
        await bot.request("POST", "/api/bots/pairing/telegram/7/block")
        for number in range(30):
            assert await bot.ask(f"message {number}", "7") == [], "not even that they are too quick"
        await bot.say("psst", "7", "-100", chat_type=ChatType.GROUP, addressed=False)
        await bot.say("and you?", "1", "-100", chat_type=ChatType.GROUP)
        await bot.settled()
        assert [turn.overheard for turn in bot.orchestrator.turns] == [()]
