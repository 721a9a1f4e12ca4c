"""Whatever is done to sessions, in whatever order, memory and table say the same."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from parachute_core.clock import SystemClock
from parachute_core.model.message import ChatRef, ChatType
from parachute_core.model.trust import TrustLevel
from parachute_core.store.database import Database
from parachute_core.store.sessions import SessionStore
from tests.store.conftest import keep_turn

chats = st.builds(ChatRef, st.sampled_from(["telegram", "web"]), st.sampled_from(["1", "2", "3"]))


class Sessions(RuleBasedStateMachine):
    """One store with a small memory, compared after each step with a store that has none."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.known: list[str] = []
        self.chats: set[ChatRef] = set()

    @initialize()
    def start(self) -> None:
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        opening = self.stack.enter_async_context(Database.open(Path(folder) / "parachute.db", SystemClock()))
        self.database = self.loop.run_until_complete(opening)
        self.store = SessionStore(self.database, SystemClock(), capacity=2)

    @rule(chat=chats, replace=st.booleans(), trust=st.sampled_from(TrustLevel))
    def open(self, chat: ChatRef, replace: bool, trust: TrustLevel) -> None:
        session = self.loop.run_until_complete(self.store.open(chat, ChatType.GROUP, "1", trust, replace=replace))
        assert not session.archived
        self.chats.add(chat)
        if session.id not in self.known:
            self.known.append(session.id)

    @rule(chat=chats, replace=st.booleans(), rounds=st.integers(0, 40))
    def open_and_cancel(self, chat: ChatRef, replace: bool, rounds: int) -> None:
        async def attempt() -> None:
            opening = asyncio.create_task(self.store.open(chat, ChatType.GROUP, "1", TrustLevel.DIRECT, replace=replace))
            for _ in range(rounds):
                await asyncio.sleep(0)
            opening.cancel()
            await asyncio.gather(opening, return_exceptions=True)

        self.chats.add(chat)
        self.loop.run_until_complete(attempt())

    @rule(data=st.data())
    def archive(self, data: st.DataObject) -> None:
        if self.known:
            self.loop.run_until_complete(self.store.archive(data.draw(st.sampled_from(self.known))))

    @rule(data=st.data())
    def finish_turn(self, data: st.DataObject) -> None:
        if self.known:
            self.loop.run_until_complete(keep_turn(self.database, self.store, data.draw(st.sampled_from(self.known)), "q", "a"))

    @rule(chat=chats)
    def look(self, chat: ChatRef) -> None:
        self.loop.run_until_complete(self.store.current(chat))

    @invariant()
    def memory_and_table_agree(self) -> None:
        async def compare() -> None:
            for session_id in self.known:
                assert await self.store.get(session_id) == await SessionStore(self.database, SystemClock()).get(session_id)
            for chat in self.chats:
                assert await self.store.current(chat) == await SessionStore(self.database, SystemClock()).current(chat)

        self.loop.run_until_complete(compare())

    def teardown(self) -> None:
        self.loop.run_until_complete(self.stack.aclose())
        self.loop.close()


TestSessions = Sessions.TestCase
TestSessions.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
