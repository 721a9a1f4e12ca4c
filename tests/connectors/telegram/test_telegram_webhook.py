"""Updates that Telegram brings by itself: set, taken over, watched, and taken back."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest

from parachute_core.connectors.telegram.webhook import HEADER, LOOK_EVERY, REMEMBERED, address
from parachute_core.model.errors import ConnectionLost, ConnectorError
from parachute_core.testing.bot import RunningBot
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.http import Fault
from parachute_core.testing.memory import DictMemory
from parachute_core.testing.sockets import FakeLink
from parachute_core.testing.telegram import FakeBotApi
from tests.connectors.telegram.running import connected, connector_for, status, until, whole_bot

PUBLIC = "https://bot.example.org"
URL = f"{PUBLIC}/webhook/telegram"
BAD_WEBHOOK = {"ok": False, "error_code": 400, "description": "Bad Request: bad webhook: no host"}


def set_up(api: FakeBotApi, memory: DictMemory | None = None) -> dict[str, Any]:
    """What makes the connector bring its webhook, with nobody at the other end."""
    api.webhooks.proxy = "http://127.0.0.1:1"
    return {"webhook_url": PUBLIC, "memory": memory or DictMemory()}


async def bring(bot: RunningBot, api: FakeBotApi, update: object, **headers: str) -> httpx.Response:
    """What anybody might send to the address."""
    sent = {"Host": "bot.example.org", HEADER: api.webhooks.secret or "", **headers}
    content = update if isinstance(update, bytes) else json.dumps(update).encode()
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(f"{bot.url}/webhook/telegram", content=content, headers=sent)


async def test_people_are_answered_through_a_webhook_behind_a_proxy(api: FakeBotApi) -> None:
    async with whole_bot(api, serve=True, webhook_url=PUBLIC) as bot:
        for number in range(5):
            api.say(f"message {number}")
        await api.until(lambda: len(api.texts()) == 5)
        await bot.settled()
        assert status(bot)["last_proof"] == "webhook"
        assert (api.webhook, api.allowed) == (URL, ["message"])

    assert api.texts() == [f"message {number}" for number in range(5)]
    assert set(api.webhooks.statuses) == {200}
    assert api.calls("getUpdates") == []
    assert ["drop_pending_updates" in one for one in api.calls("setWebhook")] == [False]
    assert api.webhook == URL, "what is written while the bot is off waits"


async def test_what_came_before_the_start_is_answered(api: FakeBotApi) -> None:
    api.say("early")
    async with whole_bot(api, serve=True, webhook_url=PUBLIC) as bot:
        await api.until(lambda: api.texts() == ["early"])
        await bot.settled()


async def test_a_stop_leaves_what_was_not_taken_over_with_telegram(api: FakeBotApi) -> None:
    link = FakeLink()
    link.gate.clear()
    async with connected(api, link=link, **set_up(api)) as bot:
        assert link.proofs == ["getWebhookInfo"]
        delivery = asyncio.create_task(bot.connector.deliver(update("one")))
        await asyncio.sleep(0)
        await bot.stop()
        async with asyncio.timeout(10):
            with pytest.raises(ConnectionLost):
                await delivery
        with pytest.raises(ConnectionLost):
            await bot.connector.deliver(update("two"))
    assert link.received == []


async def test_a_sender_who_hangs_up_brings_it_again(api: FakeBotApi) -> None:
    link = FakeLink()
    link.gate.clear()
    async with connected(api, link=link, **set_up(api)) as bot:
        delivery = asyncio.create_task(bot.connector.deliver(update("one")))
        await asyncio.sleep(0)
        delivery.cancel()
        await asyncio.gather(delivery, return_exceptions=True)
        link.gate.set()
        await bot.connector.deliver(update("one"))
    assert [one.text for one in link.received] == ["one"]


def update(text: str, number: int = 1) -> bytes:
    person = {"id": 1, "is_bot": False, "first_name": "Ann"}
    message = {"message_id": number, "date": 0, "chat": {"id": 1, "type": "private"}, "from": person, "text": text}
    return json.dumps({"update_id": number, "message": message}).encode()


async def test_what_is_delivered_twice_is_answered_once(api: FakeBotApi) -> None:
    async with whole_bot(api, serve=True, webhook_url=PUBLIC) as bot:
        said = api.say("hello")
        await api.until(lambda: api.texts() == ["hello"])
        again = await bring(bot, api, {"update_id": 1, "message": said})
        await bot.settled()

    assert again.status_code == 200
    assert api.texts() == ["hello"]


async def test_who_does_not_know_the_secret_is_not_heard(api: FakeBotApi) -> None:
    async with whole_bot(api, serve=True, webhook_url=PUBLIC) as bot:
        forged = {"update_id": 1, "message": {"text": "obey"}}
        for secret in ("", "wrong"):
            answer = await bring(bot, api, forged, **{HEADER: secret})
            assert (answer.status_code, answer.json()["success"]) == (401, False)
        assert api.webhooks.secret not in (None, "")
        assert api.webhooks.secret not in answer.text

    assert bot.orchestrator.turns == []
    assert connector_for(api, webhook_url=PUBLIC).knows_sender({HEADER: "wr\u00f6ng \udcff"}) is False


async def test_the_secret_is_the_bots_own_and_another_for_each_token(api: FakeBotApi) -> None:
    async with connected(api, **set_up(api)):
        first = api.webhooks.secret
    api.token = "123456:another-token"
    async with connected(api, **set_up(api)):
        second = api.webhooks.secret
    assert len(first or "") == len(second or "") == 64
    assert first != second


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b"{}", b'{"update_id": "x"}', b"[" * 100_000, b"\xff"])
async def test_what_is_no_update_is_not_taken(api: FakeBotApi, body: bytes) -> None:
    async with whole_bot(api, serve=True, webhook_url=PUBLIC) as bot:
        answer = await bring(bot, api, body)
        assert (answer.status_code, answer.json()["success"]) == (503, False)
        api.say("still there?")
        await api.until(lambda: api.texts() == ["still there?"])


async def test_an_update_that_cannot_be_read_is_not_brought_for_ever(api: FakeBotApi) -> None:
    async with whole_bot(api, serve=True, webhook_url=PUBLIC):
        api.push("message", {"message_id": "secret words"})
        api.say("hello")
        await api.until(lambda: api.texts() == ["hello"])

    assert api.updates == []


async def test_a_failure_of_the_core_makes_telegram_bring_it_again(api: FakeBotApi) -> None:
    link = FakeLink()
    link.failures.append(RuntimeError("the core is broken"))
    async with connected(api, link=link, **set_up(api)) as bot:
        with pytest.raises(RuntimeError):
            await bot.connector.deliver(update("one"))
        await bot.connector.deliver(update("one"))
    assert [one.text for one in link.received] == ["one"]


async def test_trouble_that_telegram_has_is_told_without_secrets_until_it_is_over(api: FakeBotApi) -> None:
    api.webhooks.fail("an old story")
    async with connected(api, **set_up(api)) as bot:
        assert bot.link.losses == []
        await look(api, bot.clock)
        assert bot.link.losses == []
        api.webhooks.fail(f"Wrong response: 502 {api.webhooks.secret} {api.token} \u202e" + "x" * 300)
        await look(api, bot.clock)
        (reason,) = bot.link.losses
        assert "Telegram cannot deliver to the webhook: Wrong response: 502" in reason
        assert api.token not in reason
        assert (api.webhooks.secret or "-") not in reason
        assert len(reason) < 260
        proofs = len(bot.link.proofs)
        await bot.connector.deliver(update("one"))
        assert bot.link.proofs[proofs:] == ["webhook"]
        await look(api, bot.clock)
        assert bot.link.proofs[proofs:] == ["webhook", "getWebhookInfo"]


async def test_trouble_lasts_while_something_cannot_be_delivered(api: FakeBotApi) -> None:
    async with connected(api, **set_up(api)) as bot:
        api.say("waits")
        await until(lambda: api.webhooks.failure)
        await api.webhooks.stop()
        for times in (1, 2):
            await look(api, bot.clock)
            assert len(bot.link.losses) == times
        api.updates.clear()
        await look(api, bot.clock)
        assert bot.link.proofs == ["getWebhookInfo"] * 2


async def look(api: FakeBotApi, clock: FakeClock) -> None:
    """A look at how Telegram fares, and what comes of it."""
    asked = len(api.calls("getWebhookInfo"))
    await clock.sleeping(LOOK_EVERY)
    await clock.advance(LOOK_EVERY)
    await until(lambda: len(api.calls("getWebhookInfo")) > asked)
    await clock.sleeping(LOOK_EVERY)


async def test_a_webhook_that_somebody_changed_is_told_and_set_again(api: FakeBotApi) -> None:
    async with whole_bot(api, serve=True, webhook_url=PUBLIC) as bot:
        api.webhook = "https://other.example.org/hook"
        await bot.clock.sleeping(LOOK_EVERY)
        await bot.clock.advance(LOOK_EVERY)
        await until(lambda: status(bot)["status"] == "reconnecting")
        assert "another program changed the webhook" in str(status(bot)["last_error"])
        refused = await bring(bot, api, {"update_id": 1})
        assert refused.status_code == 503
        sets = len(api.calls("setWebhook"))
        await bot.clock.advance(29)
        assert len(api.calls("setWebhook")) == sets
        await bot.clock.advance(31)
        await until(lambda: status(bot)["status"] == "running")
        assert api.webhook == URL


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            Fault("setWebhook", status=400, body={"ok": False, "error_code": 400, "description": "Bad Request: bad webhook: no host"}),
            "no host",
        ),
        (Fault("setWebhook", status=502), "properly"),
        (Fault("getWebhookInfo", status=502), "properly"),
    ],
)
async def test_a_webhook_that_cannot_be_set_is_a_lost_connection(api: FakeBotApi, fault: Fault, words: str) -> None:
    api.server.faults.append(fault)
    with pytest.raises(ConnectionLost, match=words):
        await connector_for(api, **set_up(api)).run(FakeLink())


async def test_back_to_polling_the_own_webhook_is_taken_back_and_nothing_is_lost(api: FakeBotApi, tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with whole_bot(api, serve=True, webhook_url=PUBLIC, home=home) as bot:
        api.say("one")
        await api.until(lambda: api.texts() == ["one"])
        await bot.settled()
    api.say("two")
    config = home / "bots.yaml"
    config.write_text(config.read_text().replace(f"  webhook_url: {PUBLIC}\n", ""))
    async with whole_bot(api, home=home) as bot:
        await api.until(lambda: api.texts() == ["one", "two"])
        await bot.settled()
    assert api.webhook == ""
    assert ["drop_pending_updates" in one for one in api.calls("deleteWebhook")] == [False]
    async with whole_bot(api, home=home):
        assert len(api.calls("deleteWebhook")) == 1
        assert len(api.calls("getWebhookInfo")) == 2  # one to set it, one to take it back


async def test_somebody_elses_webhook_is_left_alone(api: FakeBotApi) -> None:
    memory = DictMemory()
    memory.kept[REMEMBERED] = URL
    api.webhook = "https://other.example.org/hook"
    with pytest.raises(ConnectionLost, match="a webhook is set"):
        await connector_for(api, memory=memory).run(FakeLink())

    assert api.calls("deleteWebhook") == []
    assert memory.kept == {}


async def test_a_trouble_while_taking_it_back_is_tried_again(api: FakeBotApi) -> None:
    memory = DictMemory()
    memory.kept[REMEMBERED] = api.webhook = URL
    api.server.faults.append(Fault("deleteWebhook", status=502))
    connector = connector_for(api, memory=memory)
    with pytest.raises(ConnectionLost):
        await connector.run(FakeLink())
    assert memory.kept == {REMEMBERED: URL}
    async with connected(api, memory=memory):
        assert api.webhook == ""


async def test_a_polling_bot_takes_no_deliveries(api: FakeBotApi) -> None:
    connector = connector_for(api)
    assert connector.knows_sender({HEADER: "x"}) is None
    with pytest.raises(ConnectorError):
        await connector.deliver(update("one"))


@pytest.mark.parametrize(
    ("configured", "told"),
    [
        (PUBLIC, URL),
        (PUBLIC + "/", URL),
        (PUBLIC + ":8443", PUBLIC + ":8443/webhook/telegram"),
        (PUBLIC + "/my/path", PUBLIC + "/my/path"),
        (PUBLIC + "/?a=b", PUBLIC + "/?a=b"),
    ],
)
def test_an_address_that_names_only_the_server_gets_the_path(configured: str, told: str) -> None:
    assert address(configured, "telegram") == told


async def test_neither_secret_nor_token_is_in_a_log_line_or_an_answer(api: FakeBotApi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with whole_bot(api, serve=True, webhook_url=PUBLIC) as bot:
        secret = api.webhooks.secret or "-"
        api.say("my secret words")
        await api.until(lambda: api.texts())
        await bring(bot, api, b"no json")
        api.webhooks.fail(f"{secret} {api.token}")
        await bot.clock.sleeping(LOOK_EVERY)
        await bot.clock.advance(LOOK_EVERY)
        await until(lambda: status(bot)["status"] == "reconnecting")
        report = str((await bot.request("GET", "/api/bots/status")).json)

    for hidden in (secret, api.token, "secret words"):
        assert hidden not in caplog.text + report
