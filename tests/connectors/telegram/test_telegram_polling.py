"""The poll loop: what proves life, what ends it and how, and that no update is lost or taken twice."""

import asyncio
import logging
from typing import Any

import pytest

from parachute_core.connectors.telegram.api import Timeouts
from parachute_core.model.errors import ConnectionLost, ConnectorError, CredentialsRefused
from parachute_core.model.message import Inbound
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.http import Fault
from parachute_core.testing.sockets import FakeLink
from parachute_core.testing.telegram import FakeBotApi
from tests.connectors.running import until
from tests.connectors.telegram.running import SHORT, connected, connector_for


async def ended(api: FakeBotApi, *faults: Fault, bot_token: str | None = None) -> Exception:
    """What the run ends with."""
    api.server.faults.extend(faults)
    connector = connector_for(api, FakeClock(), SHORT, bot_token=bot_token or api.token)
    with pytest.raises(ConnectorError) as caught:
        await connector.run(FakeLink())
    return caught.value


def problem(status: int, description: str, **parameters: object) -> Fault:
    body = {"ok": False, "error_code": status, "description": description, "parameters": parameters}
    return Fault("getUpdates", status=status, body=body)


async def test_only_a_completed_poll_proves_life(api: FakeBotApi) -> None:
    api.server.faults.append(Fault("getUpdates", hang=True))
    link = FakeLink()
    running = asyncio.create_task(connector_for(api).run(link))
    await api.server.asked("getUpdates")
    assert api.calls("getMe")
    assert link.proofs == []
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    async with connected(api) as bot:
        assert bot.link.proofs == ["getUpdates"]


@pytest.mark.parametrize("token", ["123456:another-token-that-is-wrong", "not-even-a-token"])
async def test_a_refused_token_ends_it_without_being_told(api: FakeBotApi, token: str) -> None:
    error = await ended(api, bot_token=token)

    assert isinstance(error, CredentialsRefused)
    assert token not in str(error)
    assert len(api.server.requests) == 1


async def test_a_token_that_is_revoked_while_polling(api: FakeBotApi) -> None:
    async with connected(api) as bot:
        api.token = "1:new"
        api.say("wake up")
        with pytest.raises(CredentialsRefused):
            await bot.running


async def test_a_token_that_fits_into_no_address_is_not_tried(api: FakeBotApi) -> None:
    error = await ended(api, bot_token="123456:with a space")

    assert isinstance(error, CredentialsRefused)
    assert "space" not in str(error).split(":")[0]
    assert api.server.requests == []


async def test_a_not_found_page_of_something_else_does_not_condemn_the_token(api: FakeBotApi) -> None:
    error = await ended(api, Fault("getMe", status=404, body="<html>nothing here</html>"))

    assert isinstance(error, ConnectionLost)


async def test_two_pollers(api: FakeBotApi) -> None:
    async with connected(api) as older:
        await api.server.asked("getUpdates", 2)
        async with connected(api) as newer:
            with pytest.raises(ConnectionLost, match="another program") as caught:
                await older.running
            api.say("hello")
            assert await newer.link.texts(1) == ["hello"]

    assert caught.value.retry_after == 30


async def test_a_webhook_is_named(api: FakeBotApi) -> None:
    api.webhook = "https://a.org/hook"
    error = await ended(api)

    assert isinstance(error, ConnectionLost)
    assert "webhook" in str(error)
    assert error.retry_after == 30


async def test_a_webhook_that_is_set_while_polling(api: FakeBotApi) -> None:
    async with connected(api) as bot:
        await api.server.asked("getUpdates", 2)
        await api._set_webhook({"url": "https://a.org/hook"})
        with pytest.raises(ConnectionLost, match="webhook"):
            await bot.running


async def test_flood_control_says_how_long_to_wait(api: FakeBotApi) -> None:
    error = await ended(api, problem(429, "Too Many Requests: retry after 40", retry_after=40))

    assert isinstance(error, ConnectionLost)
    assert error.retry_after == 40


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("getUpdates", {"status": 502, "body": "<html>Bad Gateway</html>"}),
        ("getUpdates", {"status": 500}),
        ("getUpdates", {"status": 200, "body": "<html>log in to the wifi</html>"}),
        ("getUpdates", {"status": 200, "body": {"ok": True, "result": "surprise"}}),
        ("getUpdates", {"status": 200, "body": {"ok": True, "result": [{"message": {}}]}}),
        ("getUpdates", {"reset": True}),
        ("getUpdates", {"hang": True}),
        ("getMe", {"status": 502}),
        ("getMe", {"reset": True}),
    ],
)
async def test_any_other_failure_is_a_lost_connection(api: FakeBotApi, path: str, fault: dict[str, Any]) -> None:
    error = await ended(api, Fault(path, **fault))

    assert isinstance(error, ConnectionLost)
    assert error.retry_after is None
    assert api.token not in str(error)


async def test_what_was_written_before_the_start_is_taken(api: FakeBotApi) -> None:
    api.say("one")
    api.say("two")
    async with connected(api) as bot:
        assert await bot.link.texts(2) == ["one", "two"]


async def test_an_update_is_confirmed_only_when_it_was_taken_over(api: FakeBotApi) -> None:
    class Watched(FakeLink):
        """Tells when a message stands at the gates."""

        at_the_gates = ""

        async def receive(self, message: Inbound) -> None:
            self.at_the_gates = message.text
            await super().receive(message)

    link = Watched()
    async with connected(api, link=link) as bot:
        api.say("one")
        await api.until(lambda: api.confirmed and not api.updates)
        link.gate.clear()
        api.say("two")
        await until(lambda: link.at_the_gates == "two")
        await bot.stop()
    assert link.received[-1].text == "one"
    assert [one["message"]["text"] for one in api.updates] == ["two"]

    async with connected(api) as after:
        assert await after.link.texts(1) == ["two"]


async def test_a_stop_confirms_what_was_taken_over(api: FakeBotApi) -> None:
    class Slow(FakeLink):
        """Takes the first over, then stands at the second."""

        async def receive(self, message: Inbound) -> None:
            await super().receive(message)
            self.gate.clear()

    link = Slow()
    api.say("one")
    api.say("two")
    async with connected(api, link=link) as bot:
        await bot.link.texts(1)

    assert [one["message"]["text"] for one in api.updates] == ["two"]


async def test_a_stop_does_not_wait_for_a_server_that_is_gone(api: FakeBotApi) -> None:
    link = FakeLink()
    link.gate.clear()
    api.say("one")
    async with connected(api, link=link) as bot:
        api.server.faults.append(Fault("getUpdates", hang=True, count=None))
        link.gate.set()
        await link.texts(1)
        stopping = asyncio.create_task(bot.stop())
        await asyncio.sleep(0)
        await bot.clock.advance(10)
        async with asyncio.timeout(5):
            await stopping


async def test_a_failure_of_the_core_leaves_the_update_unconfirmed(api: FakeBotApi) -> None:
    link = FakeLink()
    link.failures.append(RuntimeError("the core is broken"))
    api.say("one")
    connector = connector_for(api)
    with pytest.raises(RuntimeError):
        await connector.run(link)

    running = asyncio.create_task(connector.run(link))  # as the supervisor does
    assert await link.texts(1) == ["one"]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_malformed_update_costs_only_itself(api: FakeBotApi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    api.say("one")
    broken = [api.push("message", {"message_id": "secret words"}), api.push("message", "secret words"), api.push("message", [])]
    api.push_raw({"no": "id, secret words"})
    api.say("two")
    async with connected(api) as bot:
        assert await bot.link.texts(2) == ["one", "two"]
        api.say("three")
        assert await bot.link.texts(3) == ["one", "two", "three"]

    told = [vars(one)["update_id"] for one in caplog.records if one.message == "an update cannot be read"]
    assert set(told) >= set(broken[:2])
    assert "secret words" not in caplog.text


async def test_a_server_that_does_not_wait_is_not_hammered(api: FakeBotApi) -> None:
    api.server.faults.append(Fault("getUpdates", count=None, status=200, body={"ok": True, "result": []}))
    async with connected(api) as bot:
        for _ in range(10):
            await asyncio.sleep(0.02)
            await bot.clock.advance(1)

    assert len(api.calls("getUpdates")) < 15


async def test_ids_may_start_anew_after_a_quiet_time(api: FakeBotApi) -> None:
    """They do after a week; asking from the last one on would then hide every message."""
    async with connected(api, timeouts=Timeouts(poll=1)) as bot:
        api.say("one")
        await bot.link.texts(1)
        await api.server.asked("getUpdates", 4)

    offsets = [one.get("offset") for one in api.calls("getUpdates")[:4]]
    assert offsets == [None, None, str(api.confirmed), None]
