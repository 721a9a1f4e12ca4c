"""What a message of someone who is not on the allowlist leads to."""

from parachute_core import Access, ChatType, Deny, Inbound
from parachute_pairing import texts
from parachute_pairing.desk import Desk
from parachute_pairing.invitations.doorstep import Doorstep
from parachute_pairing.notices.words import OwnersWords
from parachute_pairing.request import Asked
from parachute_pairing.terms import Terms
from parachute_pairing.turned_away import TurnedAway


class Gate:
    """Lets allowed users pass without a look at the database; anyone else is denied, whatever the message says.

    The blocked do not get here.
    """

    def __init__(self, access: Access, terms: Terms, words: OwnersWords, doorstep: Doorstep, desk: Desk, turned_away: TurnedAway) -> None:
        self._access = access
        self._terms = terms
        self._words = words
        self._doorstep = doorstep
        self._desk = desk
        self._turned_away = turned_away

    async def judge(self, message: Inbound) -> Deny | None:
        """None for an allowed user. Otherwise a `Deny`, which speaks at most once for each thing that happened."""
        platform, user_id, command = message.platform, message.user_id, message.command
        if command is not None and (obeyed := await self._words.judge(message)) is not None:
            return obeyed
        over = self._terms.over((platform, user_id))
        if over:
            await self._desk.end_terms()
        if self._access.is_allowed(platform, user_id):
            if over and self._terms.over((platform, user_id)):
                return Deny("the grant is over, and could not be ended in the list")
            # What stands behind /pair is not for the agent, where it would stand in a history.
            return Deny("allowed: brings a code", texts.INSIDE) if command == "pair" else None
        if message.chat_type is not ChatType.DIRECT:
            return Deny("stranger in a group")
        return await self._doorstep.judge(message) or await self._ask(message)

    async def _ask(self, message: Inbound) -> Deny | None:
        answer = await self._desk.ask(message)
        if answer.asked is Asked.ALLOWED:
            return None
        if answer.asked is Asked.BLOCKED:
            return Deny("blocked")
        if answer.asked is Asked.OPENED:
            self._turned_away.forget(message.platform, message.user_id)
            return Deny("stranger: request opened", texts.REQUESTED.format(id=answer.request_id))
        if answer.asked is Asked.REMINDED:
            return Deny("stranger: request pending", texts.WAITING.format(id=answer.request_id))
        if answer.asked is Asked.FULL:
            tell = self._turned_away.note(message.platform, message.user_id)
            return Deny("stranger: no room for a request", texts.FULL if tell else None)
        return Deny("stranger: request pending, reminded already")
