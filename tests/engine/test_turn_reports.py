"""What plugins hear of turns: each begins once and ends once, whatever becomes of it."""

from collections.abc import Sequence
from typing import Any

import pytest

from parachute_core import (
    Done,
    Layer,
    OrchestratorError,
    OrchestratorFault,
    Outgoing,
    PluginContext,
    Receipt,
    Send,
    SendKind,
    TextDelta,
    TurnEnd,
    TurnReport,
    TurnStage,
    Usage,
    Withheld,
    hookimpl,
)
from parachute_core.testing import ScriptedOrchestrator, running_bot

BEGUN, USAGE, ENDED = TurnStage.BEGUN, TurnStage.USAGE, TurnStage.ENDED


class Follower:
    """A plugin that hears of every turn, and withholds those of one user."""

    def __init__(self, withheld: str | None = None) -> None:
        self.reports: list[TurnReport] = []
        self.withheld = withheld
        self.begun_before_sign: list[bool] = []

    def make(self, _: PluginContext[Any]) -> "Follower":
        return self

    @hookimpl
    async def on_turn(self, report: TurnReport) -> None:
        self.reports.append(report)

    @hookimpl
    def wrap_send(self) -> Layer:
        async def layer(send: Send, outgoing: Outgoing) -> Receipt:
            if outgoing.kind is SendKind.TYPING and not outgoing.final:
                self.begun_before_sign.append(bool(self.reports) and self.reports[-1].stage is BEGUN)
                if outgoing.sender_id == self.withheld:
                    raise Withheld("not today")
            return await send(outgoing)

        return layer

    @property
    def told(self) -> list[tuple[TurnStage, TurnEnd | None, Usage | None, bool]]:
        return [(one.stage, one.end, one.usage, one.asked) for one in self.reports]


async def test_a_turn_is_told_from_its_begin_to_its_end() -> None:
    follower = Follower()
    agent = ScriptedOrchestrator([Usage(100, 0, 7), TextDelta("well"), Usage(0, 20), Done()])
    async with running_bot(orchestrator=agent, extra_plugins={"follower": follower.make}) as bot:
        assert await bot.ask("hello", "1", "-100") == ["well"]
        assert follower.told == [
            (BEGUN, None, None, False),
            (USAGE, None, Usage(100, 0, 7), True),
            (USAGE, None, Usage(0, 20), True),
            (ENDED, TurnEnd.ANSWERED, Usage(100, 20, 7), True),
        ]
        assert follower.begun_before_sign == [True]
        (turn,) = bot.orchestrator.turns
        assert {(one.platform, one.chat_id, one.user_id, one.session_id, one.tries) for one in follower.reports} == {
            ("telegram", "-100", "1", turn.session_id, 0)
        }
        await bot.ask("again", "1", "-100")
        assert follower.reports[-1].number > follower.reports[0].number


@pytest.mark.parametrize(
    ("script", "end"),
    [
        (RuntimeError("broken"), TurnEnd.FAILED),
        ([Usage(5, 0), TextDelta("half")], TurnEnd.FAILED),
        (OrchestratorError(OrchestratorFault.UNAVAILABLE, "gone"), TurnEnd.UNAVAILABLE),
        (OrchestratorError(OrchestratorFault.TIMEOUT, "slow"), TurnEnd.FAILED),
        ("", TurnEnd.ANSWERED),
    ],
)
async def test_it_ends_once_however_it_ends(script: Any, end: TurnEnd) -> None:
    follower = Follower()
    async with running_bot(orchestrator=ScriptedOrchestrator(script), extra_plugins={"follower": follower.make}) as bot:
        await bot.ask("hello")
        assert [one.stage for one in follower.reports if one.stage is not USAGE] == [BEGUN, ENDED]
        assert follower.reports[-1].end is end
        assert follower.reports[-1].asked


async def test_an_answer_that_never_ends_has_failed() -> None:
    follower = Follower()
    async with running_bot(extra_plugins={"follower": follower.make}) as bot:
        bot.orchestrator.hold()
        await bot.say("hello")
        await bot.orchestrator.asked()
        await bot.clock.advance(600)
        await bot.settled()
        assert follower.told == [(BEGUN, None, None, False), (ENDED, TurnEnd.FAILED, None, True)]


async def test_a_withheld_turn_was_never_asked() -> None:
    follower = Follower(withheld="1")
    async with running_bot(extra_plugins={"follower": follower.make}) as bot:
        await bot.ask("hello")
        assert follower.told == [(BEGUN, None, None, False), (ENDED, TurnEnd.WITHHELD, None, False)]


async def test_a_turn_that_is_broken_off_ends_as_stopped_and_one_that_waited_never_began() -> None:
    follower = Follower()
    async with running_bot(extra_plugins={"follower": follower.make}) as bot:
        bot.orchestrator.hold()
        await bot.say("hello")
        await bot.orchestrator.asked()
        await bot.say("and this")
        await bot.say("/new")
        await bot.settled()
        assert follower.told == [(BEGUN, None, None, False), (ENDED, TurnEnd.STOPPED, None, True)]


async def test_commands_and_refusals_are_no_turns() -> None:
    follower = Follower()
    async with running_bot(extra_plugins={"follower": follower.make}) as bot:
        await bot.ask("/help")
        await bot.ask("hello", "666")
        assert follower.reports == []


@pytest.mark.parametrize("counts", [(-1, 0, 0), (0, 1.5, 0), (0, 0, True), (0, 10**10, 0)])
async def test_usage_that_cannot_be_is_refused(counts: Sequence[Any]) -> None:
    with pytest.raises(ValueError, match="whole number"):
        Usage(*counts)
