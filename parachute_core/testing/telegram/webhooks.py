"""setWebhook and its kin, and the deliveries."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from parachute_core.testing.telegram.people import DATE, Chats
from parachute_core.testing.telegram.refusals import Refused

HEADER = "X-Telegram-Bot-Api-Secret-Token"
AGAIN_AFTER = 0.05
"""Real seconds before a delivery that failed is made again; the real one takes longer each time."""


class Webhooks:
    """Brings updates one after the other, so in order."""

    def __init__(self, chats: Chats) -> None:
        self._chats = chats
        self.secret: str | None = None
        self.proxy: str | None = None
        """Where a reverse proxy in front of the bot passes requests on to, such as `http://127.0.0.1:3333`; None: the address itself."""
        self.statuses: list[int] = []
        """What each delivery was answered with; 0 for no answer."""
        self.failure: tuple[int, str] | None = None
        """When, in seconds since 1970, and why a delivery failed last."""
        self._task: asyncio.Task[None] | None = None

    async def set_webhook(self, asked: Mapping[str, str]) -> Any:
        """An https address, an empty one removes it; the secret is 1 to 256 of A-Z, a-z, 0-9, _ and - (Bot API, setWebhook)."""
        url = asked.get("url", "")
        if url and urlsplit(url).scheme != "https" and urlsplit(url).hostname != "127.0.0.1":
            raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        secret = asked.get("secret_token")
        if secret is not None and not (0 < len(secret) <= 256 and secret.replace("_", "").replace("-", "").isalnum() and secret.isascii()):
            raise Refused(400, "Bad Request: secret token contains unallowed characters")
        self._chats.webhook, self.secret = url, secret
        if "allowed_updates" in asked:
            self._chats.allowed = json.loads(asked["allowed_updates"]) or None
        self._after_change(asked)
        return True

    async def delete_webhook(self, asked: Mapping[str, str]) -> Any:
        """Waiting updates are kept unless drop_pending_updates (Bot API, deleteWebhook)."""
        self._chats.webhook, self.secret = "", None
        self._after_change(asked)
        return True

    async def get_webhook_info(self, _asked: Mapping[str, str]) -> Any:
        """Bot API, WebhookInfo: the address, what waits, and the newest failure."""
        info: dict[str, Any] = {
            "url": self._chats.webhook,
            "has_custom_certificate": False,
            "pending_update_count": len(self._chats.updates),
        }
        if self.failure is not None:
            info["last_error_date"], info["last_error_message"] = self.failure
        return info

    async def stop(self) -> None:
        """Deliver nothing any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def fail(self, why: str) -> None:
        """A delivery fails now."""
        self.failure = (DATE if self.failure is None else self.failure[0]) + 1, why

    def _after_change(self, asked: Mapping[str, str]) -> None:
        if asked.get("drop_pending_updates") == "true":
            self._chats.updates.clear()
        if self._chats.webhook and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._deliver())

    async def _deliver(self) -> None:
        """POST as JSON with the secret header; anything but 2xx is delivered again (Bot API, setWebhook)."""
        chats = self._chats
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            while chats.webhook:
                update = chats.updates[0] if chats.updates else None
                if update is not None and await self._take(client, update):
                    chats.updates = [one for one in chats.updates if one is not update]
                    chats.news.set()
                    continue
                chats.fresh.clear()
                waiting = asyncio.ensure_future(chats.fresh.wait())
                await asyncio.wait({waiting}, timeout=AGAIN_AFTER)
                waiting.cancel()

    async def _take(self, client: httpx.AsyncClient, update: dict[str, Any]) -> bool:
        public = urlsplit(self._chats.webhook)
        address = self._chats.webhook if self.proxy is None else f"{self.proxy}{public.path}"
        headers = {"Host": public.netloc} | ({} if self.secret is None else {HEADER: self.secret})
        try:
            status = (await client.post(address, json=update, headers=headers)).status_code
        except httpx.HTTPError as error:
            status = 0
            self.fail(f"Connection failed: {type(error).__name__}")
        self.statuses.append(status)
        self._chats.news.set()
        if 0 < status < 200 or status > 299:
            self.fail(f"Wrong response from the webhook: {status}")
        return 200 <= status <= 299
