"""The packages that repeat calls."""

import logging
import time

import backoff
import stamina
import tenacity

TIMES = 2_000
logging.disable(logging.CRITICAL)
stamina.instrumentation.set_on_retry_hooks([])


class NotDelivered(Exception):
    pass


def flaky(fails: bool):
    due = False

    async def send(outgoing: object) -> object:
        nonlocal due
        if fails:
            due = not due
            if due:
                raise NotDelivered
        return outgoing

    return send


def by_backoff(send):
    return backoff.on_exception(backoff.constant, NotDelivered, max_tries=4, interval=0, jitter=None, logger=None)(send)


def by_tenacity(send):
    return tenacity.retry(
        retry=tenacity.retry_if_exception_type(NotDelivered), stop=tenacity.stop_after_attempt(4), wait=tenacity.wait_none(), reraise=True
    )(send)


def by_stamina(send):
    return stamina.retry(on=NotDelivered, attempts=4, wait_initial=0, wait_max=0, wait_jitter=0)(send)


def case(wrap):
    async def measure(fails: bool) -> float:
        call = wrap(flaky(fails))
        began = time.process_time()
        for _ in range(TIMES):
            await call(None)
        return (time.process_time() - began) / TIMES * 1e9

    return measure


CASES = {"backoff": case(by_backoff), "tenacity": case(by_tenacity), "stamina": case(by_stamina)}
