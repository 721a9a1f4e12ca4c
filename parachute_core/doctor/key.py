"""The key of the admin API."""

import os
from collections.abc import Iterator

from parachute_core.admin.key import read_key
from parachute_core.doctor.case import Case
from parachute_core.doctor.check import Check, Severity
from parachute_core.model.errors import ConfigError

SHORTEST, FEWEST = 24, 10
"""Characters, and different ones, that a chosen key should have: 24 hexadecimal digits are 96 bits."""


class KeyWeak(Check):
    """It can be guessed."""

    id = "key-weak"
    severity = Severity.WARNING
    means = f"`admin.key` has fewer than {SHORTEST} characters, or fewer than {FEWEST} different ones"
    advice = "remove `admin.key`, so that a key is made, or choose one: openssl rand -hex 32"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        key = case.admin.key if case.admin else None
        if key and (len(key) < SHORTEST or len(set(key)) < FEWEST):
            yield f"admin.key has {len(key)} characters, {len(set(key))} different ones"


class KeyFileDamaged(Check):
    """It holds no key."""

    id = "key-file-damaged"
    severity = Severity.ERROR
    means = "the file `admin-key` is there and holds no key that the bot made; the bot does not start with it"
    advice = "delete the file; the next start makes a new one"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        path = case.home.key_path
        if (case.admin and case.admin.key) or not os.path.lexists(path):
            return
        try:
            read_key(path)
        except ConfigError as error:
            yield str(error)
