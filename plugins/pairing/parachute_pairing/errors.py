"""What the owner can ask of the desk that cannot be done."""

from parachute_core import ParachuteError


class UnknownRequest(ParachuteError):
    """There is no request of this id."""


class NotPending(ParachuteError):
    """The request was decided or has expired already; its text says how it stands."""


class NotAllowed(ParachuteError):
    """The user whom to revoke is not on the allowlist."""
