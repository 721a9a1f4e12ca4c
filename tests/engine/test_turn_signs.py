"""What layers may rely on to see turns begin and end."""

import pytest

from parachute_core import SendKind
from parachute_core.testing import RunningBot, ScriptedOrchestrator, running_bot


def signs(bot: RunningBot) -> list[tuple[bool, str | None, bool]]:
    """The typing signs: final, whose message, whether part of a session."""
    return [(one.final, one.sender_id, one.session_id is not None) for one in bot.connector.attempts if one.kind is SendKind.TYPING]


async def test_a_turn_begins_and_ends_with_a_typing_sign_that_names_its_sender() -> None:
    async with running_bot(allowed=("1", "2")) as bot:
        await bot.ask("hello", "2", "-100")
        assert signs(bot) == [(False, "2", True), (True, "2", False)]
        calls = bot.connector.attempts
        assert (calls[0].kind, calls[-1].kind) == (SendKind.TYPING, SendKind.TYPING)


@pytest.mark.parametrize("end", [RuntimeError("broken"), ""])
async def test_it_does_so_however_the_turn_ends(end: Exception | str) -> None:
    async with running_bot(orchestrator=ScriptedOrchestrator(end)) as bot:
        await bot.ask("hello")
        assert signs(bot) == [(False, "1", True), (True, "1", False)]


async def test_commands_and_refusals_are_no_turns() -> None:
    async with running_bot() as bot:
        await bot.ask("/help")
        await bot.ask("hello", "666")
        assert signs(bot) == []
        assert {one.sender_id for one in bot.connector.attempts} == {None}
