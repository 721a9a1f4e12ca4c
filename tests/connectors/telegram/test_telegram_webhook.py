"""Updates that Telegram brings by itself: set, taken over, and taken back."""

import asyncio
from pathlib import Path

import pytest

from parachute_core.connectors.telegram.webhook import HEADER, REMEMBERED, address
from parachute_core.model.errors import ConnectionLost, ConnectorError
from parachute_core.testing.http import Fault
from parachute_core.testing.memory import DictMemory
from parachute_core.testing.sockets import FakeLink
from parachute_core.testing.telegram import FakeBotApi
from tests.connectors.telegram.hooked import PUBLIC, URL, bring, set_up, update
from tests.connectors.telegram.running import connected, connector_for, status, whole_bot


async def test_people_are_answered_through_a_webhook_behind_a_proxy(api: FakeBotApi) -> None:
    async with whole_bot(api, serve=True, webhook_url=PUBLIC) as bot:
        for number in range(5):
            api.say(f"message {number}")
        await api.until(lambda: len(api.texts()) == 5)
        await bot.settled()
        assert status(bot)["last_proof"] == "webhook"
        assert (api.webhook, api.allowed) == (URL, ["message", "callback_query"])

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


async def test_deliveries_are_taken_over_in_the_order_they_came(api: FakeBotApi) -> None:
    link = FakeLink()
    link.gate.clear()
    async with connected(api, link=link, **set_up(api)) as bot:
        deliveries = [asyncio.create_task(bot.connector.deliver(update(f"{number}", number))) for number in range(1, 21)]
        await asyncio.sleep(0)
        link.gate.set()
        await asyncio.gather(*deliveries)
    assert [one.text for one in link.received] == [f"{number}" for number in range(1, 21)]


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


async def test_a_button_is_pressed_through_a_webhook(api: FakeBotApi) -> None:
    api.private("1")
    notify = {"pairing": {"notify": {"platform": "telegram", "user_id": 1}}}
    async with whole_bot(api, serve=True, webhook_url=PUBLIC, plugins=notify):
        api.say("let me in", "42")
        await api.until(lambda: "Deny 1" in api.buttons("1"))
        api.press("Deny 1", "1")
        await api.until(lambda: len(api.texts("1")) == 2 and not api.presses)
        assert api.texts("1")[-1] == "Denied: Ann, telegram 42."
