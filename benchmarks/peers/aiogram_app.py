"""aiogram: three outer middlewares before the handler."""

import time
from datetime import UTC, datetime

from aiogram import BaseMiddleware, Bot, Dispatcher
from aiogram.types import Chat, Message, Update, User

from benchmarks.gatekeeping import CHATS, TIMES, Gates

GATES = Gates()
DISPATCHER = Dispatcher()


class Limit(BaseMiddleware):
    async def __call__(self, handler, event, data):
        return None if GATES.limited(str(event.chat.id)) else await handler(event, data)


class Allow(BaseMiddleware):
    async def __call__(self, handler, event, data):
        return await handler(event, data) if GATES.allowed(str(event.from_user.id)) else None


class Guard(BaseMiddleware):
    async def __call__(self, handler, event, data):
        return await handler(event, data) if GATES.open(str(event.chat.id)) else None


for _middleware in (Limit(), Allow(), Guard()):
    DISPATCHER.message.outer_middleware(_middleware)


@DISPATCHER.message()
async def answer(message: Message) -> None:
    GATES.reached += 1


NOW = datetime.now(UTC)
USER = User(id=1, is_bot=False, first_name="Ann")
UPDATES = [
    Update(update_id=n, message=Message(message_id=n, date=NOW, chat=Chat(id=n, type="private"), from_user=USER, text="hello"))
    for n in range(CHATS)
]


async def gate() -> float:
    bot = Bot("123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    reached = GATES.reached
    began = time.process_time()
    for number in range(TIMES):
        await DISPATCHER.feed_update(bot, UPDATES[number % CHATS])
    spent = (time.process_time() - began) / TIMES * 1e9
    assert GATES.reached == reached + TIMES
    return spent


CASES = {"gate": gate}
