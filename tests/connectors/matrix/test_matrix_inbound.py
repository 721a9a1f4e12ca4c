"""What people write in rooms, as the core is given it."""

import asyncio
import contextlib
import json

import pytest

from parachute_core.connectors.matrix.connector import Matrix
from parachute_core.model.message import Attachment, ChatType, Inbound
from parachute_core.testing.matrix import MatrixWorld, Person, Refused
from parachute_core.testing.memory import DictMemory
from parachute_core.testing.sockets import FakeLink
from tests.connectors.matrix.running import connected, direct, enters
from tests.connectors.running import Connected

END = "that was all"


async def heard(bot: Connected[Matrix], person: Person, room: str) -> list[Inbound]:
    """What was handed over until a last word, which is left out."""
    last = await person.say(room, END)
    async with asyncio.timeout(20.0):
        while True:
            if any(one.message_id == last for one in bot.link.received):
                return [one for one in bot.link.received if one.message_id != last]
            await asyncio.sleep(0.01)


async def group(world: MatrixWorld, link: FakeLink, person: Person, *more: Person) -> str:
    """An allowed room with a name, in which the bot is."""
    room = await person.create(world.bot.user_id, *(one.id for one in more), name="Kitchen")
    link.allowed.add(room)
    for one in more:
        await one.join(room)
    # The next sync looks at the allowlist again; something has to be said for it to come soon.
    other = await person.create(world.bot.user_id, direct=True)
    await enters(world, person, other)
    await enters(world, person, room)
    return room


async def test_a_message_of_a_direct_chat_is_whole(world: MatrixWorld) -> None:
    ann = await world.person("ann", display="Ann B.")
    async with connected(world) as bot:
        room = await direct(world, ann)
        event = await ann.say(room, "  hello\nyou ")
        (message,) = await heard(bot, ann, room)

    assert message == Inbound(
        platform="matrix",
        chat_id=room,
        user_id=ann.id,
        text="hello\nyou",
        message_id=event,
        received_at=bot.clock.now(),
        chat_type=ChatType.DIRECT,
        user_name="Ann B.",
    )
    assert bot.link.proofs[0] == "sync"


async def test_edits_notices_reactions_and_what_was_taken_back_are_no_messages(world: MatrixWorld) -> None:
    ann = await world.person()
    async with connected(world) as bot:
        room = await direct(world, ann)
        event = await ann.say(room, "hello")
        await ann.edit(room, event, "hello again")
        await ann.react(room, event, "👍")
        await ann.send(room, {"msgtype": "m.notice", "body": "I am a bot"})
        await ann.send(room, {"msgtype": "m.emote", "body": "waves"})
        await ann.send(room, {"msgtype": "m.key.verification.request", "body": "verify", "to": world.bot.user_id})
        await ann.set_state(room, "m.room.topic", {"topic": "anything"})
        messages = await heard(bot, ann, room)

    assert [one.text for one in messages] == ["hello"]


async def test_malformed_events_cost_nobody_else_anything(world: MatrixWorld, caplog: pytest.LogCaptureFixture) -> None:
    ann = await world.person()
    odd: list[object] = [None, 5, "text", [], {"x": 1}, True]
    keys = ("msgtype", "body", "formatted_body", "format", "m.relates_to", "m.mentions", "filename", "info", "m.new_content")
    sound = {"msgtype": "m.audio", "body": "a", "org.matrix.msc3245.voice": {}}
    async with connected(world) as bot:
        room = await direct(world, ann)
        for value in odd:
            said: list[dict[str, object]] = [
                *({"msgtype": "m.text", "body": "odd", "format": "org.matrix.custom.html", key: value} for key in keys),
                {**sound, "url": value, "info": value},
                {**sound, "file": value},
                {"msgtype": "m.text", "body": "odd", "m.mentions": {"user_ids": value}},
                {"msgtype": "m.text", "body": "odd", "m.relates_to": {"m.in_reply_to": value}},
                {"msgtype": "m.text", "body": "odd", "m.relates_to": {"rel_type": "m.thread", "event_id": "x"}},
                {"msgtype": "m.image", "body": value},
            ]
            for content in said:
                with contextlib.suppress(Refused):  # the homeserver lets some of it through, other ones let more
                    await ann.send(room, content)
            with contextlib.suppress(Refused):
                await ann.send(room, {"anything": value}, "m.sticker")
            for kind in ("m.room.name", "m.room.topic", "m.room.avatar", "m.room.pinned_events", "m.space.parent"):
                with contextlib.suppress(Refused):
                    await ann.set_state(room, kind, {"name": value, "topic": value, "url": value, "via": value, "pinned": value})
        await ann.set_state(room, "m.room.name", {"name": ""})
        messages = await heard(bot, ann, room)
        assert not bot.running.done()

    assert {one.text for one in messages} <= {"odd", "text", ""}
    assert "an event cannot be read" in caplog.text


async def test_in_a_group_the_bot_is_addressed_in_several_ways_and_its_name_is_cut_out(world: MatrixWorld) -> None:
    ann = await world.person()
    me, localpart = world.bot.user_id, world.bot.localpart
    pill = f'<a href="https://matrix.to/#/{me}">Parachute</a>'
    said = [
        ("nice weather", {}, False, "nice weather"),
        ("a parachute is nice", {}, False, "a parachute is nice"),
        ("Parachute: hello", {}, True, "hello"),
        ("@parachute, hello", {}, True, "hello"),
        (f"{localpart}: hello", {}, True, "hello"),
        (f"{me}: hello", {}, True, "hello"),
        ("Parachutes: hello", {}, False, "Parachutes: hello"),
        ("Parachute hello", {"m.mentions": {"user_ids": [me]}}, True, "hello"),
        ("hello @Parachute there", {"m.mentions": {"user_ids": [me]}}, True, "hello there"),
        ("hello Parachute", {"format": "org.matrix.custom.html", "formatted_body": f"hello {pill}"}, True, "hello"),
        ("Parachute", {"m.mentions": {"user_ids": [me]}}, True, "Parachute"),
        ("Parachute: !new", {}, True, "/new"),
        ("hello all", {"m.mentions": {"room": True}}, False, "hello all"),
        ("hello", {"m.mentions": {"user_ids": ["@other:x"]}}, False, "hello"),
    ]
    link = FakeLink()
    async with connected(world, link=link) as bot:
        room = await group(world, link, ann)
        for text, content, _, _ in said:
            await ann.say(room, text, **content)  # type: ignore[arg-type]
        messages = await heard(bot, ann, room)

    assert [(one.text, one.addressed) for one in messages] == [(text, addressed) for _, _, addressed, text in said]
    assert {(one.chat_type, one.user_id) for one in messages} == {(ChatType.GROUP, ann.id)}


async def test_a_reply_to_the_bot_is_for_the_bot_also_when_it_wrote_long_ago(world: MatrixWorld) -> None:
    ann, bea = await world.person("ann"), await world.person("bea")
    link, memory = FakeLink(), DictMemory()
    async with connected(world, link=link, memory=memory) as bot:
        room = await group(world, link, ann, bea)
        old = await world.as_person(world.bot).say(room, "I am here")
        await heard(bot, ann, room)
    link.received.clear()
    async with connected(world, link=link, memory=memory) as bot:
        event = await bea.say(room, "I said so")
        await ann.reply(room, event, f"> <{bea.id}> I said so\n\nyou did")
        await ann.reply(room, old, f"> <{world.bot.user_id}> I am here\n> and there\n\nwhere?\n> here?")
        await ann.reply(room, "$nothing", "no such thing")
        messages = await heard(bot, ann, room)

    assert [(one.text, one.addressed) for one in messages] == [
        ("I said so", False),
        ("you did", False),
        ("where?\n> here?", True),
        ("no such thing", False),
    ]


async def test_with_all_messages_everything_in_an_allowed_group_is_for_the_bot(world: MatrixWorld) -> None:
    ann = await world.person()
    link = FakeLink()
    async with connected(world, link=link, group_mention_mode="all_messages") as bot:
        room = await group(world, link, ann)
        await ann.say(room, "nice weather")
        (message,) = await heard(bot, ann, room)

    assert message.addressed


@pytest.mark.parametrize(
    ("written", "taken"), [("!new", "/new"), ("!HELP me", "/HELP me"), ("!start", "/start"), ("!newer", "!newer"), ("/new", "/new")]
)
async def test_commands_may_have_an_exclamation_mark(world: MatrixWorld, written: str, taken: str) -> None:
    ann = await world.person()
    async with connected(world) as bot:
        room = await direct(world, ann)
        await ann.say(room, written)
        (message,) = await heard(bot, ann, room)

    assert message.text == taken


async def test_attachments_captions_stickers_and_places(world: MatrixWorld) -> None:
    ann = await world.person()
    async with connected(world) as bot:
        room = await direct(world, ann)
        for kind in ("m.image", "m.video", "m.audio", "m.file", "m.location"):
            await ann.send(room, {"msgtype": kind, "body": "name.ext", "url": "mxc://x/y", "geo_uri": "geo:1,2"})
        await ann.send(room, {"msgtype": "m.image", "body": "look at this", "filename": "cat.png", "url": "mxc://x/y"})
        await ann.send(room, {"body": "smile", "url": "mxc://x/y", "info": {}}, "m.sticker")
        await ann.send(room, {"m.poll": {}}, "m.poll.start")
        messages = await heard(bot, ann, room)

    assert [(one.attachments, one.text) for one in messages] == [
        ((Attachment.PICTURE,), ""),
        ((Attachment.VIDEO,), ""),
        ((Attachment.AUDIO,), ""),
        ((Attachment.FILE,), ""),
        ((Attachment.PLACE,), ""),
        ((Attachment.PICTURE,), "look at this"),
        ((Attachment.STICKER,), ""),
        ((Attachment.POLL,), ""),
    ]


async def test_a_spoken_message_is_fetched_with_the_accounts_own_right(world: MatrixWorld) -> None:
    ann = await world.person()
    sound = bytes(range(256)) * 100
    async with connected(world) as bot:
        room = await direct(world, ann)
        where = await ann.upload(sound, "audio/ogg")
        info = {"mimetype": "audio/ogg", "size": len(sound), "duration": 1500}
        await ann.send(room, {"msgtype": "m.audio", "body": "voice.ogg", "url": where, "info": info, "org.matrix.msc3245.voice": {}})
        (message,) = await heard(bot, ann, room)
        assert message.voice is not None
        assert await bot.connector.fetch(message.voice) == sound

    assert (message.voice.mime_type, message.voice.size, message.voice.seconds) == ("audio/ogg", len(sound), 1.5)
    assert json.loads(message.voice.reference) == {"url": where}
    assert (message.text, message.attachments) == ("", ())


async def test_threads_are_kept_apart_from_replies(world: MatrixWorld) -> None:
    ann = await world.person()
    async with connected(world) as bot:
        room = await direct(world, ann)
        root = await ann.say(room, "one")
        thread = {"rel_type": "m.thread", "event_id": root, "is_falling_back": True, "m.in_reply_to": {"event_id": root}}
        await ann.say(room, "two", **{"m.relates_to": thread})
        messages = await heard(bot, ann, room)

    assert [(one.text, one.thread_id) for one in messages] == [("one", None), ("two", root)]
