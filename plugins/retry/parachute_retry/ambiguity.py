"""What becomes of a message that may have arrived, on a platform that cannot recognise a repetition."""

from parachute_core import Ambiguous, Held, Outgoing
from parachute_retry.settings import Settings, Unknown


def after_unknown(settings: Settings, outgoing: Outgoing, error: Ambiguous) -> Outgoing:
    """The labelled message to send in its place. Raises `Held` where the owner is to decide, and `error` where there is nothing left
    to do: it was sent again already, or is to be dropped.
    """
    if settings.ambiguous is Unknown.HOLD:
        raise Held(error) from error
    if settings.ambiguous is Unknown.DROP or outgoing.again or outgoing.earlier.resent:
        raise error
    return outgoing.sent_again()
