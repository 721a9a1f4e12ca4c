"""The way in: every message of every platform goes through `Intake.receive`, and nothing reaches the agent but through here."""

import asyncio
import logging
from dataclasses import dataclass

from parachute_core.correlation import about
from parachute_core.engine import texts
from parachute_core.engine.access import AccessControl
from parachute_core.engine.commands import Commands
from parachute_core.engine.deliveries import Deliveries
from parachute_core.engine.ears import Ears
from parachute_core.engine.ledger import Ledger
from parachute_core.engine.manners import Manners
from parachute_core.engine.once import Once
from parachute_core.engine.overhearing import Overhearing
from parachute_core.engine.people import People
from parachute_core.engine.saying import Voice
from parachute_core.engine.tally import Judged, Judgement, Tally
from parachute_core.engine.turns import Turns
from parachute_core.hooks.call import FailedGate, Hooks
from parachute_core.model.decision import CORE
from parachute_core.model.errors import ConnectionLost, ParachuteError, StoreError
from parachute_core.model.message import ChatRef, Inbound
from parachute_core.store.inbox import Inbox, Taken
from parachute_core.store.sessions import SessionStore
from parachute_core.store.unbroken import unbroken

log = logging.getLogger(__name__)

Place = tuple[ChatRef, str]


@dataclass(frozen=True, slots=True)
class IntakeParts:
    """What judges messages, and takes them over."""

    hooks: Hooks
    access: AccessControl
    people: People
    sessions: SessionStore
    inbox: Inbox
    ledger: Ledger
    turns: Turns
    deliveries: Deliveries
    voice: Voice
    ears: Ears
    overhearing: Overhearing
    manners: Manners
    tally: Tally


class Intake:
    """Who is shut out, gates, access backstop, commands, then the chat's lane."""

    def __init__(self, parts: IntakeParts) -> None:
        self._parts = parts
        self._commands = Commands(parts.sessions, parts.access, parts.turns)
        self._judged_now: dict[Place, asyncio.Future[None]] = {}
        self._refused = Once()
        self._failing = Once()
        self._open = False

    async def receive(self, message: Inbound) -> None:
        """Judge one message, keep it, and queue its turn; returns before it is answered.

        While no messages are taken it never returns: who called must not believe that the message was taken over, and the
        platform delivers it again after the next start. Raises `ConnectionLost` when it cannot be kept, for the same reason.
        """
        if not self._open:
            await asyncio.get_running_loop().create_future()
        if self._parts.access.is_shut_out(message.platform, message.user_id):
            if message.addressed:
                self._parts.tally.judged(message.platform, Judgement(Judged.REFUSED, CORE))
            return
        if not message.addressed:
            self._parts.overhearing.note(message)
            return
        if not message.text.strip() and message.voice is None and not message.attachments:
            return
        with about(platform=message.platform, chat_id=message.chat_id, message_id=message.message_id):
            await self._receive(message)

    async def _receive(self, message: Inbound) -> None:
        place = message.chat, message.message_id
        while (first := self._judged_now.get(place)) is not None:
            await asyncio.wait({first})  # what came twice at once is taken over when the first is, and judged anew when that failed
        judged = self._judged_now[place] = asyncio.get_running_loop().create_future()
        try:
            await self._take(message)
        except StoreError as error:
            self._parts.tally.judged(message.platform, Judgement(Judged.NOT_KEPT))
            log.error("a message could not be kept", extra={"platform": message.platform, "error": str(error)})
            raise ConnectionLost(f"the store takes no messages: {error}") from error
        finally:
            del self._judged_now[place]
            judged.set_result(None)

    def is_open(self) -> bool:
        """Whether messages are taken: not before `open`, not after `close`."""
        return self._open

    def open(self) -> None:
        """Take messages from now on."""
        self._open = True

    async def close(self) -> None:
        """Take no more messages; returns once every message that was taken is answered."""
        self._open = False
        await self.idle()

    async def idle(self) -> None:
        """Return once nothing is being judged, answered or said."""
        while self._judged_now:
            await asyncio.wait(set(self._judged_now.values()))
        await self._parts.turns.idle()
        await self._parts.deliveries.idle()

    async def give_up(self) -> list[ChatRef]:
        """Cancel what is being answered and tell each chat so; returns those chats. May wait for as long as a send does."""
        self._open = False
        chats = await self._parts.turns.abort()
        for chat in chats:
            try:
                await self._parts.voice.say(chat, texts.STOPPING)
            except ParachuteError as error:
                log.debug("a chat could not be told that the bot stops", exc_info=error)
        await self._parts.deliveries.idle()
        return chats

    async def abort(self) -> None:
        """Cancel everything, without a word."""
        self._open = False
        await self._parts.turns.abort()

    async def _take(self, message: Inbound) -> None:
        if self._parts.inbox.knows(message):
            log.debug("a message came again", extra={"platform": message.platform, "chat_id": message.chat_id})
            return
        await self._parts.deliveries.heard(message.chat)
        try:
            judgement = await self._judge(message)
        except StoreError:
            raise
        except Exception as error:
            judgement = Judgement(Judged.FAILED)
            log.error("a message could not be taken", extra={"platform": message.platform, "error": type(error).__name__})
            log.debug("a message could not be taken", exc_info=error)
            await self._say_once(self._failing, message, texts.GATE_FAILED)
        self._parts.tally.judged(message.platform, judgement)

    async def _judge(self, message: Inbound) -> Judgement:
        parts = self._parts
        refusal = await parts.hooks.before_dispatch(message)
        if refusal is not None:
            denial = refusal.denial
            facts = {"platform": message.platform, "chat_id": message.chat_id, "plugin": refusal.plugin, "reason": denial.reason}
            log.debug("refused", extra=facts)
            if isinstance(denial, FailedGate):
                await self._say_once(self._failing, message, texts.GATE_FAILED)
            elif denial.reply:
                await self._answer(message, denial.reply)
            return Judgement(Judged.REFUSED, refusal.plugin)
        self._failing.forget(message.chat)
        if not parts.access.is_allowed(message.platform, message.user_id):
            await self._say_once(self._refused, message, texts.NOT_ALLOWED)
            return Judgement(Judged.REFUSED, CORE)
        self._refused.forget(message.chat)
        parts.people.saw(message)
        if command := self._commands.find(message):
            await self._answer(message, await command(message))
            return Judgement(Judged.COMMAND)
        unreadable = self._unreadable(message)
        if unreadable and not message.text.strip() and (message.voice is None or parts.ears.deaf):
            await self._answer(message, unreadable)
            return Judgement(Judged.UNREADABLE)
        if parts.turns.full(message.chat):
            await self._answer(message, texts.TOO_MANY_WAITING)
            return Judgement(Judged.BUSY)
        await self._queue(message, unreadable)
        return Judgement(Judged.TURN)

    async def _queue(self, message: Inbound, remark: str | None) -> None:
        """From here on the message survives a crash."""
        parts = self._parts
        session = await parts.sessions.current(message.chat)
        live = session.id if session is not None and not session.archived else None
        taken = parts.inbox.new(message, live, parts.access.generation(message.platform, message.user_id))
        # Both or neither, also when whoever brought it goes away: once it is kept it is known, and is not taken when it comes again.
        await unbroken(self._begin(taken, remark))

    async def _begin(self, taken: Taken, remark: str | None) -> None:
        parts, message = self._parts, taken.message
        if remark is None:
            await parts.ledger.write(parts.inbox.put(taken))
        else:
            await parts.voice.say(message.chat, remark, parts.manners.place(message), also=[parts.inbox.put(taken)])
        parts.turns.force(taken)

    def _unreadable(self, message: Inbound) -> str | None:
        """What to say of the parts of a message that the bot cannot take in, or None."""
        if message.voice is not None and self._parts.ears.deaf:
            return texts.CANNOT_HEAR
        return texts.ONLY_TEXT if message.attachments else None

    async def _say_once(self, once: Once, message: Inbound, text: str) -> None:
        if once.first(message.chat):
            try:
                await self._answer(message, text)
            except StoreError:
                once.forget(message.chat)
                raise

    async def _answer(self, message: Inbound, text: str) -> None:
        """Keep an answer that needs no agent, and with it that the message came; it is delivered without being waited for."""
        parts = self._parts
        came = parts.inbox.put(parts.inbox.new(message, None, 0), settled=True)
        await parts.voice.say(message.chat, text, parts.manners.place(message), also=[came])
