"""The `bots.yaml` of a home: read, and edited so that everything else in it stays as its owner wrote it."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

from parachute_core.config.changes import Changes, edits_for, removal
from parachute_core.config.disk import locked, replace_file
from parachute_core.config.edits import Add, Edit, Switch, carry_out
from parachute_core.config.platforms import PLATFORMS
from parachute_core.config.read import NO_SECTIONS, LoadedConfig, Sections, load_text, read_config
from parachute_core.hooks.settings import is_enabled
from parachute_core.model.errors import ConfigError, PluginRequired

LOCK_WAIT = 30.0
"""Seconds that a writer waits for another one."""
TRIES = 5
"""How often a change is made anew when an editor saves the file in the middle of it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a change found and made, under the file's lock."""

    known: LoadedConfig
    """`current` before it: where `found` is other, somebody edited the file by hand, and nobody had looked at it yet."""
    found: LoadedConfig
    after: LoadedConfig
    """`found` itself where there was nothing to do."""


class ConfigFile:
    """One file. Every method but `current` blocks on the disk; all may be called from any thread.

    Each change reads the file afresh under a lock that holds across processes, so nothing that others changed is lost.
    Raises `ConfigError` where the file cannot be read, is not valid, or cannot be changed safely; then it is as it was.
    """

    def __init__(
        self, path: Path, environ: Mapping[str, str], extra_sections: Sections = NO_SECTIONS, *, lock_wait: float = LOCK_WAIT
    ) -> None:
        self.path = path
        self._environ = environ
        self._extra = extra_sections
        self.models: Sections = {**extra_sections, **PLATFORMS}
        """The model of each platform's section."""
        self._lock_wait = lock_wait
        self._mutex = RLock()
        self._current: LoadedConfig | None = None

    @property
    def current(self) -> LoadedConfig:
        """What was read or written last. Raises `ConfigError` when that was never done."""
        if self._current is None:
            raise ConfigError(f"{self.path}: was not read yet")
        return self._current

    def load(self) -> LoadedConfig:
        """Read the file. When it cannot be used, `current` stays what it was."""
        with self._mutex:
            self._current = read_config(self.path, self._environ, self._extra)
            return self._current

    def add_allowed(self, platform: str, user_id: str) -> LoadedConfig:
        """Put an id on the platform's allowlist (a room's id on that of the rooms); nothing is written when it is there."""
        model = self.models.get(platform)
        if model is None:
            raise ConfigError(f"{platform}: unknown section")
        fitting = next((one for one in model.id_lists.items() if one[1].fits(user_id)), None)
        if fitting is None:
            raise ConfigError(f"{platform}: expected {' or '.join(form.expected for form in model.id_lists.values())}")
        key, form = fitting

        def plan(loaded: LoadedConfig) -> list[Edit]:
            section = loaded.config.sections().get(platform)
            present = section is not None and user_id in getattr(section, key)
            return [] if present else [Add(platform, key, (user_id,), form)]

        return self._change(plan).after

    def switch_plugin(self, name: str, *, enabled: bool) -> Change:
        """Switch a plugin on or off, at the next start; nothing is written when the file says so already.

        Raises `PluginRequired` where the file says that the bot does not start without it.
        """

        def plan(loaded: LoadedConfig) -> list[Edit]:
            if name in loaded.config.required and not enabled:
                raise PluginRequired(name)
            return [] if is_enabled(loaded.config.plugins, name, None) is enabled else [Switch(name, enabled)]

        return self._change(plan)

    def remove_allowed(self, platform: str, user_id: str) -> bool:
        """Take an id off every list of the platform. False: it was on none."""
        found: list[Edit] = []

        def plan(loaded: LoadedConfig) -> list[Edit]:
            section = loaded.config.sections().get(platform)
            lists = section.id_lists.items() if section else ()
            found[:] = [edit for key, form in lists if (edit := removal(loaded, platform, key, form, (user_id,)))]
            return found

        self._change(plan)
        return bool(found)

    def update(self, changes: Changes, base: Changes | None = None) -> LoadedConfig:
        """Give keys of the platforms' sections new values.

        `changes`: `{section: {key: value}}`; a key that is absent or None stays as it is, so does a token that is empty. `base`:
        what the client had read before, in the same shape (None, or nothing for a key: what the file says now). Of the lists of
        ids only the difference between `base` and `changes` is applied; another value that equals `base` is no change.
        """
        return self._change(lambda loaded: edits_for(loaded, self.models, changes, base)).after

    def _change(self, plan: Callable[[LoadedConfig], Sequence[Edit]]) -> Change:
        target = Path(os.path.realpath(self.path))  # a link stays one
        if not target.exists():
            raise ConfigError(f"{self.path}: there is no such file")
        with self._mutex, locked(target, self._lock_wait):
            for _ in range(TRIES):
                found = read_config(self.path, self._environ, self._extra)
                known = self._current or found
                edits = plan(found)
                if not edits:
                    self._current = found
                    return Change(known, found, found)
                after = carry_out(found.document, edits, lambda content: load_text(self.path, content, self._environ, self._extra))
                if replace_file(target, found.document.text.encode(), after.document.text.encode()):
                    self._current = after
                    return Change(known, found, after)
        raise ConfigError(f"{self.path}: is being changed by somebody else all the time; nothing was changed")
