"""A visitor of a whole bot: its guard, its gates, its access, its orchestrator, over a real WebSocket."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from parachute_core.connectors.catalog import Catalog
from parachute_core.testing import RunningBot, ScriptedOrchestrator, running_bot

CONFIG = "web: {enabled: true, allowed_users: []}\nplugins: {pairing: {}}\n"


async def told(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The next frame of this type."""
    async with asyncio.timeout(10):
        while True:
            frame = json.loads(await socket.recv())
            if frame["type"] == kind:
                assert isinstance(frame, dict)
                return frame


async def say(socket: ClientConnection, **frame: object) -> None:
    await socket.send(json.dumps(frame))


def address(bot: RunningBot) -> str:
    return bot.url.replace("http", "ws") + "/chat/socket"


async def test_a_stranger_is_answered_once_the_owners_link_was_opened() -> None:
    orchestrator = ScriptedOrchestrator("for you alone")
    async with running_bot(config=CONFIG, serve=True, orchestrator=orchestrator) as bot, connect(address(bot)) as socket:
        await say(socket, type="hello", token=None)
        welcome = await told(socket, "welcome")
        await say(socket, type="message", text="hi", id="1")
        assert (await told(socket, "ack"))["id"] == "1"
        assert "for you alone" not in (await told(socket, "message"))["text"]
        assert not orchestrator.turns
        await say(socket, type="hello", token=welcome["token"], owner=bot.runtime.owner_tokens.issue())
        assert (await told(socket, "welcome"))["allowed"] is True
        assert welcome["user_id"] in (bot.home / "bots.yaml").read_text()
        await say(socket, type="message", text="and now?", id="2")
        assert (await told(socket, "message"))["text"] == "for you alone"
        status = await bot.request("GET", "/api/bots/status")
        assert status.json["connectors"]["web"]["running"] is True


async def test_a_stopped_web_chat_tells_its_visitors() -> None:
    async with running_bot(config=CONFIG, serve=True) as bot, connect(address(bot)) as socket:
        await say(socket, type="hello", token=None)
        token = (await told(socket, "welcome"))["token"]
        assert (await bot.request("POST", "/api/bots/web/stop")).json["success"] is True
        await asyncio.wait_for(socket.wait_closed(), 10)
        assert socket.close_code == 1012
        async with connect(address(bot)) as early:
            assert "switched off" in (await told(early, "error"))["error"]
        assert (await bot.request("POST", "/api/bots/web/start")).json["success"] is True
        async with connect(address(bot)) as back:
            await say(back, type="hello", token=token)
            assert (await told(back, "welcome"))["token"] == token


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_another_sites_page_cannot_open_the_socket(origin: str) -> None:
    async with running_bot(config=CONFIG, serve=True) as bot:
        with pytest.raises(InvalidStatus):
            await connect(address(bot), additional_headers={"Origin": origin})


async def test_a_name_that_was_bound_to_our_address_leads_nowhere() -> None:
    async with running_bot(config=CONFIG, serve=True) as bot:
        port = int(bot.url.rpartition(":")[2])
        with pytest.raises(InvalidStatus):
            await connect("ws://evil.example/chat/socket", host="127.0.0.1", port=port)
        async with connect(address(bot), additional_headers={"Origin": bot.url}) as socket:
            await say(socket, type="hello", token=None)
            await told(socket, "welcome")


async def test_the_page_is_served_without_a_key_and_keeps_its_own_policy() -> None:
    async with running_bot(config=CONFIG) as bot:
        page = await bot.request("GET", "/chat", key=False, headers={"Host": "localhost"})
        assert page.status == 200
        headers = {name.lower(): value for name, value in page.headers.items()}
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
        foreign = await bot.request("GET", "/chat", key=False, headers={"Host": "evil.example"})
        assert foreign.status == 421


async def test_what_was_said_while_no_page_was_open_is_there_when_one_is_also_after_a_restart(tmp_path: Path) -> None:
    connectors = Catalog()
    config = "web: {enabled: true, allowed_users: []}\n"
    async with running_bot(config=config, serve=True, home=tmp_path, connectors=connectors) as bot:
        async with connect(address(bot)) as socket:
            await say(socket, type="hello", token=None, owner=bot.runtime.owner_tokens.issue())
            token = (await told(socket, "welcome"))["token"]
            bot.orchestrator.hold()
            await say(socket, type="message", text="think hard", id="1")
            await bot.orchestrator.asked()
        await bot.clock.advance(1.0)
        bot.orchestrator.release()
        await bot.settled()
        assert [one.error for one in await bot.runtime.failures.recent(10)] == ["Unreachable"]
    async with running_bot(serve=True, home=tmp_path, connectors=connectors) as bot, connect(address(bot)) as socket:
        await say(socket, type="hello", token=token)
        assert (await told(socket, "message"))["text"] == "think hard"
        await bot.settled()
        assert await bot.runtime.failures.recent(10) == []
        assert bot.orchestrator.turns == []
