"""One turn: the session, the question to the agent, the answer into the chat. Whatever goes wrong, the user reads one plain sentence."""

import logging
from contextlib import aclosing

from parachute_core.clock import Clock, within
from parachute_core.engine import texts
from parachute_core.engine.access import AccessControl
from parachute_core.engine.ears import Ears
from parachute_core.engine.manners import Manners
from parachute_core.engine.outbound import Outbound
from parachute_core.engine.overhearing import Overhearing, escaped_name
from parachute_core.engine.presence import Presence
from parachute_core.engine.reply import Reply
from parachute_core.model.errors import OrchestratorError, OrchestratorFault, SendError, StoreError, TranscriberError, Withheld
from parachute_core.model.message import ChatType, Inbound
from parachute_core.model.outgoing import Purpose
from parachute_core.model.session import Session
from parachute_core.model.trust import TrustLevel
from parachute_core.model.turn import Done, Notice, Orchestrator, TextDelta, Turn, Usage
from parachute_core.store.sessions import SessionStore

DEADLINE = 600.0
"""Seconds after which an answer that is still not complete is given up, whatever the orchestrator's own limit."""

log = logging.getLogger(__name__)


class TurnRunner:
    """Runs turns. One of them at a time for each chat: its lane sees to that."""

    def __init__(
        self,
        access: AccessControl,
        sessions: SessionStore,
        orchestrator: Orchestrator,
        outbound: Outbound,
        ears: Ears,
        overhearing: Overhearing,
        manners: Manners,
        clock: Clock,
    ) -> None:
        self._ears = ears
        self._overhearing = overhearing
        self._manners = manners
        self._access = access
        self._sessions = sessions
        self._orchestrator = orchestrator
        self._outbound = outbound
        self._clock = clock

    async def run(self, message: Inbound, session_id: str | None) -> None:
        """Answer `message`. `session_id`: the chat's live session when the message came, or None when it had none."""
        trust = self._access.trust(message.platform, message.user_id, message.chat_type)
        if trust is None:
            await self._refuse(message)
            return
        presence = Presence(self._outbound, message)
        try:
            session = await self._session(message, session_id, trust)
            await presence.begin(session, ack=self._manners.acks(message.platform))
            await self._answer(message, await self._ears.text_of(message), session, trust)
        except Withheld as withheld:
            log.info("an answer was withheld", extra={"platform": message.platform, "chat_id": message.chat_id, "reason": withheld.reason})
            if withheld.reply:
                await self._say(message, withheld.reply)
        except SendError:
            return  # recorded on the way out
        except TranscriberError as error:
            log.warning("a voice message was not understood", extra={"platform": message.platform, "error": str(error)})
            await self._say(message, texts.NOT_UNDERSTOOD)
        except Exception as error:
            log.error("a turn failed", extra={"platform": message.platform, "chat_id": message.chat_id, "error": type(error).__name__})
            log.debug("a turn failed", exc_info=error)
            await self._say(message, texts.TROUBLE[OrchestratorFault.INTERNAL])
        finally:
            await presence.end()

    async def _refuse(self, message: Inbound) -> None:
        """The sender's access ended, or became unreadable, while the message waited."""
        log.info("a waiting message was refused", extra={"platform": message.platform, "chat_id": message.chat_id})
        allowed = self._access.is_allowed(message.platform, message.user_id)
        await self._say(message, texts.NO_TRUST if allowed else texts.NOT_ALLOWED)

    async def _session(self, message: Inbound, session_id: str | None, trust: TrustLevel) -> Session:
        """The session that the message belongs to: the one it was sent into, also when that ended while it waited."""
        current = await self._sessions.current(message.chat)
        if current is not None and (not current.archived or current.id == session_id):
            return current
        return await self._sessions.open(message.chat, message.chat_type, message.user_id, trust, replace=False)

    async def _answer(self, message: Inbound, text: str, session: Session, trust: TrustLevel) -> None:
        place = self._manners.place(message)
        reply = Reply(self._outbound, session, message.chat, place, self._clock)
        sender = escaped_name(message) if message.chat_type is ChatType.GROUP else None
        overheard = self._overhearing.take(message.chat)
        turn = Turn(session.id, text, await self._sessions.history(session.id), DEADLINE, trust, sender, overheard)
        trouble: str | None = None
        try:
            await within(self._clock, DEADLINE, self._collect(turn, reply, message))
        except OrchestratorError as error:
            log.warning("the orchestrator failed", extra={"session_id": session.id, "kind": error.kind.value})
            reply.text = reply.text or error.partial
            trouble = texts.BROKEN_OFF if reply.text.strip() else texts.TROUBLE[error.kind]
        except TimeoutError:
            log.warning("the orchestrator did not end in time", extra={"session_id": session.id})
            trouble = texts.BROKEN_OFF if reply.text.strip() else texts.TROUBLE[OrchestratorFault.TIMEOUT]
        if not reply.text.strip():
            await self._outbound.send(message.chat, trouble or texts.NO_ANSWER, Purpose.NOTICE, session.id, place=place)
            return
        await self._deliver(reply, message)
        if trouble:
            await self._outbound.send(message.chat, trouble, Purpose.NOTICE, session.id, place=place.unquoted)
        await self._remember(session, text, reply.text)

    async def _deliver(self, reply: Reply, message: Inbound) -> None:
        try:
            await reply.finish()
        except Withheld:
            raise
        except SendError:
            if reply.begun:
                await self._say(message, texts.INCOMPLETE)
            raise

    async def _remember(self, session: Session, question: str, answer: str) -> None:
        """The answer is delivered; that it cannot be kept is the owner's trouble, not the user's."""
        try:
            await self._sessions.finish_turn(session.id, question, answer)
        except StoreError as error:
            log.error("a turn could not be kept", extra={"session_id": session.id, "error": str(error)})

    async def _collect(self, turn: Turn, reply: Reply, message: Inbound) -> None:
        """Read the agent's events to the end. Raises `OrchestratorError` for any end but a proper one."""
        try:
            async with aclosing(self._orchestrator.answer(turn)) as events:
                async for event in events:
                    if isinstance(event, TextDelta):
                        await reply.write(event.text)
                    elif isinstance(event, Notice):
                        place = self._manners.place(message).unquoted
                        await self._outbound.send(message.chat, event.text, Purpose.NOTICE, turn.session_id, place=place)
                    elif isinstance(event, Usage):
                        log.debug(
                            "usage", extra={"session_id": turn.session_id, "input": event.input_tokens, "output": event.output_tokens}
                        )
                    elif isinstance(event, Done):
                        return
        except (OrchestratorError, SendError):
            raise
        except Exception as error:
            log.debug("the orchestrator raised something that is no OrchestratorError", exc_info=error)
            raise OrchestratorError(OrchestratorFault.INTERNAL, type(error).__name__) from error
        raise OrchestratorError(OrchestratorFault.PROTOCOL, "the answer ended without being complete")

    async def _say(self, message: Inbound, text: str) -> None:
        try:
            await self._outbound.send(message.chat, text, Purpose.NOTICE, place=self._manners.place(message))
        except SendError:
            return  # recorded on the way out
