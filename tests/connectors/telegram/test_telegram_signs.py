"""The signs that an answer is being made: they come, they go, and nothing waits for them."""

from parachute_core.connectors.signs import LONGEST
from parachute_core.connectors.telegram.connector import Telegram
from parachute_core.connectors.telegram.presence import TYPING_EVERY as EVERY
from parachute_core.model.outgoing import SendKind
from parachute_core.testing.http import Fault
from parachute_core.testing.orchestrator import ScriptedOrchestrator
from parachute_core.testing.telegram import FakeBotApi
from tests.connectors.running import Connected, until
from tests.connectors.telegram.running import connected, outgoing, whole_bot


async def begin(bot: Connected[Telegram], message_id: int | None = None) -> None:
    await bot.connector.send(outgoing(kind=SendKind.TYPING, final=False))
    if message_id is not None:
        await bot.connector.send(outgoing(kind=SendKind.ACK, target_id=str(message_id)))


async def end(bot: Connected[Telegram]) -> None:
    await bot.connector.send(outgoing(kind=SendKind.TYPING, final=True))


async def test_typing_is_kept_up_until_it_ends(api: FakeBotApi) -> None:
    api.private("1")
    async with connected(api) as bot:
        await begin(bot)
        await begin(bot)  # twice is once
        for shown in (1, 2, 3):
            await until(lambda: len(api.actions) == shown)  # noqa: B023 - looked at in this round only
            await bot.clock.sleeping(EVERY)
            await bot.clock.advance(EVERY)
        await api.until(lambda: len(api.actions) == 4)
        await end(bot)
        await bot.clock.advance(60)

    assert api.actions == ["1"] * 4


async def test_typing_does_not_go_on_for_ever(api: FakeBotApi) -> None:
    api.private("1")
    async with connected(api) as bot:
        await begin(bot)
        for _ in range(int(LONGEST / EVERY) + 1):
            before = len(api.actions)
            await bot.clock.sleeping(EVERY)
            await bot.clock.advance(EVERY)
            if bot.clock.monotonic() < 1000 + LONGEST:
                await until(lambda: len(api.actions) > before)  # noqa: B023
        before = len(api.actions)
        await bot.clock.advance(60)

    assert len(api.actions) == before == 134


async def test_the_next_answer_is_shown_right_after_the_last(api: FakeBotApi) -> None:
    api.private("1")
    async with connected(api) as bot:
        await begin(bot)
        await api.until(lambda: api.actions)
        await end(bot)
        await begin(bot)
        await api.until(lambda: len(api.actions) == 2)


async def test_the_reaction_comes_and_goes(api: FakeBotApi) -> None:
    message = api.say("hello")
    place = "1", message["message_id"]
    async with connected(api, ack_emoji="👍") as bot:
        await begin(bot, message["message_id"])
        await api.until(lambda: api.reactions)
        assert api.reactions == {place: ["👍"]}
        await end(bot)
        await api.until(lambda: not api.reactions)


async def test_a_reaction_is_not_taken_off_before_it_is_there(api: FakeBotApi) -> None:
    message = api.say("hello")
    api.server.faults.append(Fault("setMessageReaction", delay=0.2))
    async with connected(api) as bot:
        await begin(bot, message["message_id"])
        await end(bot)
        await api.until(lambda: len(api.calls("setMessageReaction")) == 2)
        await api.until(lambda: not api.reactions)

    assert [one.get("reaction", "[]") != "[]" for one in api.calls("setMessageReaction")] == [True, False]


async def test_a_stop_takes_the_reaction_off(api: FakeBotApi) -> None:
    message = api.say("hello")
    async with connected(api) as bot:
        await begin(bot, message["message_id"])
        await api.until(lambda: api.reactions)

    assert api.reactions == {}


async def test_without_an_emoji_there_is_no_reaction(api: FakeBotApi) -> None:
    message = api.say("hello")
    async with connected(api, ack_emoji=None) as bot:
        await begin(bot, message["message_id"])
        await api.until(lambda: api.actions)
        await end(bot)

    assert api.calls("setMessageReaction") == []


async def test_signs_are_shed_after_flood_control(api: FakeBotApi) -> None:
    api.private("1")
    body = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 10}}
    api.server.faults.append(Fault("sendChatAction", status=429, body=body))
    async with connected(api) as bot:
        await begin(bot)
        for _ in range(2):
            await bot.clock.sleeping(EVERY)
            await bot.clock.advance(EVERY)
        assert len(api.calls("sendChatAction")) == 1
        await bot.clock.sleeping(EVERY)
        await bot.clock.advance(EVERY)
        await api.until(lambda: api.actions == ["1"])


async def test_an_answer_does_not_wait_for_signs_that_hang_or_fail(api: FakeBotApi) -> None:
    api.server.faults.append(Fault("sendChatAction", hang=True, count=None))
    api.server.faults.append(Fault("setMessageReaction", status=500, count=None))
    async with whole_bot(api):
        api.say("hello")
        await api.until(lambda: api.texts("1") == ["hello"])


async def test_a_person_sees_that_an_answer_is_being_made(api: FakeBotApi) -> None:
    orchestrator = ScriptedOrchestrator()
    orchestrator.hold()
    async with whole_bot(api, orchestrator=orchestrator) as bot:
        message = api.say("hello")
        await api.until(lambda: api.actions and api.reactions)
        assert api.reactions == {("1", message["message_id"]): ["👀"]}
        orchestrator.release()
        await bot.settled()
        await api.until(lambda: not api.reactions)

    assert api.texts("1") == ["hello"]


async def test_signs_are_left_out_where_messages_need_the_room(api: FakeBotApi) -> None:
    async with whole_bot(api) as bot:
        for number in range(9):
            api.say(f"question {number}")
        await until(lambda: len(api.texts("1")) == 9)
        await bot.settled()
        await until(lambda: not api.reactions)
        shown = len(api.server.paths("/setMessageReaction"))
        assert 2 <= shown <= 10, "put on and taken off, of the first few alone"
        await bot.clock.advance(61)
        api.say("later")
        await until(lambda: len(api.server.paths("/setMessageReaction")) == shown + 2)
