"""A whole bot in a test: the real core, store, config file, plugins and admin app, with fakes only at its seams."""

import asyncio
import json as jsonlib
import random
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from parachute_core.assembly import Bot
from parachute_core.connectors.catalog import Catalog
from parachute_core.home import Home
from parachute_core.hooks.discover import Candidate, candidate, discover
from parachute_core.hooks.shapes import PluginContext
from parachute_core.model.message import Attachment, ChatType, Inbound, Voice
from parachute_core.model.turn import Orchestrator, Transcriber
from parachute_core.runtime import open_bot
from parachute_core.seams import Seams
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.connector import FakeConnector
from parachute_core.testing.orchestrator import ScriptedOrchestrator

PATIENCE = 10.0
"""Real seconds after which something that should have settled is a failed test."""

SECTIONS: Mapping[str, Mapping[str, object]] = {
    "telegram": {"bot_token": "123456:fake-token-of-a-fake-bot"},
    "discord": {"bot_token": "fake-token-of-a-fake-bot"},
    "matrix": {"homeserver_url": "http://127.0.0.1:1", "user_id": "@bot:localhost", "access_token": "fake-token-of-a-fake-bot"},
    "web": {},
}
"""What a platform's section needs besides its allowlist."""

PluginChoice = Mapping[str, Mapping[str, object]] | Sequence[str]
Factory = Callable[[PluginContext[Any]], object]


@dataclass(frozen=True, slots=True)
class Response:
    """An answer of the admin API."""

    status: int
    headers: Mapping[str, str]
    json: Any
    """The decoded body, or None when it is no JSON."""


@dataclass(frozen=True, slots=True)
class RunningBot:
    """A bot that runs, and the fakes at its seams."""

    runtime: Bot
    platform: str
    connector: FakeConnector
    orchestrator: ScriptedOrchestrator
    """What was passed in; unused where a test brings an orchestrator of its own kind."""
    clock: FakeClock
    home: Path

    @property
    def url(self) -> str:
        """Where the admin API is served; only with `serve=True`."""
        return self.runtime.url

    async def say(
        self,
        text: str,
        user_id: str = "1",
        chat_id: str | None = None,
        *,
        name: str | None = None,
        chat_type: ChatType = ChatType.DIRECT,
        addressed: bool = True,
        message_id: str | None = None,
        thread_id: str | None = None,
        voice: Voice | None = None,
        attachments: tuple[Attachment, ...] = (),
    ) -> None:
        """A person writes; returns when the message was judged, not when it is answered. `chat_id` None: the person's direct chat."""
        message = Inbound(
            platform=self.platform,
            chat_id=user_id if chat_id is None else chat_id,
            user_id=user_id,
            text=text,
            message_id=message_id or uuid.uuid4().hex,
            received_at=self.clock.now(),
            chat_type=chat_type,
            user_name=name,
            addressed=addressed,
            thread_id=thread_id,
            voice=voice,
            attachments=attachments,
        )
        await self.connector.link.receive(message)

    async def settled(self) -> None:
        """Return once nothing is being answered or said. Fails when something still is after some real seconds (a retry, say)."""
        async with asyncio.timeout(PATIENCE):
            await self.runtime.intake.idle()

    async def ask(self, text: str, user_id: str = "1", chat_id: str | None = None) -> list[str]:
        """`say`, wait until it is settled, and return what this chat has read since."""
        chat = user_id if chat_id is None else chat_id
        before = len(self.texts(chat))
        await self.say(text, user_id, chat_id)
        await self.settled()
        return self.texts(chat)[before:]

    def texts(self, chat_id: str = "1") -> list[str]:
        """What a person sees in the chat now."""
        return self.connector.texts(chat_id)

    async def request(
        self, method: str, path: str, json: Any = None, headers: Mapping[str, str] | None = None, *, key: bool = True
    ) -> Response:
        """Ask the admin API, with its key unless `key` is False."""
        sent = {**({"Authorization": f"Bearer {self.runtime.key}"} if key else {}), **(headers or {})}
        body = None if json is None else jsonlib.dumps(json)
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        options: dict[str, Any] = {"method": method, "headers": sent, "data": body}
        answer = await self.runtime.server.app.test_client().open(path, **options)
        raw = await answer.get_data(as_text=True)
        try:
            decoded = jsonlib.loads(raw)
        except ValueError:
            decoded = None
        return Response(answer.status_code, dict(answer.headers), decoded)


@asynccontextmanager
async def running_bot(
    plugins: PluginChoice = (),
    *,
    platform: str = "telegram",
    allowed: Sequence[str] = ("1",),
    connector: FakeConnector | None = None,
    orchestrator: Orchestrator | None = None,
    clock: FakeClock | None = None,
    home: Path | None = None,
    extra_plugins: Mapping[str, Factory] | None = None,
    config: str | None = None,
    serve: bool = False,
    watch: bool = False,
    connectors: Catalog | None = None,
    transcriber: Transcriber | None = None,
    environ: Mapping[str, str] | None = None,
    configured: bool = False,
) -> AsyncIterator[RunningBot]:
    """Start a bot with exactly these plugins, and stop it at the end of the block.

    `plugins` names installed ones, with their settings if it is a mapping; its order is theirs. `extra_plugins` are made by
    factories of the test itself. `config` replaces the generated `bots.yaml`; a `home` that has one is used as it is. With
    `serve` the admin API also listens on a free loopback port. With `watch` the bot follows what is changed in `bots.yaml` by
    hand; left out, because looking for it wakes the clock every two seconds. `connectors` brings real ones, which `config` leads
    to servers of the test's own; the fake connector is unused then. `environ` is the bot's environment; None: an empty one.
    With `configured` the orchestrator is the one that `config` names, and not a fake one.
    """
    extras = [candidate(name, factory) for name, factory in (extra_plugins or {}).items()]
    candidates = [*discover(), *extras]
    fake = connector or FakeConnector()
    scripted = orchestrator if isinstance(orchestrator, ScriptedOrchestrator) else ScriptedOrchestrator()
    time = clock or FakeClock()
    async with AsyncExitStack() as stack:
        folder = home or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        place = Home(folder)
        place.prepare()
        if not place.config_path.exists():
            text = config if config is not None else _config_text(plugins, platform, allowed, candidates, extras)
            place.config_path.write_text(text, encoding="utf-8")
            place.config_path.chmod(0o600)
        seams = Seams(
            clock=time,
            rng=random.Random(0),  # noqa: S311 - jitter that is the same in every run
            connectors=connectors or Catalog({platform: lambda _context: fake}),
            plugins=candidates,
            orchestrator=None if configured else orchestrator or scripted,
            transcriber=transcriber,
            watch=watch,
        )
        passing = await stack.enter_async_context(_time_passes_at_the_end(time))
        bot = await stack.enter_async_context(open_bot(place, environ or {}, port=0, seams=seams, serve=serve))
        await time.advance(0)
        try:
            yield RunningBot(bot, platform, fake, scripted, time, folder)
        finally:
            scripted.release()
            passing.set()


@asynccontextmanager
async def _time_passes_at_the_end(clock: FakeClock) -> AsyncIterator[asyncio.Event]:
    """From the moment that the event is set nothing that waits for the clock can hold up the end of a test."""
    ending = asyncio.Event()

    async def wait_and_run() -> None:
        await ending.wait()
        await clock.run()

    task = asyncio.create_task(wait_and_run())
    try:
        yield ending
    finally:
        task.cancel()


def _config_text(
    plugins: PluginChoice, platform: str, allowed: Sequence[str], candidates: Sequence[Candidate], extras: Sequence[Candidate]
) -> str:
    chosen = dict(plugins) if isinstance(plugins, Mapping) else {name: {} for name in plugins}
    on = {*chosen, *(one.name for one in extras)}
    sections = {name: {"enabled": False} for name in sorted({one.name for one in candidates} - on)}
    users = [int(one) for one in allowed] if platform == "telegram" else list(allowed)
    tree = {
        platform: {"enabled": True, **SECTIONS.get(platform, {}), "allowed_users": users},
        "plugins": {**{name: dict(settings) for name, settings in chosen.items()}, **sections},
    }
    return yaml.safe_dump(tree, sort_keys=False)
