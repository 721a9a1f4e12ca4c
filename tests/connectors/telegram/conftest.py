"""What the tests of the Telegram connector share."""

from collections.abc import AsyncIterator

import pytest

from parachute_core.testing.telegram import FakeBotApi


@pytest.fixture
async def api() -> AsyncIterator[FakeBotApi]:
    """A Bot API of this test's own."""
    async with FakeBotApi() as fake:
        yield fake
