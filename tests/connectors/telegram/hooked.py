"""A connector, or a whole bot, whose updates come by webhook."""

import json
from typing import Any

import httpx

from parachute_core.connectors.telegram.webhook import HEADER
from parachute_core.testing.bot import RunningBot
from parachute_core.testing.memory import DictMemory
from parachute_core.testing.telegram import FakeBotApi

PUBLIC = "https://bot.example.org"
URL = f"{PUBLIC}/webhook/telegram"


def set_up(api: FakeBotApi, memory: DictMemory | None = None) -> dict[str, Any]:
    """What makes the connector bring its webhook, with nobody at the other end."""
    api.webhooks.proxy = "http://127.0.0.1:1"
    return {"webhook_url": PUBLIC, "memory": memory or DictMemory()}


async def bring(bot: RunningBot, api: FakeBotApi, update: object, **headers: str) -> httpx.Response:
    """What anybody might send to the address."""
    sent = {"Host": "bot.example.org", HEADER: api.webhooks.secret or "", **headers}
    content = update if isinstance(update, bytes) else json.dumps(update).encode()
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(f"{bot.url}/webhook/telegram", content=content, headers=sent)


def update(text: str, number: int = 1) -> bytes:
    person = {"id": 1, "is_bot": False, "first_name": "Ann"}
    message = {"message_id": number, "date": 0, "chat": {"id": 1, "type": "private"}, "from": person, "text": text}
    return json.dumps({"update_id": number, "message": message}).encode()
