"""What is answered before the framework, over real sockets: the same answers and the same refusals as behind it."""

import asyncio
import json
from collections.abc import Mapping

import pytest

from parachute_core.admin.body import BODY_WITHIN
from parachute_core.admin.webhook import LARGEST_DELIVERY
from parachute_core.model.errors import ConnectionLost, Rejected
from parachute_core.testing import FakeConnector, RunningBot, running_bot

KNOWN = "X-Secret: open sesame\r\n"
HOST = "Host: 127.0.0.1\r\n"


class Webhooked(FakeConnector):
    """Takes deliveries from whoever knows the word."""

    def __init__(self) -> None:
        super().__init__()
        self.delivered: list[bytes] = []
        self.failure: Exception | None = None
        self.begun, self.unwound, self.gate = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.gate.set()

    def knows_sender(self, headers: Mapping[str, str]) -> bool | None:
        return {name.lower(): value for name, value in headers.items()}.get("x-secret") == "open sesame"

    async def deliver(self, body: bytes) -> None:
        self.begun.set()
        try:
            await self.gate.wait()
        finally:
            self.unwound.set()
        if self.failure is not None:
            raise self.failure
        self.delivered.append(body)


async def ask(bot: RunningBot, head: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
    """One request on a connection of its own, head and body as they are."""
    reader, writer = await asyncio.open_connection("127.0.0.1", bot.runtime.server.port)
    writer.write(f"{head}Connection: close\r\n\r\n".encode() + body)
    async with asyncio.timeout(20):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    first, _, rest = answer.partition(b"\r\n\r\n")
    status, *lines = first.decode().split("\r\n")
    return int(status.split()[1]), {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}, rest


def posted(body: bytes, *, platform: str = "telegram", headers: str = HOST + KNOWN) -> tuple[str, bytes]:
    return f"POST /webhook/{platform} HTTP/1.1\r\n{headers}Content-Length: {len(body)}\r\n", body


async def test_alive_looks_as_everything_else_of_the_api_does() -> None:
    async with running_bot(serve=True) as bot:
        status, headers, body = await ask(bot, f"GET /healthz HTTP/1.1\r\n{HOST}")
        _, behind, _ = await ask(bot, f"GET /readyz HTTP/1.1\r\n{HOST}")
    assert (status, json.loads(body)) == (200, {"status": "ok"})
    left_out = {"date", "content-length"}
    assert {one: headers[one] for one in headers.keys() - left_out} == {one: behind[one] for one in behind.keys() - left_out}


async def test_alive_answers_a_query_and_a_head_and_no_other_method() -> None:
    async with running_bot(serve=True) as bot:
        assert (await ask(bot, f"GET /healthz?x=1 HTTP/1.1\r\n{HOST}"))[0] == 200
        status, headers, body = await ask(bot, f"HEAD /healthz HTTP/1.1\r\n{HOST}")
        assert (status, headers["content-type"], body) == (200, "application/json", b"")
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            status, headers, body = await ask(bot, f"{method} /healthz HTTP/1.1\r\n{HOST}Content-Length: 0\r\n")
            assert (status, json.loads(body)["success"]) == (405, False), method
        assert (await ask(bot, f"GET /healthz/ HTTP/1.1\r\n{HOST}"))[0] == 404


@pytest.mark.parametrize(
    "host", ["Host: evil.example\r\n", "Host: 127.0.0.1\r\nHost: evil.example\r\n", "Host: \r\n", "Host: a@127.0.0.1\r\n"]
)
async def test_the_host_is_checked_before_alive_is_said(host: str) -> None:
    async with running_bot(serve=True) as bot:
        status, _, body = await ask(bot, f"GET /healthz HTTP/1.1\r\n{host}")
    assert status in (400, 421)  # the server itself refuses two hosts
    assert b"ok" not in body


async def test_a_delivery_needs_neither_key_nor_listed_host_and_is_taken_whole() -> None:
    connector = Webhooked()
    async with running_bot(connector=connector, serve=True) as bot:
        status, headers, body = await ask(
            bot, *posted(b"x" * 200_000, headers="Host: bot.example.org\r\nOrigin: https://evil.example\r\n" + KNOWN)
        )
        assert (status, json.loads(body), headers["x-content-type-options"]) == (200, {"success": True}, "nosniff")
        chunked = b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
        assert (await ask(bot, f"POST /webhook/telegram HTTP/1.1\r\n{HOST}{KNOWN}Transfer-Encoding: chunked\r\n", chunked))[0] == 200
    assert connector.delivered == [b"x" * 200_000, b"abcdefg"]


async def test_who_is_not_known_is_refused_before_anything_is_read() -> None:
    connector = Webhooked()
    async with running_bot(connector=connector, serve=True) as bot:
        head = f"POST /webhook/telegram HTTP/1.1\r\n{HOST}Content-Length: 500000\r\n"
        assert (await ask(bot, head))[0] == 401  # with no byte of the body there
        assert (await ask(bot, *posted(b"{}", platform="nothing")))[0] == 404
        for method in ("GET", "HEAD", "PUT"):
            assert (await ask(bot, f"{method} /webhook/telegram HTTP/1.1\r\n{HOST}{KNOWN}Content-Length: 0\r\n"))[0] == 405, method
        await bot.runtime.fleet.stop("telegram")
        assert (await ask(bot, *posted(b"{}")))[0] == 503
    assert connector.delivered == []


async def test_what_fails_is_an_error_object_without_secrets() -> None:
    connector = Webhooked()
    async with running_bot(connector=connector, serve=True) as bot:
        connector.failure = ConnectionLost(f"not now, {bot.runtime.key}")
        first, _, body = await ask(bot, *posted(b"{}"))
        connector.failure = RuntimeError("what somebody wrote")
        second, _, more = await ask(bot, *posted(b"{}"))
    assert (first, second) == (503, 500)
    assert "not now" in json.loads(body)["error"]
    assert bot.runtime.key not in body.decode()
    assert json.loads(more)["success"] is False
    assert b"somebody" not in more


@pytest.mark.parametrize("declared", [True, False])
async def test_the_size_is_bounded_whether_or_not_it_is_declared(declared: bool) -> None:
    connector = Webhooked()
    large = b"x" * (LARGEST_DELIVERY + 1)
    async with running_bot(connector=connector, serve=True) as bot:
        if declared:
            status, _, body = await ask(bot, f"POST /webhook/telegram HTTP/1.1\r\n{HOST}{KNOWN}Content-Length: {len(large)}\r\n")
        else:
            chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(large), large)
            status, _, body = await ask(bot, f"POST /webhook/telegram HTTP/1.1\r\n{HOST}{KNOWN}Transfer-Encoding: chunked\r\n", chunks)
    assert (status, json.loads(body)["success"]) == (413, False)
    assert connector.delivered == []


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    connector = Webhooked()
    async with running_bot(connector=connector, serve=True) as bot:
        asking = asyncio.create_task(ask(bot, f"POST /webhook/telegram HTTP/1.1\r\n{HOST}{KNOWN}Content-Length: 100\r\n", b"half"))
        await bot.clock.sleeping(BODY_WITHIN, within=20)
        await bot.clock.advance(BODY_WITHIN)
        status, _, body = await asking
    assert (status, json.loads(body)["success"]) == (408, False)
    assert connector.delivered == []


async def test_who_hangs_up_leaves_nothing_behind() -> None:
    connector = Webhooked()
    connector.gate.clear()
    async with running_bot(connector=connector, serve=True) as bot:
        _, writer = await asyncio.open_connection("127.0.0.1", bot.runtime.server.port)
        head, body = posted(b"{}")
        writer.write(f"{head}\r\n".encode() + body)
        async with asyncio.timeout(20):
            await connector.begun.wait()
            writer.transport.abort()
            await connector.unwound.wait()
        connector.gate.set()
        assert (await ask(bot, *posted(b"again")))[0] == 200
    assert connector.delivered == [b"again"]


async def test_the_status_is_the_same_before_the_framework_and_behind_it() -> None:
    async with running_bot(["retry"], serve=True) as bot:
        bot.connector.outcomes.append(Rejected("no"))
        await bot.say("hello", "1", bot.runtime.key)
        await bot.settled()
        head = f"GET /api/bots/status HTTP/1.1\r\n{HOST}X-API-Key: {bot.runtime.key}\r\n"
        status, headers, body = await ask(bot, head)
        other, behind, more = await ask(bot, f"{head}Sec-Fetch-Site: same-origin\r\n")
    assert (status, other) == (200, 200)
    shown = json.loads(body)
    assert shown == json.loads(more)
    assert [one["chat_id"] for one in shown["undelivered"]] == ["[redacted]"]
    left_out = {"date", "content-length"}
    assert {one: headers[one] for one in headers.keys() - left_out} == {one: behind[one] for one in behind.keys() - left_out}


async def test_the_status_is_for_whoever_has_the_key_alone(caplog: pytest.LogCaptureFixture) -> None:
    async with running_bot(serve=True) as bot:
        key, head = f"X-API-Key: {bot.runtime.key}\r\n", "GET /api/bots/status HTTP/1.1\r\n"
        refused = [
            await ask(bot, f"{head}{HOST}"),
            await ask(bot, f"{head}{HOST}X-API-Key: wrong\r\n"),
            await ask(bot, f"{head}Host: evil.example\r\n{key}"),
            await ask(bot, f"{head}{HOST}{key}Origin: https://evil.example\r\n"),
            await ask(bot, f"POST /api/bots/status HTTP/1.1\r\n{HOST}{key}Content-Length: 0\r\n"),
        ]
    assert [status for status, _, _ in refused] == [401, 401, 421, 403, 405]
    assert not any(b"connectors" in body for _, _, body in refused)
    assert "wrong admin key" in caplog.text


async def test_a_status_that_cannot_be_read_is_an_error_object() -> None:
    async with running_bot(serve=True) as bot:
        await bot.runtime.store.execute("ALTER TABLE outbox RENAME TO gone")
        status, _, body = await ask(bot, f"GET /api/bots/status HTTP/1.1\r\n{HOST}X-API-Key: {bot.runtime.key}\r\n")
        await bot.runtime.store.execute("ALTER TABLE gone RENAME TO outbox")
    assert (status, json.loads(body)["success"]) == (503, False)
