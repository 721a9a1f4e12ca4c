"""What people write on Discord, as the core gets it."""

import pytest

from parachute_core.model.message import Attachment, ChatType, Inbound
from parachute_core.testing.discord import FakeDiscord
from parachute_core.testing.discord.payloads import EVER, attachment, user
from parachute_core.testing.sockets import FakeLink
from tests.connectors.discord.running import connected
from tests.connectors.running import until


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


async def test_a_servers_channel_is_a_group(discord: FakeDiscord) -> None:
    room = discord.room()
    async with connected(discord) as bot:
        discord.say("Good morning all", "42", room, name="Ann")
        await bot.link.texts(1)

    (message,) = bot.link.received
    assert (message.chat_id, message.chat_type, message.addressed, message.user_name) == (room, ChatType.GROUP, False, "Ann")


POLL = {
    "question": {"text": "Tea?"},
    "answers": [{"answer_id": 1, "poll_media": {"text": "yes"}}],
    "expiry": EVER,
    "allow_multiselect": False,
    "layout_type": 1,
}
ADDRESSED = {
    "<@{bot}> what now?": "what now?",
    "<@!{bot}>what now?": "what now?",
    "so <@{bot}>, what now?": "so, what now?",
    "what now? <@{bot}>": "what now?",
    "one\n<@{bot}> two": "one\n two",
}
NOT_ADDRESSED = ("<@&{bot}> roles", "<@{bot}1> somebody else", "@parachute by name", "@everyone hello")


async def test_a_mention_addresses_the_bot_and_is_cut_out(discord: FakeDiscord) -> None:
    room = discord.room()
    async with connected(discord) as bot:
        for written in ADDRESSED:
            discord.say(written.format(bot=discord.bot_id), "42", room)
        assert await bot.link.texts(len(ADDRESSED)) == list(ADDRESSED.values())

    assert all(one.addressed for one in bot.link.received)


async def test_what_is_no_mention_of_the_bot_addresses_nobody(discord: FakeDiscord) -> None:
    room, texts = discord.room(), [one.format(bot=discord.bot_id) for one in NOT_ADDRESSED]
    async with connected(discord) as bot:
        for text in texts:
            discord.say(text, "42", room)
        assert await bot.link.texts(len(texts)) == texts

    assert not any(one.addressed for one in bot.link.received)


async def test_a_reply_to_the_bot_addresses_it_and_a_reply_to_another_does_not(discord: FakeDiscord) -> None:
    room = discord.room()
    async with connected(discord) as bot:
        ours = discord.world.write(room, discord.world.me, "I said so")["id"]
        theirs = discord.say("Did it?", "43", room)
        discord.answer("Why?", ours, room)
        discord.answer("Yes", theirs, room)
        await bot.link.texts(3)

    assert [(one.text, one.addressed) for one in bot.link.received] == [("Did it?", False), ("Why?", True), ("Yes", False)]


async def test_every_message_is_for_the_bot_when_the_owner_says_so(discord: FakeDiscord) -> None:
    async with connected(discord, group_mention_mode="all_messages") as bot:
        discord.say("Good morning all", "42", discord.room())
        await bot.link.texts(1)

    assert bot.link.received[0].addressed


async def test_what_nobody_wrote_is_not_handed_over(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        direct = discord.direct("42")
        discord.world.write(direct, user("77", bot=True), "I am a bot")
        discord.world.write(direct, discord.world.me, "I am the bot itself")
        discord.say("from a webhook", "42", webhook_id="5")
        discord.say("joined", "42", type=7)
        room = discord.room()
        discord.world.write(room, user("77", bot=True), f"<@{discord.bot_id}> I am a bot")
        discord.say(f"<@{discord.bot_id}> from a webhook", "42", room, webhook_id="5")
        discord.say("joined", "42", room, type=7)
        discord.say(f"<@{discord.bot_id}>", "42", room)
        discord.say("", "42")
        discord.say("  ", "42")
        discord.say(f"<@{discord.bot_id}>", "42")
        edited = discord.say("first", "42")
        discord.world.change(direct, edited, "first, edited")
        discord.say("last", "42")
        texts = await bot.link.texts(2)

    assert texts == ["first", "last"]


CONTENTS: list[tuple[dict[str, object], tuple[Attachment, ...]]] = [
    ({"attachments": [attachment("1", "a.png", "image/png", 9)]}, (Attachment.PICTURE,)),
    (
        {"attachments": [attachment("1", "a.mp4", "video/mp4", 9), attachment("2", "b.mp3", "audio/mpeg", 9)]},
        (Attachment.VIDEO, Attachment.AUDIO),
    ),
    ({"attachments": [attachment("1", "a.pdf", "application/pdf", 9)]}, (Attachment.FILE,)),
    ({"sticker_items": [{"id": "5", "name": "wave", "format_type": 1}]}, (Attachment.STICKER,)),
    ({"poll": POLL}, (Attachment.POLL,)),
]


@pytest.mark.parametrize(("fields", "found"), CONTENTS)
async def test_what_comes_with_a_message_or_instead_of_one_is_named(
    discord: FakeDiscord, fields: dict[str, object], found: tuple[Attachment, ...]
) -> None:
    async with connected(discord) as bot:
        discord.say("", "42", None, name=None, **fields)
        discord.say("with a word", "42", None, name=None, **fields)
        discord.say("", "42", discord.room(), name=None, **fields)
        await bot.link.texts(3)

    assert sorted((one.text, one.attachments, one.addressed) for one in bot.link.received) == [
        ("", found, False),
        ("", found, True),
        ("with a word", found, True),
    ]
    assert all(one.voice is None for one in bot.link.received)


async def test_a_file_without_a_type_is_a_file(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        discord.say("", attachments=[{"id": "1", "filename": "x", "size": 1}])
        await bot.link.texts(1)

    assert bot.link.received[0].attachments == (Attachment.FILE,)


async def test_a_forwarded_message_is_a_quotation_and_a_preview_is_nothing(discord: FakeDiscord) -> None:
    picture = discord.world.files.signed(attachment("1", "a.png", "image/png", 9))
    inner = {"type": 0, "content": "/new\nsecond line", "embeds": [], "attachments": [picture], "flags": 0}
    inner |= {"timestamp": EVER, "edited_timestamp": None, "mentions": [], "mention_roles": []}
    reference = {"type": 1, "message_id": "7", "channel_id": "8"}
    async with connected(discord) as bot:
        discord.say("", message_reference=reference, message_snapshots=[{"message": inner}], flags=1 << 14)
        discord.say("see https://example.org", embeds=[{"type": "link", "url": "https://example.org", "title": "Example"}])
        texts = await bot.link.texts(2)

    assert texts == ["> /new\n> second line", "see https://example.org"]
    assert bot.link.received[0].command is None
    assert [one.attachments for one in bot.link.received] == [(Attachment.PICTURE,), ()]


async def test_a_thread_is_a_chat_of_its_own(discord: FakeDiscord) -> None:
    room, thread = discord.room(), discord.room()
    async with connected(discord) as bot:
        discord.say("", "42", room, type=18, thread={"id": thread})  # "… started a thread"
        discord.say("", "42", thread, type=21)  # the thread's copy of the message that it is about
        discord.say(f"<@{discord.bot_id}> in here", "42", thread)
        await bot.link.texts(1)

    (message,) = bot.link.received
    assert (message.chat_id, message.chat_type, message.addressed, message.thread_id) == (thread, ChatType.GROUP, True, None)


async def test_an_event_that_cannot_be_read_costs_nothing_else(discord: FakeDiscord, caplog: pytest.LogCaptureFixture) -> None:
    async with connected(discord) as bot:
        discord.gateway.tell("MESSAGE_CREATE", {"id": "1", "content": "a private word"})
        discord.say("next")
        assert await bot.link.texts(1) == ["next"]

    assert "could not be read" in caplog.text
    assert "a private word" not in caplog.text


async def test_messages_of_a_channel_come_in_order_and_other_channels_do_not_wait(discord: FakeDiscord) -> None:
    class SlowForOne(FakeLink):
        async def receive(self, message: Inbound) -> None:
            if message.user_id == "1":
                await self.gate.wait()
            self.received.append(message)

    link = SlowForOne()
    link.gate.clear()
    async with connected(discord, link=link):
        for number in range(20):
            discord.say(f"a{number}", "1")
        discord.say("b", "2")
        await until(lambda: [one.text for one in link.received] == ["b"])
        link.gate.set()
        await until(lambda: len(link.received) == 21)

    assert [one.text for one in link.received[1:]] == [f"a{number}" for number in range(20)]


async def test_what_the_core_cannot_take_does_not_stop_the_channel(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        bot.link.failures.append(RuntimeError("broken"))
        discord.say("one")
        discord.say("two")
        assert await bot.link.texts(1) == ["two"]


async def test_the_bot_asks_for_no_more_than_it_needs(discord: FakeDiscord) -> None:
    async with connected(discord):
        pass

    assert discord.gateway.intents == 1 | 1 << 9 | 1 << 12 | 1 << 15
