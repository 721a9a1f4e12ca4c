"""What people write on Discord, as the core gets it."""

import pytest

from parachute_core.model.message import ChatType
from parachute_core.testing.discord import FakeDiscord
from parachute_core.testing.discord.payloads import user
from tests.connectors.discord.conftest import connected, until


async def test_a_direct_message_is_handed_over_whole(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        message_id = discord.say("Hello there", "42", name="Ann Example")
        await bot.link.texts(1)

    (message,) = bot.link.received
    assert (message.platform, message.chat_id, message.user_id) == ("discord", discord.direct("42"), "42")
    assert (message.text, message.message_id, message.user_name) == ("Hello there", message_id, "Ann Example")
    assert message.chat_type is ChatType.DIRECT
    assert message.addressed
    assert message.received_at == bot.clock.now()
