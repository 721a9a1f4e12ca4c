"""The one retry loop."""

import logging
from collections.abc import Iterator

from parachute_core import Clock, Outgoing, Receipt, Send, SendError, Withheld
from parachute_retry.classify import asked_wait, repeatable
from parachute_retry.schedule import waits
from parachute_retry.settings import Settings


class RetryingSender:
    """Makes a call, and makes it again while that is allowed and may help."""

    def __init__(self, settings: Settings, clock: Clock, logger: logging.Logger) -> None:
        self._settings = settings
        self._clock = clock
        self._logger = logger

    async def send_with_retry(self, send: Send, outgoing: Outgoing) -> Receipt:
        """Send, waiting between the tries. Returns the first receipt; raises the last error, unchanged, when no retry is left
        or none is allowed. A layer in the sense of `wrap_send`.
        """
        pauses: Iterator[float] | None = None  # made at the first failure: nearly every send succeeds at once
        tries = 0
        while True:
            tries += 1
            try:
                return await send(outgoing)
            except SendError as error:
                if outgoing.kind.cosmetic or isinstance(error, Withheld):
                    raise
                pauses = pauses or waits(self._settings)
                pause = self._pause(error, outgoing, pauses)
                if pause is None:
                    self._log_failure(error, outgoing, tries)
                    raise
                self._log_retry(error, outgoing, tries, pause)
            await self._clock.sleep(pause)

    def _pause(self, error: SendError, outgoing: Outgoing, pauses: Iterator[float]) -> float | None:
        """Seconds until the next try, or None when there is none."""
        if not repeatable(error, outgoing):
            return None
        planned = next(pauses, None)
        if planned is None:
            return None
        pause = max(planned, asked_wait(error))
        return pause if pause <= self._settings.max_wait else None

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

    def _log_failure(self, error: SendError, outgoing: Outgoing, tries: int) -> None:
        kind = type(error).__name__
        self._logger.error(
            "sending to chat %s on %s failed for good (%s) at try %d",
            outgoing.chat_id,
            outgoing.platform,
            kind,
            tries,
            extra={"platform": outgoing.platform, "chat_id": outgoing.chat_id, "error_class": kind, "attempt": tries},
        )
