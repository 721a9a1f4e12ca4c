"""What people send besides text: named, answered with one sentence, never with silence in a direct chat."""

from typing import Any

import pytest

from parachute_core.connectors.telegram.albums import MOST, Albums
from parachute_core.engine import texts
from parachute_core.model.message import Attachment, Inbound
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.telegram import FakeBotApi
from tests.connectors.telegram.running import connected, whole_bot

GROUP = "-1001"
FILE = {"file_id": "f", "file_unique_id": "u"}
PICTURE = {"photo": [{**FILE, "width": 1, "height": 1}]}
CLIP = {**FILE, "width": 1, "height": 1, "duration": 1}
SPOT = {"latitude": 1.0, "longitude": 2.0}
STICKER = {**FILE, "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}
POLL = {
    "id": "1",
    "question": "?",
    "options": [],
    "total_voter_count": 0,
    "is_closed": False,
    "is_anonymous": True,
    "type": "regular",
    "allows_multiple_answers": False,
    "allows_revoting": False,
    "members_only": False,
}
KINDS: list[tuple[dict[str, Any], Attachment]] = [
    (PICTURE, Attachment.PICTURE),
    ({"video": CLIP}, Attachment.VIDEO),
    ({"video_note": {**FILE, "length": 1, "duration": 1}}, Attachment.VIDEO),
    ({"animation": CLIP, "document": FILE}, Attachment.VIDEO),
    ({"audio": {**FILE, "duration": 1}}, Attachment.AUDIO),
    ({"document": FILE}, Attachment.FILE),
    ({"sticker": STICKER}, Attachment.STICKER),
    ({"location": SPOT}, Attachment.PLACE),
    ({"venue": {"location": SPOT, "title": "Here", "address": "Road 1"}, "location": SPOT}, Attachment.PLACE),
    ({"contact": {"phone_number": "1", "first_name": "Bea"}}, Attachment.CONTACT),
    ({"poll": POLL}, Attachment.POLL),
    ({"dice": {"emoji": "🎲", "value": 3}}, Attachment.OTHER),
    ({"paid_media": {"star_count": 5, "paid_media": []}}, Attachment.OTHER),
    ({"story": {"chat": {"id": 5, "type": "private"}, "id": 1}}, Attachment.OTHER),
    ({"poll": {"id": "1", "question": "without what the library wants to know of it"}}, Attachment.OTHER),
    ({"hologram_of_a_later_version": {"depth": 3}}, Attachment.OTHER),
]
SERVICE: list[dict[str, Any]] = [
    {"pinned_message": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}}},
    {"message_auto_delete_timer_changed": {"message_auto_delete_time": 60}},
    {"write_access_allowed": {"from_request": True}},
]


def send(api: FakeBotApi, content: dict[str, Any], chat_id: str | None = None, **fields: Any) -> dict[str, Any]:
    return api.say("", "1", chat_id, text=None, **content, **fields)


async def received(api: FakeBotApi, **settings: object) -> list[Inbound]:
    async with connected(api, **settings) as bot:  # type: ignore[arg-type]
        api.say("that was all", "777")
        await api.until(lambda: not api.updates)
    assert bot.link.received[-1].user_id == "777"
    return bot.link.received[:-1]


@pytest.mark.parametrize(("content", "kind"), KINDS)
async def test_each_kind_has_its_name(api: FakeBotApi, content: dict[str, Any], kind: Attachment) -> None:
    send(api, content)

    (message,) = await received(api)
    assert (message.text, message.attachments, message.voice) == ("", (kind,), None)


@pytest.mark.parametrize("content", SERVICE)
async def test_what_telegram_tells_a_chat_is_nobodys_message(api: FakeBotApi, content: dict[str, Any]) -> None:
    send(api, content)

    assert await received(api) == []


async def test_each_kind_gets_the_same_sentence(api: FakeBotApi) -> None:
    async with whole_bot(api, plugins={"ratelimit": {"limit": 100}}) as bot:
        for number, (content, _) in enumerate(KINDS, 1):
            send(api, content)
            await api.until(lambda: len(api.texts()) == number)  # noqa: B023 - looked at in this round only
        send(api, {**PICTURE, "caption": "what is it?"})
        await api.until(lambda: len(api.texts()) == len(KINDS) + 2)
        await bot.settled()

    assert api.texts() == [*[texts.ONLY_TEXT] * (len(KINDS) + 1), "what is it?"]
    assert [one.text for one in bot.orchestrator.turns] == ["what is it?"]


async def test_in_a_group_it_counts_when_it_is_for_the_bot(api: FakeBotApi) -> None:
    mention = [{"type": "mention", "offset": 0, "length": 8}]
    yes = api.post(api.group(GROUP), api.me, "Yes?", [])
    send(api, PICTURE, GROUP)
    send(api, PICTURE, GROUP, caption="nice, no?")
    send(api, PICTURE, GROUP, caption="@FakeBot look", caption_entities=mention)
    send(api, PICTURE, GROUP, reply_to_message=yes)
    send(api, {"hologram_of_a_later_version": {"depth": 3}}, GROUP)
    command = [{"type": "bot_command", "offset": 0, "length": 14}]
    send(api, PICTURE, GROUP, caption="/new@other_bot", caption_entities=command)

    assert [(one.text, one.addressed) for one in await received(api)] == [("", False), ("nice, no?", False), ("look", True), ("", True)]


@pytest.mark.parametrize("captioned", [0, 3])
async def test_an_album_gets_one_sentence_and_its_caption_one_answer(api: FakeBotApi, captioned: int) -> None:
    async with whole_bot(api, plugins={"ratelimit": {"limit": 2}}) as bot:
        for number in range(10):
            caption = {"caption": "which is best?"} if number == captioned else {}
            send(api, PICTURE, media_group_id="album", **caption)
        await api.until(lambda: "which is best?" in api.texts())
        await api.until(lambda: not api.updates)
        await bot.settled()

    assert api.texts() == [texts.ONLY_TEXT, "which is best?"]


async def test_nothing_waits_for_the_rest_of_an_album(api: FakeBotApi) -> None:
    async with whole_bot(api):
        send(api, PICTURE, media_group_id="album")
        await api.until(lambda: api.texts() == [texts.ONLY_TEXT])
        api.say("and now?")
        await api.until(lambda: api.texts() == [texts.ONLY_TEXT, "and now?"])


async def test_of_an_album_in_a_group_the_part_for_the_bot_counts(api: FakeBotApi) -> None:
    mention = [{"type": "mention", "offset": 0, "length": 8}]
    send(api, PICTURE, GROUP, media_group_id="album")
    send(api, PICTURE, GROUP, media_group_id="album", caption="@FakeBot look", caption_entities=mention)
    send(api, PICTURE, GROUP, media_group_id="album")

    found = [(one.text, one.addressed, one.attachments) for one in await received(api)]
    assert found == [("", False, (Attachment.PICTURE,)), ("look", True, (Attachment.PICTURE,)), ("", False, (Attachment.PICTURE,))]


def test_a_part_that_comes_again_comes_out_the_same() -> None:
    albums = Albums()
    first, second = part("1"), part("2")
    assert [albums.part(one, "a") for one in (first, second, first)] == [first, None, first]
    assert albums.part(part("3", chat_id="other"), "a") == part("3", chat_id="other")


def test_the_memory_for_albums_is_bounded() -> None:
    albums = Albums()
    for number in range(MOST + 1):
        albums.part(part("1"), f"{number}")
    assert albums.part(part("2"), f"{MOST}") is None
    assert albums.part(part("2"), "0") == part("2"), "the oldest is forgotten"


def part(message_id: str, chat_id: str = "1") -> Inbound:
    return Inbound("telegram", chat_id, "1", "", message_id, FakeClock().now(), attachments=(Attachment.PICTURE,))
