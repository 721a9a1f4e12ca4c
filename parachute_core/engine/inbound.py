"""The way in: every message of every platform goes through `Intake.receive`, and nothing reaches the agent but through here."""

import asyncio
import logging

from parachute_core.engine import texts
from parachute_core.engine.access import AccessControl
from parachute_core.engine.commands import Commands
from parachute_core.engine.ears import Ears
from parachute_core.engine.manners import Manners
from parachute_core.engine.once import Once
from parachute_core.engine.outbound import Outbound
from parachute_core.engine.overhearing import Overhearing
from parachute_core.engine.turn import TurnRunner
from parachute_core.hooks.call import FailedGate, Hooks
from parachute_core.lanes import Lanes
from parachute_core.model.errors import ParachuteError
from parachute_core.model.message import ChatRef, Inbound
from parachute_core.model.outgoing import CHAT_ITSELF, Place, Purpose
from parachute_core.store.sessions import SessionStore

WAITING_TURNS = 32
"""Most messages of one chat that wait while another is answered."""
WAITING_NOTICES = 8
"""Most refusals and command answers of one chat that wait to be sent; what comes on top is not said."""
RECOGNISED = 20_000
"""Messages that are recognised when a platform delivers them again."""

log = logging.getLogger(__name__)


class Intake:
    """Gates, access backstop, commands, then the chat's lane."""

    def __init__(
        self,
        hooks: Hooks,
        access: AccessControl,
        sessions: SessionStore,
        outbound: Outbound,
        turns: TurnRunner,
        ears: Ears,
        overhearing: Overhearing,
        manners: Manners,
    ) -> None:
        self._hooks = hooks
        self._access = access
        self._sessions = sessions
        self._outbound = outbound
        self._turns = turns
        self._ears = ears
        self._overhearing = overhearing
        self._manners = manners
        self._answering = Lanes(WAITING_TURNS)
        self._notices = Lanes(WAITING_NOTICES)
        self._commands = Commands(sessions, access, self._answering)
        self._taken = Once(RECOGNISED)
        self._refused = Once()
        self._failing = Once()
        self._open = False
        self._judging = 0
        self._judged = asyncio.Event()

    async def receive(self, message: Inbound) -> None:
        """Judge one message and queue its turn; returns before it is answered. Never raises an `Exception`.

        While no messages are taken it never returns either: who called must not believe that the message was taken over, and
        the platform delivers it again after the next start.
        """
        if not self._open:
            await asyncio.get_running_loop().create_future()
        if not message.addressed:
            self._overhearing.note(message)
            return
        if not message.text.strip() and message.voice is None and not message.attachments:
            return
        if not self._taken.first((message.chat, message.message_id)):
            log.debug("a message came again", extra={"platform": message.platform, "chat_id": message.chat_id})
            return
        self._judging += 1
        try:
            await self._judge(message)
        except Exception as error:
            log.error("a message could not be taken", extra={"platform": message.platform, "error": type(error).__name__})
            log.debug("a message could not be taken", exc_info=error)
            self._say_once(self._failing, message, texts.GATE_FAILED)
        except asyncio.CancelledError:
            self._taken.forget((message.chat, message.message_id))
            raise
        finally:
            self._judging -= 1
            self._judged.set()

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
        while self._judging:
            self._judged.clear()
            await self._judged.wait()
        await self._answering.idle()
        await self._notices.idle()

    async def give_up(self) -> list[ChatRef]:
        """Cancel what is being answered and tell each chat so; returns those chats. May wait for as long as a send does."""
        self._open = False
        chats = await self._answering.abort()
        for chat in chats:
            self._say(chat, texts.STOPPING, CHAT_ITSELF)
        await self._notices.idle()
        return chats

    async def abort(self) -> None:
        """Cancel everything, without a word."""
        self._open = False
        await self._answering.abort()
        await self._notices.abort()

    async def _judge(self, message: Inbound) -> None:
        denial = await self._hooks.before_dispatch(message)
        if denial is not None:
            log.debug("refused", extra={"platform": message.platform, "chat_id": message.chat_id, "reason": denial.reason})
            if isinstance(denial, FailedGate):
                self._say_once(self._failing, message, texts.GATE_FAILED)
            elif denial.reply:
                self._answer(message, denial.reply)
            return
        self._failing.forget(message.chat)
        if not self._access.is_allowed(message.platform, message.user_id):
            self._say_once(self._refused, message, texts.NOT_ALLOWED)
            return
        self._refused.forget(message.chat)
        if command := self._commands.find(message):
            self._answer(message, await command(message))
            return
        if unreadable := self._unreadable(message):
            self._answer(message, unreadable)
            if not message.text.strip() and (message.voice is None or self._ears.deaf):
                return
        session = await self._sessions.current(message.chat)
        live = session.id if session is not None and not session.archived else None
        if not self._answering.submit(message.chat, lambda: self._turns.run(message, live)):
            self._answer(message, texts.TOO_MANY_WAITING)

    def _unreadable(self, message: Inbound) -> str | None:
        """What to say of the parts of a message that the bot cannot take in, or None."""
        if message.voice is not None and self._ears.deaf:
            return texts.CANNOT_HEAR
        return texts.ONLY_TEXT if message.attachments else None

    def _say_once(self, once: Once, message: Inbound, text: str) -> None:
        if once.first(message.chat):
            self._answer(message, text)

    def _answer(self, message: Inbound, text: str) -> None:
        self._say(message.chat, text, self._manners.place(message))

    def _say(self, chat: ChatRef, text: str, place: Place) -> None:
        """Send a text that is no answer, without waiting for it: a refusal must not hold up the platform's next message."""

        async def send() -> None:
            try:
                await self._outbound.send(chat, text, Purpose.NOTICE, place=place)
            except ParachuteError as error:
                log.debug("a notice was not delivered", exc_info=error)

        if not self._notices.submit(chat, send):
            log.warning("too many notices wait for a chat", extra={"platform": chat.platform, "chat_id": chat.chat_id})
