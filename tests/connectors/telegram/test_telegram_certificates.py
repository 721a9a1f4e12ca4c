"""Certificates are read once: that holds up everything else for some 25 ms."""

import ssl

import pytest

from parachute_core.config.schema import TelegramSection
from parachute_core.connectors.telegram.api import Timeouts, open_bot_api


async def test_connections_that_are_made_anew_read_no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    section = TelegramSection(bot_token="123456:fake-token-of-a-fake-bot")
    async with open_bot_api(section, Timeouts()):
        pass
    made: list[object] = []
    monkeypatch.setattr(ssl, "create_default_context", lambda *args, **options: made.append(args))
    for _ in range(3):
        async with open_bot_api(section, Timeouts()):
            pass
    assert made == []
