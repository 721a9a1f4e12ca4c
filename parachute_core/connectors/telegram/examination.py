"""Looks whether somebody else gets the bot's updates."""

from collections.abc import Iterator

from telegram import WebhookInfo
from telegram.error import Conflict, TelegramError

from parachute_core.config.schema import TelegramSection
from parachute_core.connectors.base import Complaint
from parachute_core.connectors.telegram.api import PollingBot, Timeouts
from parachute_core.connectors.telegram.faults import connection_error
from parachute_core.connectors.telegram.webhook import LONGEST_WORDS, address
from parachute_core.connectors.telegram.words import FOREIGN_WEBHOOK, SECOND_POLLER
from parachute_core.model.names import plain_text

WATCHED = 3
"""Seconds in which another poller is waited for: one that was overtaken asks again within that, unless it is patient."""


async def examine(bot: PollingBot, settings: TelegramSection, platform: str, timeouts: Timeouts, *, alone: bool) -> list[Complaint]:
    """What there is to complain about. Confirms no update. `alone`: no bot of ours polls, so that one more poll disturbs nobody of ours.

    Raises `ConnectorError`.
    """
    try:
        info = await bot.get_webhook_info()
        if settings.webhook_url:
            return list(_of_webhook(info, address(settings.webhook_url, platform), alone=alone))
        if info.url:
            return [Complaint("telegram-webhook-set", FOREIGN_WEBHOOK)]
        if not alone:
            return []
        await bot.poll(None, 0, timeouts.read)  # ends the other's poll, if one waits
        await bot.poll(None, WATCHED, timeouts.read)
    except Conflict as error:
        webhook = "webhook" in error.message.lower()
        return [Complaint("telegram-webhook-set", FOREIGN_WEBHOOK) if webhook else Complaint("telegram-second-poller", SECOND_POLLER)]
    except TelegramError as error:
        raise connection_error(error) from None
    return []


def _of_webhook(info: WebhookInfo, ours: str, *, alone: bool) -> Iterator[Complaint]:
    """A bot that does not run has not told Telegram its address yet, or cannot be reached there, which is no wonder."""
    if alone:
        return
    if info.url != ours:
        yield Complaint("telegram-webhook-failing", "another program changed the webhook of this bot")
    elif info.last_error_message and info.pending_update_count:
        waits = f"{info.pending_update_count} updates wait"
        yield Complaint("telegram-webhook-failing", f"{waits}; Telegram says: {plain_text(info.last_error_message, LONGEST_WORDS)}")
