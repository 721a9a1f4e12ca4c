"""The table met where connectors change their state: in a running bot."""

import logging
from itertools import product
from typing import Any

import pytest

from parachute_core import ALLOWED, ConnectionLost, ConnectorState, CredentialsRefused, InvalidTransition
from parachute_core.testing import FakeConnector, RunningBot, running_bot

OURS = "parachute_core.plugins.strictstate"
STOPPED, STARTING, RUNNING, RECONNECTING, FAILED = ConnectorState
WAY = {
    STOPPED: [],
    STARTING: [STARTING],
    RUNNING: [STARTING, RUNNING],
    RECONNECTING: [STARTING, RECONNECTING],
    FAILED: [STARTING, FAILED],
}
PAIRS = [(old, new) for old, new in product(ConnectorState, repeat=2) if old is not new]


async def keeper_in(bot: RunningBot, state: ConnectorState) -> Any:
    """The keeper of the connector's state, which the supervisor asks too, brought to `state`."""
    await bot.runtime.fleet.stop("telegram")
    keeper = bot.runtime.fleet._supervisor("telegram").status
    for step in WAY[state]:
        assert keeper.set_status(step)
    assert keeper.state is state
    return keeper


@pytest.mark.parametrize(("old", "new"), [pair for pair in PAIRS if pair[1] not in ALLOWED[pair[0]]])
async def test_an_impossible_move_is_an_error_and_the_state_stays(old: ConnectorState, new: ConnectorState) -> None:
    async with running_bot(["strictstate"]) as bot:
        keeper = await keeper_in(bot, old)
        with pytest.raises(InvalidTransition, match=f"{old} -> {new}"):
            keeper.set_status(new)
        assert keeper.state is old
        assert bot.runtime.fleet.status("telegram")["status"] == old.value


@pytest.mark.parametrize(("old", "new"), [pair for pair in PAIRS if pair[1] in ALLOWED[pair[0]]])
async def test_a_possible_move_is_made_and_logged(old: ConnectorState, new: ConnectorState, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger=OURS)
    async with running_bot(["strictstate"]) as bot:
        keeper = await keeper_in(bot, old)
        caplog.clear()
        assert keeper.set_status(new)
        assert keeper.state is new
        assert moves(caplog) == [("telegram", old.value, new.value)]


def moves(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str]]:
    records = [vars(record) for record in caplog.records if record.name == OURS]
    return [(record["platform"], record["old"], record["new"]) for record in records]


async def test_core_alone_warns_and_stays(caplog: pytest.LogCaptureFixture) -> None:
    async with running_bot() as bot:
        keeper = await keeper_in(bot, STOPPED)
        caplog.clear()
        assert keeper.set_status(FAILED) is False
        assert keeper.state is STOPPED
        assert [record.levelname for record in caplog.records] == ["WARNING"]


async def test_a_connectors_whole_life_passes_the_table(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger=OURS)
    connector = FakeConnector()
    async with running_bot(["strictstate"], connector=connector) as bot:
        connector.lose(ConnectionLost("reset"))
        await bot.clock.advance(120.0)
        await bot.runtime.fleet.stop("telegram")
        await bot.runtime.fleet.start("telegram")
        await bot.clock.advance(0)
        connector.lose(CredentialsRefused("401"))
        await bot.clock.advance(0)
        assert bot.runtime.fleet.status("telegram")["status"] == "failed"
        await bot.runtime.fleet.start("telegram")
        await bot.clock.advance(0)
        assert await bot.ask("still there?") == ["still there?"]
    assert [(old, new) for _, old, new in moves(caplog)] == [
        ("stopped", "starting"),
        ("starting", "running"),
        ("running", "reconnecting"),
        ("reconnecting", "running"),
        ("running", "stopped"),
        ("stopped", "starting"),
        ("starting", "running"),
        ("running", "failed"),
        ("failed", "starting"),
        ("starting", "running"),
        ("running", "stopped"),
    ]
    assert not [record for record in caplog.records if record.name == OURS and record.levelno > logging.DEBUG]


async def test_an_error_is_on_record_even_where_the_move_is_vetoed() -> None:
    async with running_bot(["strictstate"]) as bot:
        keeper = await keeper_in(bot, STOPPED)
        keeper.record_error(ConnectionLost("the first thing that went wrong"))
        with pytest.raises(RuntimeError):
            keeper.set_status(FAILED)
        assert bot.runtime.fleet.status("telegram")["last_error"] == "the first thing that went wrong"
