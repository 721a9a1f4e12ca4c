"""Buttons that a plugin shows: where a platform has them, where it has none, and what is no button."""

from typing import Any

import pytest

from parachute_core import Button, Buttons, ChatRef, Inbound, PluginContext, Purpose, hookimpl
from parachute_core.testing import FakeConnector, RunningBot, running_bot

YES, NO = Button("Yes", "/yes 1"), Button("No", "/no 1")
ROWS: Buttons = ((YES, NO),)


class Asker:
    """A plugin that asks something."""

    def make(self, context: PluginContext[Any]) -> "Asker":
        self.context = context
        return self

    @hookimpl
    def lifespan(self) -> None:
        """Nothing to own."""

    async def ask(self, buttons: Buttons, text: str = "Shall I?") -> None:
        await self.context.notifier.send(ChatRef("telegram", "1"), text, Purpose.NOTICE, buttons)


async def test_buttons_stand_under_the_last_part() -> None:
    asker = Asker()
    async with running_bot(connector=FakeConnector(buttons=True), extra_plugins={"asker": asker.make}) as bot:
        await asker.ask(ROWS, "x" * 5000)
        await bot.settled()
        assert [one.buttons for one in bot.connector.sent] == [(), ROWS]


async def test_where_there_are_none_it_is_written_out_what_they_say() -> None:
    asker = Asker()
    async with running_bot(extra_plugins={"asker": asker.make}) as bot:
        await asker.ask(ROWS)
        await bot.settled()
        assert bot.texts() == ["Shall I?\n\nYes: /yes 1 · No: /no 1"]
        assert [one.buttons for one in bot.connector.sent] == [()]


async def pressed(bot: RunningBot, user_id: str) -> list[str]:
    message = Inbound("telegram", user_id, user_id, YES.says, f"callback-{user_id}", bot.clock.now(), button=True)
    await bot.connector.link.receive(message)
    await bot.settled()
    return bot.texts(user_id)


async def test_a_press_passes_the_gates_and_the_allowlist_like_any_message() -> None:
    async with running_bot(connector=FakeConnector(buttons=True)) as bot:
        assert await pressed(bot, "1") == ["/yes 1"]
        assert await pressed(bot, "2") == ["Sorry, I only talk to people my owner has let in."]


@pytest.mark.parametrize("rows", [((YES,) * 6,), ((YES,),) * 6])
async def test_more_than_a_platform_shows_is_refused(rows: Buttons) -> None:
    asker = Asker()
    async with running_bot(connector=FakeConnector(buttons=True), extra_plugins={"asker": asker.make}) as bot:
        with pytest.raises(ValueError, match="5 rows of 5"):
            await asker.ask(rows)
        await bot.settled()
        assert bot.texts() == []


@pytest.mark.parametrize(("label", "says"), [("", "x"), ("x", ""), ("x" * 41, "x"), ("x", "x" * 65), ("x", "é" * 33)])
def test_what_is_no_button_is_refused(label: str, says: str) -> None:
    with pytest.raises(ValueError, match="a button has"):
        Button(label, says)
