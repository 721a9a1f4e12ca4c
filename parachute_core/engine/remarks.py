"""What the agent says beside its answer: each a message of its own, and said once, however often the turn is begun."""

import hashlib
from collections import Counter

from parachute_core.engine.posting import Fate
from parachute_core.engine.saying import Origin, Voice
from parachute_core.model.errors import Withheld
from parachute_core.model.outgoing import Place
from parachute_core.model.parcel import Grant
from parachute_core.store.inbox import Taken
from parachute_core.store.outbox import Outbox


class Remarks:
    """Those of one turn."""

    def __init__(self, voice: Voice, outbox: Outbox, taken: Taken, place: Place, grant: Grant, session_id: str) -> None:
        self._voice = voice
        self._outbox = outbox
        self._taken = taken
        self._place = place
        self._grant = grant
        self._session_id = session_id
        self._said: Counter[str] = Counter()

    def take_up(self) -> None:
        """What an earlier try of the turn said, or is on its way, is not said again. Raises `StoreError`."""
        self._said = Counter(self._outbox.remarks(self._taken.number))

    async def say(self, text: str) -> None:
        """Say it, unless it was. Raises `Withheld` when it may not leave: then nothing of the turn may; `StoreError`."""
        if not text.strip():
            return
        # An agent that is asked anew may say other things this time: known is what reads the same, so that nothing is left out.
        mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        if self._said[mark]:
            self._said[mark] -= 1
            return
        origin = Origin(self._taken.number, session_id=self._session_id, grant=self._grant, mark=mark)
        posting = await self._voice.say(self._taken.message.chat, text, self._place, origin)
        if posting is not None and (await posting.outcome()).fate is Fate.WITHHELD:
            raise Withheld("a remark was withheld")
