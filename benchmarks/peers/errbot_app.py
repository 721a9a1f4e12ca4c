"""errbot: a command on its test backend, from the push of a message to the pop of the answer; it works in threads of its own."""

import logging
import time

from errbot.backends.test import TestBot

TIMES = 100
BOT = TestBot(loglevel=logging.CRITICAL)
BOT.start()
logging.disable(logging.CRITICAL)


def gate() -> float:
    began = time.process_time()
    for _ in range(TIMES):
        BOT.push_message("!echo hello")
        assert BOT.pop_message(timeout=10) == "hello"
    return (time.process_time() - began) / TIMES * 1e9


CASES = {"gate": gate}
