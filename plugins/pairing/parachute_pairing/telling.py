"""Telling a user in the chat what became of the request."""

import logging

from parachute_core import ChatRef, Notifier, Purpose
from parachute_pairing.request import PairingRequest


class Teller:
    """Speaks once; the decision stands, whether its subject can be told or not."""

    def __init__(self, notifier: Notifier, log: logging.Logger) -> None:
        self._notifier = notifier
        self._log = log

    async def tell(self, request: PairingRequest, text: str) -> None:
        """Send `text` to the chat in which the user asked. Never raises an `Exception`; a failure is logged."""
        try:
            await self._notifier.send(ChatRef(request.platform, request.chat_id), text, Purpose.PAIRING)
        except Exception as error:  # noqa: BLE001 - whatever it is, the decision stands
            problem = {"request_id": request.id, "platform": request.platform, "error": type(error).__name__}
            self._log.warning("the user could not be told of the decision on a pairing request", extra=problem)
