"""Changing the config over HTTP: merge, write, and let the bot follow, one request at a time."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Collection, Sequence

from parachute_core.admin.changes import Wish
from parachute_core.admin.errors import refuse
from parachute_core.admin.services import AdminServices
from parachute_core.admin.view import lists
from parachute_core.config.changes import Changes
from parachute_core.config.differences import changed_keys
from parachute_core.config.read import LoadedConfig
from parachute_core.engine.register import Register
from parachute_core.model.decision import BY_HAND, Decision, What
from parachute_core.model.errors import ConfigError, ParachuteError

MOST_CLIENTS = 64
"""Clients whose last view of the config is remembered."""
ANY = "*"

Client = tuple[str | None, str | None]
"""Address and program of whoever asks."""

log = logging.getLogger(__name__)


class Views:
    """What each client was last shown. One that was shown nothing yet has, at best, seen what was there at the start."""

    def __init__(self, first: Changes) -> None:
        self._first = first
        self._shown: OrderedDict[Client, Changes] = OrderedDict()

    def show(self, client: Client, loaded: LoadedConfig) -> None:
        """The client is being shown this config."""
        self._shown[client] = lists(loaded)
        self._shown.move_to_end(client)
        while len(self._shown) > MOST_CLIENTS:
            self._shown.popitem(last=False)

    def seen_by(self, client: Client) -> Changes:
        """The lists that the client knows of."""
        return self._shown.get(client, self._first)


def note_changed(register: Register, asked: Sequence[str], by_hand: Sequence[str]) -> None:
    """Put on record which keys are others now: those that somebody asked for, and those that an editor had changed."""
    for who, keys in ((None, asked), (BY_HAND, by_hand)):
        if keys:
            register.note(Decision(What.CONFIG_CHANGED, who, why=", ".join(keys)))


class Settings:
    """The config as clients see and change it."""

    def __init__(self, services: AdminServices) -> None:
        self._services = services
        self._lock = asyncio.Lock()
        self._views = Views(lists(services.config.current))

    def show(self, client: Client) -> LoadedConfig:
        """The present config, remembered as what this client saw."""
        loaded = self._services.config.current
        self._views.show(client, loaded)
        return loaded

    async def change(self, wish: Wish, client: Client, if_match: Collection[str]) -> list[str]:
        """Write the changes to `bots.yaml` and follow them; returns warnings, none when all went well.

        `if_match`: revisions of which the present one must be one, `*` among them for any; empty: not asked. Lists are merged: what was
        added since the client looked stays. Ends the request with 409 or 412 for another revision, with 422 where the file
        does not take the change; then nothing was changed.
        """
        seen = self._views.seen_by(client)  # as it came in: answers to requests before it were not read yet
        async with self._lock:
            before = self._services.config.current
            if if_match and before.revision not in if_match and ANY not in if_match:
                refuse(412, "the config was changed meanwhile; read it again")
            if wish.revision is not None and wish.revision != before.revision:
                refuse(409, "the config was changed meanwhile; read it again")
            if not wish.changes:
                return []
            named = wish.revision is not None or before.revision in if_match
            base = lists(before) if named else seen
            try:
                loaded = await asyncio.to_thread(self._services.config.update, wish.changes, base)
            except ConfigError as error:
                refuse(422, wish.without_secrets("; ".join(error.problems)))
            self._services.redactor.add(*loaded.secrets)
            self._record(before, loaded, wish)
            await self._services.access.refresh()
            return await self._follow()

    def _record(self, before: LoadedConfig, after: LoadedConfig, wish: Wish) -> None:
        """Which keys are others now: those that were asked for, and those that an editor had changed and nobody had looked at yet."""
        changed = changed_keys(before.config, after.config)
        wanted = {f"{platform}.{key}" for platform, section in wish.changes.items() for key in section}
        note_changed(self._services.register, [one for one in changed if one in wanted], [one for one in changed if one not in wanted])

    async def _follow(self) -> list[str]:
        """The change is written by now, so what fails here is told beside the success."""
        try:
            await self._services.fleet.follow()
        except ParachuteError as error:
            log.error("a platform did not follow the new config", extra={"error": type(error).__name__})
            return ["the config is saved, and a platform could not follow it; see its status"]
        return []
