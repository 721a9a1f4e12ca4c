"""python-telegram-bot: three gate handlers in groups before the one that answers."""

import time
from datetime import UTC, datetime

from telegram import Chat, Message, Update, User
from telegram.ext import Application, ApplicationHandlerStop, MessageHandler, TypeHandler, filters

from benchmarks.gatekeeping import CHATS, TIMES, Gates

GATES = Gates()
APP = Application.builder().token("123456:fake").updater(None).build()
APP._initialized = True  # asking Telegram who the bot is belongs to no message


async def limit(update, context):
    if GATES.limited(str(update.effective_chat.id)):
        raise ApplicationHandlerStop


async def allow(update, context):
    if not GATES.allowed(str(update.effective_user.id)):
        raise ApplicationHandlerStop


async def guard(update, context):
    if not GATES.open(str(update.effective_chat.id)):
        raise ApplicationHandlerStop


async def answer(update, context):
    GATES.reached += 1


for _group, _gate in ((-3, limit), (-2, allow), (-1, guard)):
    APP.add_handler(TypeHandler(Update, _gate), group=_group)
APP.add_handler(MessageHandler(filters.TEXT, answer))
USER = User(1, "Ann", is_bot=False)
UPDATES = [Update(n, Message(n, datetime.now(UTC), Chat(n, "private"), from_user=USER, text="hello")) for n in range(CHATS)]


async def gate() -> float:
    reached = GATES.reached
    began = time.process_time()
    for number in range(TIMES):
        await APP.process_update(UPDATES[number % CHATS])
    spent = (time.process_time() - began) / TIMES * 1e9
    assert GATES.reached == reached + TIMES
    return spent


CASES = {"gate": gate}
