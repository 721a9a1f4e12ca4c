"""Slash commands that the core answers itself, the same on every platform. Only allowed users get here."""

from collections.abc import Awaitable, Callable

from parachute_core.engine import texts
from parachute_core.engine.access import AccessControl
from parachute_core.engine.turns import Turns
from parachute_core.model.message import Inbound
from parachute_core.store.sessions import SessionStore

Command = Callable[[Inbound], Awaitable[str]]


class Commands:
    """`/new`, `/help`, `/start`, `/status`. They never wait for an answer that is being made."""

    def __init__(self, sessions: SessionStore, access: AccessControl, turns: Turns) -> None:
        self._sessions = sessions
        self._access = access
        self._turns = turns
        self._known: dict[str, Command] = {"new": self._new, "help": self._help, "start": self._help, "status": self._status}

    def find(self, message: Inbound) -> Command | None:
        """The command that the message is, or None when it is none of these."""
        return self._known.get(message.command or "")

    async def _new(self, message: Inbound) -> str:
        """Ends the chat's session, with what is being answered in it, and opens a fresh one."""
        trust = self._access.trust(message.platform, message.user_id, message.chat_type)
        if trust is None:
            return texts.NO_TRUST
        await self._turns.stop(lambda _job: True, "the chat began a new session", message.chat)
        await self._sessions.open(message.chat, message.chat_type, message.user_id, trust, replace=True)
        return texts.NEW_SESSION

    async def _help(self, _message: Inbound) -> str:
        return texts.HELP

    async def _status(self, message: Inbound) -> str:
        session = await self._sessions.current(message.chat)
        doing = "answering you" if self._turns.busy(message.chat) else "ready"
        if session is None:
            return f"I am {doing}. We have no session yet."
        if session.archived:
            return f"I am {doing}. Your session has ended; /new starts a fresh one."
        return f"I am {doing}. Your session is open since {session.created_at:%Y-%m-%d %H:%M} UTC."
