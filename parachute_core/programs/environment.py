"""The environment that a program inherits: the bot's own, without its secrets."""

from collections.abc import Mapping

from parachute_core.model.redaction import SHORTEST

OWN_PREFIX = "PARACHUTE_"


def child_environment(
    environ: Mapping[str, str], secrets: frozenset[str], added: Mapping[str, str], told: Mapping[str, str]
) -> dict[str, str]:
    """What is left of `environ`, what the owner adds, and what the bot tells the program of this run, which wins.

    Left out: every `PARACHUTE_*` variable, and every variable that is or contains a known secret (one too short to be
    told from ordinary text only where it is the whole value).
    """
    long_enough = [secret for secret in secrets if len(secret) >= SHORTEST]
    kept = {
        name: value
        for name, value in environ.items()
        if not name.upper().startswith(OWN_PREFIX) and (not value or value not in secrets) and not any(one in value for one in long_enough)
    }
    return {**kept, **added, **told}
