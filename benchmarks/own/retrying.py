"""Our retry layer, and a loop written by hand for this one call."""

import logging
import time
from collections.abc import Awaitable, Callable

from parachute_retry.sending import RetryingSender
from parachute_retry.settings import Settings

from parachute_core import NotDelivered, Outgoing, Purpose, Receipt, SendKind
from parachute_core.testing import FakeClock

TIMES = 5_000
OUTGOING = Outgoing("telegram", "1", SendKind.MESSAGE, Purpose.REPLY, "key", "hello")
RECEIPT = Receipt("1")
SILENT = logging.getLogger("benchmark")
SILENT.disabled = True
SENDER = RetryingSender(Settings(waits=(0.0, 0.0, 0.0)), FakeClock(), SILENT)
CLOCK = FakeClock()
Send = Callable[[Outgoing], Awaitable[Receipt]]


class Flaky:
    """Fails at the first call of each pair."""

    def __init__(self, fails: bool) -> None:
        self._fails = fails
        self._due = False

    async def send(self, outgoing: Outgoing) -> Receipt:
        if self._fails:
            self._due = not self._due
            if self._due:
                raise NotDelivered("a hiccup")
        return RECEIPT


async def by_hand(send: Send, outgoing: Outgoing) -> Receipt:
    for _ in range(3):
        try:
            return await send(outgoing)
        except NotDelivered:
            await CLOCK.sleep(0.0)
    return await send(outgoing)


def case(layer: Callable[[Send, Outgoing], Awaitable[Receipt]] | None) -> Callable[[bool], Awaitable[float]]:
    async def measure(fails: bool) -> float:
        send = Flaky(fails).send
        began = time.process_time()
        if layer is None:
            for _ in range(TIMES):
                await send(OUTGOING)
        else:
            for _ in range(TIMES):
                await layer(send, OUTGOING)
        return (time.process_time() - began) / TIMES * 1e9

    return measure


CASES = {"ours": case(SENDER.send_with_retry), "hand": case(by_hand), "none": case(None)}
