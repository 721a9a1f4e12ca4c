"""opsdroid: it has no middlewares, so the three checks stand in the skill."""

import asyncio
import builtins
import logging
import time

from opsdroid.core import OpsDroid
from opsdroid.events import Message
from opsdroid.matchers import match_regex

from benchmarks.gatekeeping import CHATS, TIMES, Gates

GATES = Gates()
logging.disable(logging.CRITICAL)
builtins._ = str  # its command line installs translations there


@match_regex(".*")
async def answer(opsdroid, config, message):
    if not GATES.limited(message.target) and GATES.allowed(message.user_id) and GATES.open(message.target):
        GATES.reached += 1


async def gate() -> float:
    bot = OpsDroid(config={}, loopless=True)
    bot.eventloop = asyncio.get_running_loop()
    answer.config = {"name": "answer"}
    bot.skills = [answer]
    reached = GATES.reached
    began = time.process_time()
    for number in range(TIMES):
        await bot.parse(Message("hello", user_id="1", user="ann", target=str(number % CHATS)))
    spent = (time.process_time() - began) / TIMES * 1e9
    assert GATES.reached == reached + TIMES
    return spent


CASES = {"gate": gate}
