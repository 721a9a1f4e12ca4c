"""A connector that is stopped and started while what became of a message is being written."""

import sqlite3
from pathlib import Path

from parachute_core.model.outgoing import Outgoing, Receipt, SendKind
from parachute_core.testing import running_bot
from parachute_core.testing.connector import FakeConnector


class LocksTheStore(FakeConnector):
    """Its platform takes a message, and from then on the store can write nothing until `lock` is given up."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.lock: sqlite3.Connection | None = None

    async def send(self, outgoing: Outgoing) -> Receipt:
        receipt = await super().send(outgoing)
        if outgoing.kind is SendKind.MESSAGE and self.lock is None:
            self.lock = sqlite3.connect(self.path, isolation_level=None)
            self.lock.execute("BEGIN IMMEDIATE")
        return receipt


async def test_a_message_whose_receipt_is_being_written_is_not_sent_again(tmp_path: Path) -> None:
    connector = LocksTheStore(tmp_path / "parachute.db")
    async with running_bot(["retry"], connector=connector, home=tmp_path) as bot:
        await bot.say("Hello")
        await connector.took(SendKind.MESSAGE)
        await bot.runtime.fleet.stop("telegram")
        await bot.runtime.fleet.start("telegram")
        assert connector.lock is not None
        connector.lock.close()
        await bot.clock.advance(5)
        await bot.settled()
        assert [one.kind for one in connector.sent].count(SendKind.MESSAGE) == 1
        assert await bot.runtime.failures.recent(5) == []
