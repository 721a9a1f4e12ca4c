"""A client that hangs up leaves nothing half done: the bot follows `bots.yaml`, what was done is on record, nothing waits for ever."""

import asyncio
import gc
import re
import sqlite3
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import httpx

from parachute_core.admin.app import make_app
from parachute_core.admin.server import AdminServer
from parachute_core.config.changes import Changes
from parachute_core.config.file import Change, ConfigFile
from parachute_core.config.read import LoadedConfig
from parachute_core.testing import FakeConnector, RunningBot, running_bot

PATIENCE = 10.0


class SlowConfig(ConfigFile):
    """The real file, whose writing takes until it is let go."""

    def __init__(self, real: ConfigFile) -> None:
        super().__init__(real.path, {})
        self._real = real
        self.writing = threading.Event()
        self.let_go = threading.Event()

    @property
    def current(self) -> LoadedConfig:
        return self._real.current

    def update(self, changes: Changes, base: Changes | None = None) -> LoadedConfig:
        self.writing.set()
        assert self.let_go.wait(PATIENCE)
        return self._real.update(changes, base)

    def switch_plugin(self, name: str, *, enabled: bool) -> Change:
        self.writing.set()
        assert self.let_go.wait(PATIENCE)
        return self._real.switch_plugin(name, enabled=enabled)


async def asked(port: int, text: str) -> asyncio.StreamWriter:
    """Ask, and stay on the line until the writer is closed."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text.encode())
    await writer.drain()
    return writer


async def hung_up(writer: asyncio.StreamWriter, client: httpx.AsyncClient) -> None:
    """Return once the server had time to notice that nobody waits any more."""
    writer.close()
    await writer.wait_closed()
    for _ in range(3):
        assert (await client.get("/healthz")).status_code == 200


def serve(bot: RunningBot, config: SlowConfig) -> AdminServer:
    return AdminServer(make_app(replace(bot.runtime.services, config=config)), "127.0.0.1", 0)


async def test_a_save_is_carried_out_to_its_end() -> None:
    async with running_bot() as bot:
        config, key = SlowConfig(bot.runtime.config), bot.runtime.key
        async with (
            serve(bot, config).serving() as server,
            httpx.AsyncClient(base_url=server.url, headers={"X-API-Key": key}) as client,
        ):
            body = '{"telegram": {"allowed_users": [1, 77]}}'
            head = f"PUT /api/bots/config HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
            writer = await asked(server.port, head + body)
            assert await asyncio.to_thread(config.writing.wait, PATIENCE)
            await hung_up(writer, client)
            config.let_go.set()
            assert (await client.put("/api/bots/config", json={})).json()["telegram"]["allowed_users"] == [1, 77]
            assert bot.runtime.access.is_allowed("telegram", "77") is True


async def test_a_switched_plugin_is_on_record() -> None:
    async with running_bot(["retry"]) as bot:
        config, key = SlowConfig(bot.runtime.config), bot.runtime.key
        async with serve(bot, config).serving() as server, httpx.AsyncClient(base_url=server.url) as client:
            writer = await asked(
                server.port, f"POST /api/plugins/retry/disable HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nContent-Length: 0\r\n\r\n"
            )
            assert await asyncio.to_thread(config.writing.wait, PATIENCE)
            await hung_up(writer, client)
            config.let_go.set()
            assert await recorded(bot, "config_changed") == ["plugins.retry.enabled"]


async def test_a_login_and_its_end_are_on_record(tmp_path: Path) -> None:
    async with running_bot(home=tmp_path, serve=True) as bot, httpx.AsyncClient(base_url=bot.url) as client:
        key, port = bot.runtime.key, bot.runtime.server.port
        body = urlencode({"key": key})
        form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        for request, what in (
            (f"POST /login HTTP/1.1\r\nHost: localhost\r\n{form}", "logged_in"),
            (f"DELETE /api/logins HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\n\r\n", "logged_out"),
        ):
            with closing(sqlite3.connect(tmp_path / "parachute.db", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")  # until its end nobody else writes
                writer = await asked(port, request)
                for _ in range(20):  # time to come as far as that
                    assert (await client.get("/healthz")).status_code == 200
                await hung_up(writer, client)
                other.execute("ROLLBACK")
            assert len(await recorded(bot, what)) == 1
        assert bot.runtime.services.logins.all() == []


class Slow(FakeConnector):
    """A platform that answers when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.testing, self.let_go = asyncio.Event(), asyncio.Event()

    async def test(self) -> Mapping[str, str]:
        self.testing.set()
        await self.let_go.wait()
        return {}


async def test_a_browser_that_goes_while_its_page_loads_leaves_nothing_behind() -> None:
    connector = Slow()
    complaints: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, said: complaints.append(said["message"]))
    async with running_bot(connector=connector, serve=True) as bot, httpx.AsyncClient(base_url=bot.url) as client:
        assert (await client.post("/login", data={"key": bot.runtime.key})).status_code == 303
        form = re.search(r'name="form" value="(\w+)"', (await client.get("/", headers={"Accept": "text/html"})).text)
        assert form is not None
        sending = asyncio.create_task(client.post("/act/connector-test", data={"form": form[1], "platform": "telegram"}))
        await connector.testing.wait()
        sending.cancel()
        for _ in range(10):
            assert (await client.get("/healthz")).status_code == 200
        connector.let_go.set()
        assert await recorded(bot, "connector_tested") == ["it answered"]
        gc.collect()
        assert complaints == []


async def recorded(bot: RunningBot, what: str) -> list[str]:
    """Why, of each of these decisions, once there is one."""
    async with asyncio.timeout(PATIENCE):
        while True:
            entries = (await bot.request("GET", f"/api/audit?what={what}")).json["entries"]
            if entries:
                return [one["why"] for one in entries]
            await asyncio.sleep(0.01)
