"""The one retry loop."""

import logging
from collections.abc import Iterator
from typing import NoReturn

from parachute_core import Ambiguous, Clock, Outgoing, Postponed, Receipt, Send, SendError, SendKind, Unreachable, Withheld
from parachute_retry.ambiguity import after_unknown
from parachute_retry.classify import asked_wait, repeatable
from parachute_retry.schedule import given_up, later, waits
from parachute_retry.settings import Settings


class RetryingSender:
    """Makes a call, and makes it again while that is allowed and may help."""

    def __init__(self, settings: Settings, clock: Clock, logger: logging.Logger) -> None:
        self._settings = settings
        self._clock = clock
        self._logger = logger

    async def send_with_retry(self, send: Send, outgoing: Outgoing) -> Receipt:
        """Send, waiting between the tries. Returns the first receipt; a layer in the sense of `wrap_send`.

        Raises `Postponed` when the core is to keep it and call again later, `Held` when the owner is to decide, and the last error,
        unchanged, when no try is left or none is allowed.
        """
        if outgoing.earlier.unknown and _unrecognised(outgoing):
            outgoing = self._again(outgoing, Ambiguous("an earlier try may have arrived"))
        pauses: Iterator[float] | None = None  # made at the first failure: nearly every send succeeds at once
        tries = 0
        began = self._clock.monotonic()
        while True:
            tries += 1
            try:
                return await send(outgoing)
            except SendError as error:
                if outgoing.cosmetic or isinstance(error, Withheld | Unreachable):  # neither is a failure to be repeated
                    raise
                if isinstance(error, Ambiguous) and _unrecognised(outgoing):
                    outgoing = self._again(outgoing, error)
                elif not repeatable(error, outgoing):
                    self._log_failure(error, outgoing, tries)
                    raise
                # What was tried in an earlier burst gets one try each time it is taken up.
                pauses = pauses or (iter(()) if outgoing.earlier.tries else waits(self._settings))
                planned = next(pauses, None)
                pause = None if planned is None else max(planned, asked_wait(error))
                if pause is None or pause > self._settings.max_wait:
                    self._later(error, outgoing, tries, began)
                self._log_retry(error, outgoing, tries, pause)
            await self._clock.sleep(pause)

    def _again(self, outgoing: Outgoing, error: Ambiguous) -> Outgoing:
        labelled = after_unknown(self._settings, outgoing, error)
        self._logger.warning(
            "a message to chat %s on %s may have arrived: it is sent again, with a label",
            outgoing.chat_id,
            outgoing.platform,
            extra={"platform": outgoing.platform, "chat_id": outgoing.chat_id},
        )
        return labelled

    def _later(self, error: SendError, outgoing: Outgoing, tries: int, began: float) -> NoReturn:
        """Raise what the core is to do now."""
        age = outgoing.earlier.seconds + self._clock.monotonic() - began
        if given_up(self._settings, outgoing.earlier.tries + tries, age):
            self._log_failure(error, outgoing, tries)
            raise error
        wait = max(later(self._settings, outgoing.earlier.tries + tries), asked_wait(error))
        if not outgoing.earlier.tries:
            self._log_failure(error, outgoing, tries, wait)
        raise Postponed(wait, error) from error

    # The text of an error may quote the platform's answer, and that may quote the message: only its class is logged.

    def _log_retry(self, error: SendError, outgoing: Outgoing, retry: int, pause: float) -> None:
        kind = type(error).__name__
        self._logger.warning(
            "sending to chat %s on %s failed (%s): retry %d of %d in %g s",
            outgoing.chat_id,
            outgoing.platform,
            kind,
            retry,
            len(self._settings.waits),
            pause,
            extra={"platform": outgoing.platform, "chat_id": outgoing.chat_id, "error_class": kind, "attempt": retry},
        )

    def _log_failure(self, error: SendError, outgoing: Outgoing, tries: int, wait: float | None = None) -> None:
        kind = type(error).__name__
        self._logger.error(
            "sending to chat %s on %s failed (%s) at try %d: %s",
            outgoing.chat_id,
            outgoing.platform,
            kind,
            tries,
            "given up" if wait is None else f"kept, and tried again in {wait:g} s",
            extra={"platform": outgoing.platform, "chat_id": outgoing.chat_id, "error_class": kind, "attempt": tries},
        )


def _unrecognised(outgoing: Outgoing) -> bool:
    """Whether the platform would show a repetition as a second message."""
    return outgoing.kind is SendKind.MESSAGE and not outgoing.idempotent
