"""A client that hangs up in the middle of a save does not leave `bots.yaml` and the running bot apart."""

import asyncio
import threading
from dataclasses import replace

import httpx

from parachute_core.admin.app import make_app
from parachute_core.admin.server import AdminServer
from parachute_core.config.changes import Changes
from parachute_core.config.file import Change, ConfigFile
from parachute_core.config.read import LoadedConfig
from parachute_core.testing import RunningBot, running_bot

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


async def recorded(bot: RunningBot, what: str) -> list[str]:
    """Why, of each of these decisions, once there is one."""
    async with asyncio.timeout(PATIENCE):
        while True:
            entries = (await bot.request("GET", f"/api/audit?what={what}")).json["entries"]
            if entries:
                return [one["why"] for one in entries]
            await asyncio.sleep(0.01)
