"""A code on the doorstep: who brings a good one is let in past the queue, and who guesses is soon not listened to."""

from logging import Logger

from parachute_core import Clock, Deny, Inbound, ParachuteError, StoreError
from parachute_pairing import texts
from parachute_pairing.hourly import Hourly
from parachute_pairing.invitations.codes import code_in
from parachute_pairing.invitations.invites import Invites
from parachute_pairing.invitations.tries import Tries
from parachute_pairing.settings import Settings

WORDS_AN_HOUR = 100
"""Strangers' wrong codes on one platform that are answered within an hour; the others meet silence."""


class Doorstep:
    """Takes a stranger's message in a direct chat."""

    def __init__(self, invites: Invites, settings: Settings, clock: Clock, log: Logger) -> None:
        self._invites = invites
        self._tries = Tries(settings.invite_pause, settings.guesses_per_hour, clock)
        self._words = Hourly(WORDS_AN_HOUR, clock)
        self._log = log

    async def judge(self, message: Inbound) -> Deny | None:
        """None: the message brings no code. Raises `StoreError`."""
        code, platform, user_id = code_in(message), message.platform, message.user_id
        if code is None:
            return None
        if not self._tries.may(platform, user_id):
            return Deny("stranger: a code during the pause")
        try:
            let_in = await self._invites.redeem(message, code)
        except StoreError:
            raise
        except ParachuteError as error:
            self._log.error("an invited person could not be let in", extra={"platform": platform, "error": type(error).__name__})
            return Deny("stranger: a good code, in vain", texts.TRY_LATER)
        if let_in:
            self._tries.forget(platform, user_id)
            return Deny("invited: let in", texts.WELCOME)
        left = self._tries.wrong(platform, user_id)
        if not self._words.take(platform):
            return Deny("stranger: a wrong code")
        return Deny("stranger: a wrong code", texts.WRONG_CODE if left else texts.NO_MORE_TRIES)
