"""How much an allowed user's turns may do."""

from enum import StrEnum


class TrustLevel(StrEnum):
    """`direct` runs on the host, `sandboxed` does not. What cannot be read as one of these is `None`, and refused."""

    DIRECT = "direct"
    SANDBOXED = "sandboxed"


LEGACY_NAMES = {
    "direct": TrustLevel.DIRECT,
    "trusted": TrustLevel.DIRECT,
    "full": TrustLevel.DIRECT,
    "vault": TrustLevel.DIRECT,
    "sandboxed": TrustLevel.SANDBOXED,
    "untrusted": TrustLevel.SANDBOXED,
}
"""Names in existing config files, compared without case. Anything else is an error."""


def read_trust(value: object) -> TrustLevel | None:
    """The level that `value` names, legacy names included, or None when it names none."""
    return LEGACY_NAMES.get(value.lower()) if isinstance(value, str) else None


def lower_of(one: TrustLevel, other: TrustLevel) -> TrustLevel:
    """The more restricted of two levels."""
    return TrustLevel.SANDBOXED if TrustLevel.SANDBOXED in (one, other) else TrustLevel.DIRECT
