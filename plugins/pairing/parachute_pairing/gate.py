"""What a message of someone who is not on the allowlist leads to."""

from parachute_core import Access, ChatType, Deny, Inbound
from parachute_pairing import texts
from parachute_pairing.desk import Desk
from parachute_pairing.request import Asked
from parachute_pairing.turned_away import TurnedAway


class Gate:
    """Lets allowed users pass without a look at the database; anyone else is denied, whatever the message says."""

    def __init__(self, access: Access, desk: Desk, turned_away: TurnedAway) -> None:
        self._access = access
        self._desk = desk
        self._turned_away = turned_away

    async def judge(self, message: Inbound) -> Deny | None:
        """None for an allowed user. Otherwise a `Deny`, which speaks at most once for each thing that happened."""
        if self._access.is_allowed(message.platform, message.user_id):
            return None
        if message.chat_type is not ChatType.DIRECT:
            return Deny("stranger in a group")
        answer = await self._desk.ask(message)
        if answer.asked is Asked.ALLOWED:
            return None
        if answer.asked is Asked.OPENED:
            self._turned_away.forget(message.platform, message.user_id)
            return Deny("stranger: request opened", texts.REQUESTED.format(id=answer.request_id))
        if answer.asked is Asked.REMINDED:
            return Deny("stranger: request pending", texts.WAITING.format(id=answer.request_id))
        if answer.asked is Asked.FULL:
            tell = self._turned_away.note(message.platform, message.user_id)
            return Deny("stranger: too many requests pending", texts.FULL if tell else None)
        return Deny("stranger: request pending, reminded already")
