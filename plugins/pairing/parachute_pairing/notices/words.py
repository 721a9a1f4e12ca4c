"""The owner's word on requests, in a chat: typed, or by a button. Whose word it is, is decided by the platform's immutable id alone."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from parachute_core import Deny, Inbound, Notifier, ParachuteError, PluginContext, Purpose, TrustLevel
from parachute_pairing.blocks.blocking import Blocking
from parachute_pairing.desk import Desk
from parachute_pairing.errors import NotPending, UnknownRequest
from parachute_pairing.notices import wording
from parachute_pairing.request import PairingRequest, RequestStatus
from parachute_pairing.settings import Notify, Settings
from parachute_pairing.store import PairingStore

WORDS = frozenset({wording.APPROVE, wording.DENY, wording.BLOCK, wording.LIST})
LONGEST_ID = 16


class OwnersWords:
    """Takes what the owner says; whatever others say is no word of the owner's."""

    def __init__(self, context: PluginContext[Settings], store: PairingStore, desk: Desk, blocking: Blocking) -> None:
        self._notify: Notify | None = context.settings.notify
        self._notifier: Notifier = context.notifier
        self._as_owner: Callable[[], AbstractContextManager[None]] = context.as_owner
        self._store = store
        self._desk = desk
        self._blocking = blocking

    async def judge(self, message: Inbound) -> Deny | None:
        """None: it is no word on requests, or nobody's who counts. Raises `StoreError`."""
        if message.command not in WORDS:
            return None
        if not self._is_owner(message):
            # Typed, it is a message like any other; pressed, it is nothing that anybody wrote.
            return Deny("a button that is not theirs") if message.button else None
        with self._as_owner():
            return Deny("the owner's word on requests", await self._obey(message))

    def _is_owner(self, message: Inbound) -> bool:
        notify = self._notify
        return notify is not None and (message.platform, message.user_id) == (notify.platform, notify.user_id)

    async def _obey(self, message: Inbound) -> str | None:
        """What to answer; None: it is answered already."""
        word, rest = str(message.command), message.text.split()[1:]
        if word == wording.LIST:
            text, buttons = wording.waiting((await self._store.pending())[::-1])
            await self._notifier.send(message.chat, text, Purpose.NOTICE, buttons)
            return None
        if not rest or len(rest[0]) > LONGEST_ID or not rest[0].isalnum():
            return wording.WHICH.format(word=word)
        request_id = rest[0].lower()
        try:
            return await self._decide(word, request_id, message)
        except UnknownRequest:
            return wording.UNKNOWN.format(id=request_id)
        except NotPending:
            return self._decided(await self._store.found(request_id))
        except ParachuteError as error:
            return wording.IN_VAIN.format(problem=error)

    async def _decide(self, word: str, request_id: str, message: Inbound) -> str:
        if word == wording.APPROVE:
            level = _level(message.text.split()[2:])
            return wording.approved(await self._desk.approve(request_id, level), level) if level is not None else wording.LEVELS
        if word == wording.DENY:
            return wording.denied(await self._desk.deny(request_id))
        await self._desk.expire()
        request = await self._store.found(request_id)
        if message.button and request.status is not RequestStatus.PENDING:
            return self._decided(request) + wording.BLOCK_ALL_THE_SAME.format(id=request_id)
        await self._blocking.block_author(request_id)
        return wording.blocked(request)

    @staticmethod
    def _decided(request: PairingRequest) -> str:
        return wording.DECIDED.format(id=request.id, status=request.status.value)


def _level(rest: list[str]) -> TrustLevel | None:
    """The level behind the id; sandboxed where none stands. None: it names none."""
    try:
        return TrustLevel(rest[0].lower()) if rest else TrustLevel.SANDBOXED
    except ValueError:
        return None
