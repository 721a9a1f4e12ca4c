"""The environment that a command inherits: the bot's own, without its secrets."""

from collections.abc import Mapping

from parachute_core.model.redaction import SHORTEST
from parachute_core.model.trust import TrustLevel

OWN_PREFIX = "PARACHUTE_"
TRUST_VARIABLE = "PARACHUTE_TRUST_LEVEL"


def child_environment(
    environ: Mapping[str, str], secrets: frozenset[str], added: Mapping[str, str], trust_level: TrustLevel
) -> dict[str, str]:
    """What is left of `environ`, what the owner adds, and the trust level of this turn.

    Left out: every `PARACHUTE_*` variable, and every variable that is or contains a known secret (one too short to be
    told from ordinary text only where it is the whole value).
    """
    long_enough = [secret for secret in secrets if len(secret) >= SHORTEST]
    kept = {
        name: value
        for name, value in environ.items()
        if not name.upper().startswith(OWN_PREFIX) and (not value or value not in secrets) and not any(one in value for one in long_enough)
    }
    return {**kept, **added, TRUST_VARIABLE: trust_level.value}
