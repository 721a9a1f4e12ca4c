"""One turn: the session, the question to the agent, the answer into the chat. Whatever goes wrong, the user reads one plain sentence."""

import logging
from contextlib import aclosing
from dataclasses import dataclass

from parachute_core.clock import Clock, within
from parachute_core.correlation import also_about
from parachute_core.engine import texts
from parachute_core.engine.access import AccessControl
from parachute_core.engine.agent import AgentWatch
from parachute_core.engine.deliveries import Deliveries
from parachute_core.engine.ears import Ears
from parachute_core.engine.ledger import Ledger
from parachute_core.engine.manners import Manners
from parachute_core.engine.outbound import Outbound
from parachute_core.engine.overhearing import Overhearing, escaped_name
from parachute_core.engine.posting import Fate
from parachute_core.engine.presence import Presence
from parachute_core.engine.remarks import Remarks
from parachute_core.engine.reply import Reply
from parachute_core.engine.saying import Origin, Voice
from parachute_core.engine.telling import Tell, TurnTeller
from parachute_core.engine.turns import TurnJob
from parachute_core.model.errors import OrchestratorError, OrchestratorFault, StoreError, TranscriberError, Withheld
from parachute_core.model.message import ChatType, Inbound
from parachute_core.model.parcel import Exchange, Grant
from parachute_core.model.session import Session
from parachute_core.model.trust import TrustLevel
from parachute_core.model.turn import Done, Notice, Orchestrator, TextDelta, Turn, Usage
from parachute_core.model.turn_report import TurnEnd
from parachute_core.store.inbox import Inbox, Taken
from parachute_core.store.outbox import Outbox
from parachute_core.store.sessions import SessionStore

DEADLINE = 600.0
"""Seconds after which an answer that is still not complete is given up, whatever the orchestrator's own limit."""
DID_NOTHING = (OrchestratorFault.UNAVAILABLE, OrchestratorFault.OVERLOADED, OrchestratorFault.MISCONFIGURED)
"""Kinds of failure before which the agent did nothing that costs, unless it told what it used."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TurnParts:
    """What turns are run with."""

    access: AccessControl
    sessions: SessionStore
    orchestrator: Orchestrator
    history_tokens: int
    """The most of a session's history that the agent is given."""
    agent: AgentWatch
    """Hears how it fares."""
    outbound: Outbound
    deliveries: Deliveries
    voice: Voice
    outbox: Outbox
    inbox: Inbox
    ledger: Ledger
    ears: Ears
    overhearing: Overhearing
    manners: Manners
    tell: Tell
    """Tells the plugins."""
    clock: Clock


class TurnRunner:
    """Runs turns. One of them at a time for each chat: its lane sees to that."""

    def __init__(self, parts: TurnParts) -> None:
        self._parts = parts

    async def run(self, job: TurnJob) -> None:
        """Answer a message that was taken over. Its message is settled then, or will be by what was posted."""
        taken, parts = job.taken, self._parts
        message = taken.message
        grant = Grant(message.user_id, taken.generation, message.chat_type)
        trust = parts.access.trust(message.platform, message.user_id, message.chat_type)
        if trust is None or not parts.access.stands(message.platform, grant):
            await self._refuse(taken)
            return
        presence, teller = Presence(parts.outbound, message), TurnTeller(parts.tell, parts.clock, taken)
        try:
            session = await self._session(message, taken.session_id, trust)
            job.session_id = session.id
            also_about(session_id=session.id)
            await teller.begun(session.id)
            await presence.begin(session, ack=parts.manners.acks(message.platform))
            await self._answer(taken, grant, await parts.ears.text_of(message), session, trust, teller)
        except Withheld as withheld:
            teller.end = TurnEnd.WITHHELD
            await self._withheld(taken, withheld)
        except TranscriberError as error:
            teller.end = TurnEnd.FAILED
            log.warning("a voice message was not understood", extra={"platform": message.platform, "error": str(error)})
            await self._end(taken, texts.NOT_UNDERSTOOD)
        except Exception as error:
            teller.end = TurnEnd.FAILED
            log.error("a turn failed", extra={"platform": message.platform, "chat_id": message.chat_id, "error": type(error).__name__})
            log.debug("a turn failed", exc_info=error)
            await self._end(taken, texts.TROUBLE[OrchestratorFault.INTERNAL])
        finally:
            try:
                await teller.ended()
            finally:
                await presence.end()

    async def _refuse(self, taken: Taken) -> None:
        """The sender's access ended, or became unreadable, while the message waited."""
        message, access = taken.message, self._parts.access
        log.info("a waiting message was refused", extra={"platform": message.platform, "chat_id": message.chat_id})
        allowed = access.is_allowed(message.platform, message.user_id)
        await self._end(taken, texts.NO_TRUST if allowed else texts.NOT_ALLOWED)

    async def _withheld(self, taken: Taken, withheld: Withheld) -> None:
        message = taken.message
        facts = {"platform": message.platform, "chat_id": message.chat_id, "reason": withheld.reason}
        log.info("an answer was withheld", extra=facts)
        if withheld.reply:
            await self._end(taken, withheld.reply)
        else:
            await self._parts.ledger.insist(self._parts.inbox.settle(taken.number))

    async def _session(self, message: Inbound, session_id: str | None, trust: TrustLevel) -> Session:
        """The session that the message belongs to: the one it was sent into, also when that ended while it waited."""
        sessions = self._parts.sessions
        current = await sessions.current(message.chat)
        if current is not None and (not current.archived or current.id == session_id):
            return current
        return await sessions.open(message.chat, message.chat_type, message.user_id, trust, replace=False)

    async def _answer(self, taken: Taken, grant: Grant, text: str, session: Session, trust: TrustLevel, teller: TurnTeller) -> None:
        message, parts = taken.message, self._parts
        reply = Reply(parts.outbound, parts.deliveries, parts.outbox, taken, parts.manners.place(message), grant, session.id, parts.clock)
        remarks = Remarks(parts.voice, parts.outbox, taken, parts.manners.place(message).unquoted, grant, session.id)
        if taken.tries:
            await reply.take_up()
            remarks.take_up()
        sender = escaped_name(message) if message.chat_type is ChatType.GROUP else None
        overheard = parts.overhearing.take(message.chat)
        history = await parts.sessions.history(session.id, parts.history_tokens)
        turn = Turn(session.id, text, history, DEADLINE, trust, sender, overheard)
        trouble: str | None = None
        exchange = True
        try:
            await within(parts.clock, DEADLINE, self._collect(turn, reply, remarks, teller))
            teller.end = TurnEnd.ANSWERED
            parts.agent.answered()
        except OrchestratorError as error:
            trouble = self._failed(error, reply, session, teller)
            exchange = error.kind is not OrchestratorFault.REFUSED
        except TimeoutError:
            trouble = self._failed(OrchestratorError(OrchestratorFault.TIMEOUT, "it was not done in time"), reply, session, teller)
        if not reply.text.strip():
            await self._end(taken, trouble or texts.NO_ANSWER, session.id)
            return
        # What a refusal broke off would make the agent refuse whatever comes after it.
        outcome = await reply.finish(Exchange(session.id, text, reply.text) if exchange else None, trouble)
        if outcome.fate is Fate.DELIVERED:
            await self._used(session.id)

    def _failed(self, error: OrchestratorError, reply: Reply, session: Session, teller: TurnTeller) -> str:
        """The agent did not complete. Returns what the user reads of that."""
        log.warning("the orchestrator failed", extra={"session_id": session.id, "kind": error.kind.value, "error": str(error)})
        self._parts.agent.failed(error)
        teller.end = TurnEnd.UNAVAILABLE if error.kind in DID_NOTHING else TurnEnd.FAILED
        reply.text = reply.text or error.partial
        return texts.BROKEN_OFF_BY.get(error.kind, texts.BROKEN_OFF) if reply.text.strip() else texts.TROUBLE[error.kind]

    async def _used(self, session_id: str) -> None:
        try:
            await self._parts.sessions.used(session_id)
        except StoreError as error:  # the answer is there; nobody is to read that something went wrong
            log.warning("a session's last use could not be kept", extra={"session_id": session_id, "error": str(error)})

    async def _collect(self, turn: Turn, reply: Reply, remarks: Remarks, teller: TurnTeller) -> None:
        """Read the agent's events to the end. Raises `OrchestratorError` for any end but a proper one."""
        teller.asked = True
        try:
            async with aclosing(self._parts.orchestrator.answer(turn)) as events:
                async for event in events:
                    if isinstance(event, TextDelta):
                        await reply.write(event.text)
                    elif isinstance(event, Notice):
                        await remarks.say(event.text)
                    elif isinstance(event, Usage):
                        await teller.used(event)
                    elif isinstance(event, Done):
                        return
        except (OrchestratorError, StoreError, Withheld):
            raise
        except Exception as error:
            log.debug("the orchestrator raised something that is no OrchestratorError", exc_info=error)
            raise OrchestratorError(OrchestratorFault.INTERNAL, type(error).__name__) from error
        raise OrchestratorError(OrchestratorFault.PROTOCOL, "the answer ended without being complete")

    async def _end(self, taken: Taken, text: str, session_id: str | None = None) -> None:
        """Say what stands in the answer's place, and settle the message with it."""
        message, parts = taken.message, self._parts
        origin = Origin(taken.number, last=True, session_id=session_id)
        posting = await parts.voice.say(message.chat, text, parts.manners.place(message), origin)
        if posting is not None:
            await posting.outcome()
