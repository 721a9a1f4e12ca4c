"""nonebot2: three event preprocessors before a matcher for messages."""

import time

import nonebot

nonebot.init(driver="~none", log_level="CRITICAL")

from nonebot.adapters import Adapter, Bot, Event, Message, MessageSegment  # noqa: E402 - after init
from nonebot.exception import IgnoredException  # noqa: E402
from nonebot.log import logger  # noqa: E402
from nonebot.message import event_preprocessor, handle_event  # noqa: E402

from benchmarks.gatekeeping import CHATS, TIMES, Gates  # noqa: E402

logger.remove()
GATES = Gates()


class Segment(MessageSegment):
    @classmethod
    def get_message_class(cls):
        return Text

    def __str__(self) -> str:
        return str(self.data["text"])

    def is_text(self) -> bool:
        return True


class Text(Message):
    @classmethod
    def get_segment_class(cls):
        return Segment

    @staticmethod
    def _construct(msg):
        yield Segment("text", {"text": msg})


class Said(Event):
    chat: str

    def get_type(self) -> str:
        return "message"

    def get_event_name(self) -> str:
        return "message"

    def get_event_description(self) -> str:
        return "a message"

    def get_message(self) -> Message:
        return Text("hello")

    def get_user_id(self) -> str:
        return "1"

    def get_session_id(self) -> str:
        return self.chat

    def is_tome(self) -> bool:
        return True


class Platform(Adapter):
    @classmethod
    def get_name(cls) -> str:
        return "benchmark"

    async def _call_api(self, bot, api, **data):
        return None


class Chatter(Bot):
    async def send(self, event, message, **kwargs):
        return None


@event_preprocessor
async def limit(event: Event) -> None:
    if GATES.limited(event.get_session_id()):
        raise IgnoredException("limit")


@event_preprocessor
async def allow(event: Event) -> None:
    if not GATES.allowed(event.get_user_id()):
        raise IgnoredException("allow")


@event_preprocessor
async def guard(event: Event) -> None:
    if not GATES.open(event.get_session_id()):
        raise IgnoredException("guard")


@nonebot.on_message().handle()
async def answer() -> None:
    GATES.reached += 1


BOT = Chatter(Platform(nonebot.get_driver()), "bot")
EVENTS = [Said(chat=str(number)) for number in range(CHATS)]


async def gate() -> float:
    reached, times = GATES.reached, TIMES // 4
    began = time.process_time()
    for number in range(times):
        await handle_event(BOT, EVENTS[number % CHATS])
    spent = (time.process_time() - began) / times * 1e9
    assert GATES.reached == reached + times
    return spent


CASES = {"gate": gate}
