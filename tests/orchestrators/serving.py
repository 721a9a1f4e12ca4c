"""A whole bot on Telegram, with Claude or another model behind it: both over real sockets."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import yaml

from parachute_core.connectors.catalog import Catalog
from parachute_core.connectors.telegram import make_connector
from parachute_core.testing.agents import MODEL, ScriptedService
from parachute_core.testing.bot import RunningBot, running_bot
from parachute_core.testing.conformance.rig import FIVE
from parachute_core.testing.telegram import FakeBotApi
from tests.connectors.running import until

Plugins = Mapping[str, Mapping[str, object]]


@asynccontextmanager
async def answering(
    api: FakeBotApi,
    service: ScriptedService,
    use: str = "anthropic",
    *,
    home: Path | None = None,
    plugins: Plugins | None = None,
    users: tuple[int, ...] = (1,),
    **settings: object,
) -> AsyncIterator[RunningBot]:
    """Entered once it is connected. `settings` are keys of the orchestrator beside those that lead to the service."""
    section = {"bot_token": api.token, "base_url": api.base_url, "base_file_url": api.base_file_url, "allowed_users": list(users)}
    agent = {"use": use, "model": MODEL, "api_key": service.key, "base_url": service.base_url, **settings}
    on = {name: dict((plugins or {}).get(name, {})) for name in (*FIVE, *(plugins or {}))}
    tree = {"telegram": {"enabled": True, **section}, "orchestrator": agent, "plugins": on}
    config = yaml.safe_dump(tree, sort_keys=False)
    async with running_bot(config=config, connectors=Catalog({"telegram": make_connector}), configured=True, home=home) as bot:
        await until(lambda: bot.runtime.fleet.status("telegram")["status"] == "running")
        yield bot


async def reads(api: FakeBotApi, *texts: str, chat_id: str = "1") -> None:
    """Return once a person sees exactly these messages of the bot."""
    try:
        await until(lambda: api.texts(chat_id) == list(texts))
    except TimeoutError:
        raise AssertionError(f"read {api.texts(chat_id)}, not {list(texts)}") from None
