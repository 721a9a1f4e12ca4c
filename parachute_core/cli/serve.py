"""Runs the bot until a signal comes."""

import logging
import os
from contextlib import suppress

from parachute_core.cli.output import result
from parachute_core.cli.signals import Signals, Wish
from parachute_core.cli.systemd import ServiceManager
from parachute_core.clock import SystemClock
from parachute_core.home import Home
from parachute_core.model.errors import ConfigError
from parachute_core.model.redaction import Redactor
from parachute_core.runtime import open_bot

log = logging.getLogger(__name__)


async def serve(home: Home, host: str | None, port: int | None, redactor: Redactor, *, as_json: bool) -> None:
    """Start the bot, say where it is, and stop it when told to. Raises what `open_bot` raises."""
    manager = ServiceManager(os.environ, SystemClock())
    async with Signals() as signals, open_bot(home, os.environ, host=host, port=port, redactor=redactor) as bot:
        loaded = bot.config.current
        for warning in loaded.warnings:
            log.warning("%s", warning)
        facts = {"url": bot.url, "config": str(home.config_path)}
        if loaded.config.admin.key is None:
            facts["key_file"] = str(home.key_path)
        path = bot.services.logins.link_path()
        redactor.add(path.partition("#")[2])
        facts["desk_link"] = f"{bot.url}{path}"
        if loaded.config.web is not None and loaded.config.web.enabled:
            token = bot.owner_tokens.issue()
            redactor.add(token)
            facts["owner_link"] = f"{bot.url}/chat#owner={token}"
        with home.announced(bot.url):
            result(facts, as_json=as_json, text=_told(facts))
            status = f"listening on {bot.url}"
            async with manager.watching(bot.store.answers):
                manager.ready(status)
                while await signals.next() is Wish.RELOAD:
                    manager.reloading()
                    with suppress(ConfigError):  # told in the log, problem by problem
                        await bot.watch.look()
                    manager.ready(status)
            manager.stopping()
            log.info("stopping", extra={"signal": signals.name})
    log.info("stopped")


def _told(facts: dict[str, str]) -> str:
    return "\n".join(
        (
            f"listening on   {facts['url']}",
            f"configuration  {facts['config']}",
            f"admin key      {facts.get('key_file', 'admin.key of the configuration')}",
            f"your desk      {facts['desk_link']}  (works once)",
            *((f"your chat      {facts['owner_link']}  (works once)",) if "owner_link" in facts else ()),
        )
    )
