"""What the owner can ask of the desk that cannot be done."""

from parachute_core import ParachuteError


class UnknownRequest(ParachuteError):
    """There is no request of this id."""


class NotPending(ParachuteError):
    """The request was decided or has expired already; its text says how it stands."""


class NotAllowed(ParachuteError):
    """The user whom to revoke is not on the allowlist."""


class NotBlocked(ParachuteError):
    """The person whom to unblock is not blocked."""


class UnknownInvite(ParachuteError):
    """There is no invitation of this id."""


class NotOpen(ParachuteError):
    """The invitation was used or withdrawn, or has expired; its text says how it stands."""


class TooManyInvites(ParachuteError):
    """No more invitations may be open at once."""
