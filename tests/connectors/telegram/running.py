"""The connector alone, and the whole bot, connected to the fake Bot API."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from parachute_core.config.schema import TelegramSection
from parachute_core.connectors.telegram.api import Timeouts
from parachute_core.connectors.telegram.connector import Telegram
from parachute_core.model.outgoing import CHAT_ITSELF, Outgoing, Place, Purpose, SendKind
from parachute_core.model.turn import Orchestrator, Transcriber
from parachute_core.testing.bot import RunningBot
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.memory import DictMemory, connector_context
from parachute_core.testing.sockets import FakeLink
from parachute_core.testing.telegram import FakeBotApi
from tests.connectors.running import Connected, Plugins, bot_on, connecting
from tests.connectors.running import status as status_on

SHORT = Timeouts(read=0.5)
"""For tests in which the Bot API does not answer."""


def servers(api: FakeBotApi) -> dict[str, object]:
    return {"base_url": api.base_url, "base_file_url": api.base_file_url}


def connector_for(
    api: FakeBotApi,
    clock: FakeClock | None = None,
    timeouts: Timeouts | None = None,
    memory: DictMemory | None = None,
    **settings: object,
) -> Telegram:
    section = TelegramSection.model_validate({"bot_token": api.token, **servers(api), **settings})
    context = connector_context("telegram", section, clock=clock, memory=memory)
    return Telegram(context, timeouts)


@asynccontextmanager
async def connected(
    api: FakeBotApi,
    *,
    link: FakeLink | None = None,
    timeouts: Timeouts | None = None,
    memory: DictMemory | None = None,
    **settings: object,
) -> AsyncIterator[Connected[Telegram]]:
    """The connector, polling or refused; it is stopped at the end of the block."""
    clock = FakeClock()
    async with connecting(connector_for(api, clock, timeouts, memory, **settings), clock, link) as bot:
        yield bot


def outgoing(
    text: str = "",
    kind: SendKind = SendKind.MESSAGE,
    *,
    chat_id: str = "1",
    target_id: str | None = None,
    final: bool = True,
    place: Place = CHAT_ITSELF,
) -> Outgoing:
    return Outgoing("telegram", chat_id, kind, Purpose.REPLY, "k1.0", text, target_id, final=final, place=place)


@asynccontextmanager
async def whole_bot(
    api: FakeBotApi,
    *,
    allowed: Sequence[str] = ("1",),
    plugins: Plugins | None = None,
    orchestrator: Orchestrator | None = None,
    home: Path | None = None,
    timeouts: Timeouts | None = None,
    state: str = "running",
    transcriber: Transcriber | None = None,
    serve: bool = False,
    **settings: object,
) -> AsyncIterator[RunningBot]:
    """See `bot_on`; entered once the connector's state is `state`."""
    section = {"bot_token": api.token, **servers(api), "allowed_users": [int(one) for one in allowed], **settings}

    def behind_a_proxy(url: str) -> None:
        api.webhooks.proxy = url

    async with bot_on(
        "telegram",
        section,
        partial(Telegram, timeouts=timeouts),
        state=state,
        plugins=plugins,
        orchestrator=orchestrator,
        home=home,
        transcriber=transcriber,
        served=behind_a_proxy if serve else None,
    ) as bot:
        yield bot


def status(bot: RunningBot) -> dict[str, object]:
    return status_on(bot, "telegram")
