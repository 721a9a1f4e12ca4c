"""Deliveries that fail, webhooks that somebody changed: told without secrets, and made good."""

import logging

import pytest

from parachute_core.connectors.telegram.webhook import LOOK_EVERY
from parachute_core.model.errors import ConnectionLost
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.http import Fault
from parachute_core.testing.sockets import FakeLink
from parachute_core.testing.telegram import FakeBotApi
from tests.connectors.running import until
from tests.connectors.telegram.hooked import PUBLIC, URL, bring, set_up, update
from tests.connectors.telegram.running import connected, connector_for, status, whole_bot

BAD_WEBHOOK = {"ok": False, "error_code": 400, "description": "Bad Request: bad webhook: no host"}


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
