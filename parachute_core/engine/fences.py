"""Where something must not go on: a user whose access has ended, a session that has. Both stop the same things."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace

from parachute_core.engine.deliveries import Deliveries
from parachute_core.engine.dispatching import NO_LONGER
from parachute_core.engine.outbound import Outbound, new_key
from parachute_core.engine.saying import Voice
from parachute_core.engine.turns import TurnJob, Turns
from parachute_core.model.decision import Decision, What
from parachute_core.model.errors import SendError, UnknownPlatform, Withheld
from parachute_core.model.message import ChatType
from parachute_core.model.outgoing import Outgoing, Purpose, SendKind
from parachute_core.model.parcel import NOTHING_STOPPED, Parcel, Stopped
from parachute_core.store.sessions import SessionStore

ARCHIVED = "the session has ended"


class Fences:
    """What is stopped is written off, so that no crash brings it back."""

    def __init__(
        self,
        turns: Turns,
        deliveries: Deliveries,
        sessions: SessionStore,
        outbound: Outbound,
        voice: Voice,
        record: Callable[[Decision], None],
    ) -> None:
        self._turns = turns
        self._deliveries = deliveries
        self._sessions = sessions
        self._outbound = outbound
        self._voice = voice
        self._record = record

    async def user(self, platform: str, user_id: str) -> Stopped:
        """Stop what is done for a user: turns everywhere, and what waits to be delivered in the user's direct chats."""

        def theirs(parcel: Parcel) -> bool:
            grant = parcel.grant
            direct = grant is not None and grant.user_id == user_id and grant.chat_type is ChatType.DIRECT
            return direct and parcel.outgoing.platform == platform

        def asked(job: TurnJob) -> bool:
            return (job.taken.message.platform, job.taken.message.user_id) == (platform, user_id)

        return await self._stop(asked, theirs, NO_LONGER)

    async def archive(self, session_id: str) -> tuple[bool, Stopped] | None:
        """End a session for good, and what is done in it. False: it had ended before; None: there is none. Raises `StoreError`."""
        changed = await self._sessions.archive(session_id)
        if changed is None:
            return None
        stopped = await self._stop(
            lambda job: session_id in (job.session_id, job.taken.session_id),
            lambda parcel: parcel.outgoing.session_id == session_id,
            ARCHIVED,
        )
        if changed or stopped != NOTHING_STOPPED:
            self._record(Decision(What.SESSION_ARCHIVED, session_id=session_id, why=stopped.in_words))
        if stopped != NOTHING_STOPPED:
            await self._tell(session_id)
        return changed, stopped

    async def _stop(self, jobs: Callable[[TurnJob], bool], parcels: Callable[[Parcel], bool], reason: str) -> Stopped:
        """At once, before either is written: a turn that is cancelled while its answer is being kept must not get it out in between."""
        turns, replies = await asyncio.gather(self._turns.stop(jobs, reason), self._deliveries.discard(parcels, reason))
        return Stopped(turns, replies)

    async def _tell(self, session_id: str) -> None:
        """A layer that keeps back what belongs to the session may have a word for whoever waited for it."""
        session = await self._sessions.get(session_id)
        if session is None:
            return
        sign = Outgoing(
            session.platform, session.chat_id, SendKind.TYPING, Purpose.REPLY, new_key(), session_id=session_id, idempotent=True
        )
        try:
            await self._outbound.dispatch(sign)
        except Withheld as withheld:
            if withheld.reply:
                await self._voice.say(session.chat, withheld.reply)
        except (SendError, UnknownPlatform):
            return
        else:
            with contextlib.suppress(SendError):
                await self._outbound.dispatch(replace(sign, key=new_key(), session_id=None))
