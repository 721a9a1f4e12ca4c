"""Which keys differ between two configurations; never their values."""

from dataclasses import dataclass

from parachute_core.config.schema import BotsConfig

PARTS = ("plugins", "required", "orchestrator", "transcriber", "admin")
"""What is not a platform's section: it is read at the start alone."""


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What came of reading `bots.yaml` anew. Names of keys, never their values."""

    changed: tuple[str, ...]
    """What is other than it was read before, as `changed_keys` has it."""
    needs_start: tuple[str, ...]
    """Those of `PARTS` that are other than at the start: they take effect at the next one."""
    followed: bool
    """False: a platform could not follow; its status says why."""


def changed_keys(before: BotsConfig, after: BotsConfig) -> list[str]:
    """The keys whose values are others, by their place in the file (`telegram.enabled`), of parts other than platforms the part alone."""
    old, new = before.sections(), after.sections()
    changed: list[str] = []
    for platform in sorted(old.keys() | new.keys()):
        was, now = (section.model_dump() if section else {} for section in (old.get(platform), new.get(platform)))
        changed += [f"{platform}.{key}" for key in [*now, *(key for key in was if key not in now)] if was.get(key) != now.get(key)]
    return changed + [part for part in PARTS if getattr(before, part) != getattr(after, part)]
