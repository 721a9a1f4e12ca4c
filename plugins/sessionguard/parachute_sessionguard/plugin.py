"""Looks at the session when a message comes, and again right before each part of the answer leaves."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from parachute_core import (
    ChatRef,
    Deny,
    Inbound,
    Layer,
    Outgoing,
    PluginContext,
    Receipt,
    Send,
    Withheld,
    hookimpl,
)
from parachute_sessionguard.notices import Notices
from parachute_sessionguard.verdict import Closed, closed

__all__ = ["PLACE", "make_plugin"]

PLACE = 90
"""Last: only messages that every other gate let through are told about their session, and as the innermost layer it looks again
at each repetition of a call."""

SESSIONLESS = frozenset({"new", "help", "start", "status"})
"""Commands that core answers without asking the session's agent; `/new` is the way out of an ended session."""


class SessionGuard:
    """Refuses what belongs to a session that is archived, gone, or of unreadable trust."""

    def __init__(self, context: PluginContext[None]) -> None:
        self._sessions = context.sessions
        self._access = context.access
        self._notices = Notices(context.store)

    @hookimpl
    def lifespan(self) -> AbstractAsyncContextManager[None]:
        """Owns the table of who was told."""
        return self._tables()

    @hookimpl
    async def before_dispatch(self, message: Inbound) -> Deny | None:
        """Refuse a message whose chat's newest session is closed; a chat without one may open one."""
        # A stranger in a group is refused by core all the same, and must not use up the notice that is meant for the members.
        if message.command in SESSIONLESS or not self._access.is_allowed(message.platform, message.user_id):
            return None
        session = await self._sessions.current(message.chat)
        if session is None:
            return None
        why = closed(session)
        if why is None:
            return None
        return Deny(why.reason, await self._notice(message.chat, session.id, why))

    @hookimpl
    def wrap_send(self) -> Layer:
        """The same layer for every platform."""
        return self._send_if_open

    async def _send_if_open(self, send: Send, outgoing: Outgoing) -> Receipt:
        if outgoing.session_id is not None:
            why = closed(await self._sessions.get(outgoing.session_id))
            if why is not None:
                raise Withheld(why.reason, await self._late_notice(outgoing.chat, outgoing.session_id, why))
        return await send(outgoing)

    async def _late_notice(self, chat: ChatRef, session_id: str, why: Closed) -> str | None:
        """What to say in place of an answer: nothing where the chat has moved on to another session, as it does by `/new`."""
        newest = await self._sessions.current(chat)
        if newest is not None and newest.id != session_id:
            return None
        return await self._notice(chat, session_id, why)

    async def _notice(self, chat: ChatRef, session_id: str, why: Closed) -> str | None:
        return why.notice if await self._notices.claim(chat, session_id) else None

    @asynccontextmanager
    async def _tables(self) -> AsyncIterator[None]:
        await self._notices.prepare()
        yield


def make_plugin(context: PluginContext[None]) -> SessionGuard:
    """The entry point."""
    return SessionGuard(context)
