"""The owner hears of requests in a chat and decides them there; everything comes in through the connector."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from parachute_pairing import texts
from parachute_pairing.settings import Settings
from pydantic import ValidationError

from parachute_core import ChatType, Inbound, Outgoing, PluginError, SendKind, StoreError
from parachute_core.testing import FakeClock, FakeConnector, RunningBot, running_bot

LIST = "/api/bots/pairing"
OWNER = "1"
NOTIFY: dict[str, object] = {"platform": "telegram", "user_id": 1, "interval": 300.0}
WITH_NOTICES: dict[str, dict[str, object]] = {"pairing": {"notify": NOTIFY}}
NASTY = "<b>\u202e[click](http://evil.example) `**\u200b@everyone\n# " + "x" * 10_000


def with_buttons() -> FakeConnector:
    return FakeConnector(buttons=True)


async def told(bot: RunningBot, count: int, chat_id: str = OWNER) -> list[str]:
    """What the owner has read, once it is `count` messages; fails after some real seconds."""
    async with asyncio.timeout(5):
        await bot.clock.advance(0)
        while len(bot.texts(chat_id)) < count:
            await bot.connector.took(SendKind.MESSAGE, sum(one.kind is SendKind.MESSAGE for one in bot.connector.sent) + 1)
        await bot.settled()
    return bot.texts(chat_id)


def shown(bot: RunningBot) -> Outgoing:
    """The latest message with buttons."""
    return [one for one in bot.connector.sent if one.buttons][-1]


async def press(bot: RunningBot, label: str, user_id: str = OWNER, chat_id: str = OWNER) -> list[str]:
    """Somebody presses a button of the latest message that has some; returns what is read because of it."""
    (says,) = [one.says for row in shown(bot).buttons for one in row if one.label == label]
    return await say(bot, says, user_id, chat_id, button=True)


async def say(bot: RunningBot, text: str, user_id: str = OWNER, chat_id: str = OWNER, **more: Any) -> list[str]:
    before = len(bot.texts(chat_id))
    message = Inbound(bot.platform, chat_id, user_id, text, f"m{len(bot.connector.attempts)}{text}{user_id}", bot.clock.now(), **more)
    await bot.connector.link.receive(message)
    await bot.settled()
    return bot.texts(chat_id)[before:]


async def statuses(bot: RunningBot) -> dict[str, str]:
    rows = (await bot.request("GET", f"{LIST}?status=all")).json["requests"]
    return {one["platformUserId"]: one["status"] for one in rows}


async def id_of(bot: RunningBot, user_id: str) -> str:
    rows = (await bot.request("GET", f"{LIST}?status=all")).json["requests"]
    return str(next(one["id"] for one in rows if one["platformUserId"] == user_id))


async def test_the_first_is_told_at_once_and_the_others_together_after_the_interval() -> None:
    async with running_bot(WITH_NOTICES, connector=with_buttons()) as bot:
        await bot.ask("hello", "100")
        assert [one.splitlines()[0] for one in await told(bot, 1)] == ["1 new request:"]
        for user in range(101, 108):
            await bot.ask("hello", str(user))
        await bot.clock.advance(299)
        assert len(await told(bot, 1)) == 1
        await bot.clock.advance(1)
        notices = await told(bot, 2)
        assert notices[1].splitlines()[0] == "7 new requests (8 wait in all):"
        assert notices[1].splitlines()[-1] == "and 2 more: /requests shows those that have waited longest"
        assert len(shown(bot).buttons) == 5
        await bot.clock.advance(3000)
        assert len(await told(bot, 2)) == 2, "nothing new, nothing told"
        await bot.ask("hello", "200")
        assert len(await told(bot, 3)) == 3, "the interval was over long ago"


async def test_an_interval_that_was_begun_is_kept_over_a_restart(tmp_path: Path) -> None:
    clock, connector = FakeClock(), with_buttons()
    async with running_bot(WITH_NOTICES, connector=connector, home=tmp_path, clock=clock) as bot:
        await bot.ask("hello", "100")
        await told(bot, 1)
        await bot.ask("hello", "101")
        await clock.advance(100)
    async with running_bot(home=tmp_path, clock=clock, connector=connector) as bot:
        await clock.advance(300 - (clock.monotonic() - 1000.0) - 1)
        assert len(await told(bot, 1)) == 1
        await clock.advance(1)
        assert [one.splitlines()[0] for one in await told(bot, 2)][1:] == ["1 new request (2 wait in all):"]


async def test_the_owner_decides_with_buttons_and_it_is_the_owner_on_record() -> None:
    async with running_bot(WITH_NOTICES, connector=with_buttons()) as bot:
        for user in ("100", "101", "102"):
            await bot.ask("hello", user)
        await told(bot, 1)
        await bot.clock.advance(300)
        await told(bot, 2)
        assert await press(bot, "Approve 1") == ["Approved: telegram `101`, sandboxed."]
        assert await press(bot, "Block 2") == ["Blocked: telegram `102`. They are not told."]
        assert await say(bot, f"/deny {await id_of(bot, '100')}") == ["Denied: telegram `100`."]
        assert await statuses(bot) == {"100": "denied", "101": "approved", "102": "denied"}
        assert bot.texts("101")[-1] == texts.APPROVED
        assert await bot.ask("hi", "101") == ["hi"]
        assert await bot.ask("hi", "102") == []
        for what, user in (("pairing_approved", "101"), ("allowed", "101"), ("pairing_denied", "100"), ("pairing_blocked", "102")):
            entries = (await bot.request("GET", f"/api/audit?what={what}&user_id={user}")).json["entries"]
            assert [one["who"] for one in entries] == ["owner"], what
        assert [turn.text for turn in bot.orchestrator.turns] == ["hi"], "no word of the owner's reaches the agent"


async def test_a_button_on_a_request_that_was_decided_meanwhile_says_so() -> None:
    async with running_bot(WITH_NOTICES, connector=with_buttons()) as bot:
        await bot.ask("hello", "100")
        await told(bot, 1)
        request_id = await id_of(bot, "100")
        await bot.request("POST", f"{LIST}/{request_id}/approve")
        decided = f"Request {request_id} was decided meanwhile: it is approved."
        assert await press(bot, "Deny 1") == [decided]
        assert await press(bot, "Approve 1") == [decided]
        assert await press(bot, "Block 1") == [f"{decided} To block the person all the same, write /block {request_id}"]
        assert bot.runtime.access.is_allowed("telegram", "100")
        assert await say(bot, f"/block {request_id}") == ["Blocked: telegram `100`. They are not told."]
        assert not bot.runtime.access.is_allowed("telegram", "100")


async def test_nobody_but_the_owner_can_use_the_buttons_whatever_they_are_called() -> None:
    settings: dict[str, dict[str, object]] = {"pairing": {"notify": {**NOTIFY, "chat_id": -100}}}
    async with running_bot(settings, connector=with_buttons(), allowed=("1", "2")) as bot:
        await bot.say("hello", "100", name="Owner")
        await told(bot, 1, "-100")
        assert [one.chat_id for one in bot.connector.sent if one.buttons] == ["-100"]
        for user in ("2", "100", "200"):  # an allowed user, the one who asks, another stranger
            assert await press(bot, "Approve 1", user, "-100") == []
            more = {"user_name": "Owner", "button": True, "chat_type": ChatType.GROUP}
            assert await say(bot, f"/approve {await id_of(bot, '100')}", user, "-100", **more) == []
        assert await statuses(bot) == {"100": "pending"}
        assert bot.orchestrator.turns == []
        assert await press(bot, "Approve 1", OWNER, "-100") == ["Approved: `Owner`, telegram `100`, sandboxed."]


async def test_what_others_type_is_no_word_of_the_owners() -> None:
    async with running_bot(WITH_NOTICES, allowed=("1", "2")) as bot:
        await bot.ask("hello", "100")
        request_id = await id_of(bot, "100")
        assert await bot.ask(f"/approve {request_id}", "2") == [f"/approve {request_id}"], "a message like any other"
        assert (await bot.ask(f"/approve {request_id}", "100"))[0].startswith("Your request")
        assert await statuses(bot) == {"100": "pending"}


async def test_where_there_are_no_buttons_the_words_are_written_out() -> None:
    async with running_bot(WITH_NOTICES) as bot:
        await bot.say("hello there", "100", name="Ann")
        (notice,) = await told(bot, 1)
        request_id = await id_of(bot, "100")
        assert notice.splitlines() == [
            "1 new request:",
            "1. `Ann`, telegram `100`: `hello there`",
            "",
            f"Approve 1: /approve {request_id} · Deny 1: /deny {request_id} · Block 1: /block {request_id}",
        ]
        assert await say(bot, f"/approve {request_id} direct") == ["Approved: `Ann`, telegram `100`, direct."]


async def test_the_owner_asks_for_those_who_wait() -> None:
    async with running_bot(WITH_NOTICES, connector=with_buttons()) as bot:
        assert await say(bot, "/requests") == ["Nobody asks."]
        for user in range(100, 107):
            await bot.ask("hello", str(user))
        (listed,) = await say(bot, "/requests", chat_id="9")
        assert listed.splitlines()[:2] == ["7 requests wait:", "1. telegram `100`: `hello`"]
        assert await press(bot, "Deny 1") == ["Denied: telegram `100`."]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/approve", "Which one?"),
        ("/deny `rm -rf`", "Which one?"),
        ("/block " + "x" * 100, "Which one?"),
        ("/approve nonsense", "There is no request nonsense."),
        ("/block nonsense", "There is no request nonsense."),
    ],
)
async def test_words_that_make_no_sense_are_answered(said: str, answer: str) -> None:
    async with running_bot(WITH_NOTICES) as bot:
        (read,) = await say(bot, said)
        assert read.startswith(answer)


async def test_a_level_that_is_none_lets_nobody_in() -> None:
    async with running_bot(WITH_NOTICES) as bot:
        await bot.ask("hello", "100")
        (read,) = await say(bot, f"/approve {await id_of(bot, '100')} root")
        assert read.startswith("The trust level")
        assert await statuses(bot) == {"100": "pending"}


async def test_a_blocked_owner_has_no_word() -> None:
    async with running_bot(WITH_NOTICES) as bot:
        await bot.ask("hello", "100")
        await bot.request("POST", f"{LIST}/telegram/{OWNER}/block")
        assert await say(bot, f"/approve {await id_of(bot, '100')}") == []
        assert await statuses(bot) == {"100": "pending"}


async def test_a_name_made_to_deceive_harms_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with running_bot(WITH_NOTICES, connector=with_buttons()) as bot:
        await bot.say(NASTY, "100", name=NASTY)
        (notice,) = await told(bot, 1)
        line = notice.splitlines()[1]
        assert len(notice.splitlines()) == 2
        assert len(line) < 300
        assert line.count("`") == 6, "all of it stands as code"
        assert line.startswith("1. `<b>[click](http://evil.example) '**@everyone # xxx")
        (one,) = (await bot.request("GET", LIST)).json["requests"]
        assert one["platformUserDisplay"].startswith("<b>[click]")
        assert len(one["platformUserDisplay"]) == 64
        assert one["preview"].startswith("&lt;b&gt;[click]")
        assert "\u202e" not in str(one) + notice
        assert "evil.example" not in caplog.text
        labels = [button.label for row in shown(bot).buttons for button in row]
        assert labels == ["Approve 1", "Deny 1", "Block 1"]


async def test_a_notice_that_waits_for_its_platform_keeps_its_buttons_over_a_restart(tmp_path: Path) -> None:
    clock, connector = FakeClock(), with_buttons()
    async with running_bot(WITH_NOTICES, connector=connector, home=tmp_path, clock=clock) as bot:
        await bot.ask("hello", "100")
        await told(bot, 1)
        await bot.ask("hello", "101")
        assert (await bot.request("POST", "/api/bots/telegram/stop")).json["success"] is True
        await clock.advance(300)
        async with asyncio.timeout(5):
            while not (await bot.request("GET", "/api/deliveries?state=queued")).json["deliveries"]:
                await clock.advance(0)
        assert len(bot.texts(OWNER)) == 1
    async with running_bot(home=tmp_path, clock=clock, connector=connector) as bot:
        await told(bot, 2)
        assert await press(bot, "Deny 1") == ["Denied: telegram `101`."]


async def test_a_notice_that_cannot_be_kept_is_told_later(make_kit: Any) -> None:
    async with make_kit(Settings.model_validate({"notify": NOTIFY})) as kit:
        herald = kit.parts.herald
        assert herald is not None
        kit.chores.start(herald.run())
        kit.notifier.failure = StoreError("the disk is full")
        await kit.says("100")
        await kit.clock.advance(20)
        kit.notifier.failure = None
        assert kit.notifier.said == []
        await kit.clock.advance(20)
        assert [chat.chat_id for chat, _, _ in kit.notifier.said] == [OWNER]


async def test_a_notice_is_told_later_also_when_nothing_at_all_can_be_written_any_more(make_kit: Any) -> None:
    async with make_kit(Settings.model_validate({"notify": NOTIFY})) as kit:
        kit.chores.start(kit.parts.herald.run())
        kit.notifier.failure = StoreError("the disk is full")
        kit.notifier.before_sending = lambda: setattr(kit.tables, "broken", True)
        await kit.says("100")
        await kit.clock.advance(20)
        kit.notifier.failure, kit.notifier.before_sending, kit.tables.broken = None, int, False
        await kit.clock.advance(3600)
        assert [chat.chat_id for chat, _, _ in kit.notifier.said] == [OWNER]


async def test_a_platform_that_there_is_not_stops_the_start() -> None:
    settings: dict[str, dict[str, object]] = {"pairing": {"notify": {**NOTIFY, "platform": "telegraph"}}}
    with pytest.raises(PluginError, match="there is no platform telegraph"):
        async with running_bot(settings):
            pass


@pytest.mark.parametrize(
    "notify",
    [
        {},
        {"platform": "telegram"},
        {"platform": "discord", "user_id": 1},
        {"platform": "matrix", "user_id": "@me:example.org"},
        {"platform": "telegram", "user_id": True},
        {"platform": "telegram", "user_id": ""},
        {"platform": "telegram", "user_id": 1, "interval": 1.0},
        {"platform": "telegram", "user_id": 1, "name": "Ann"},
    ],
)
def test_an_owner_who_cannot_be_told_is_refused(notify: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"notify": notify})
