"""A fake Discord for each test."""

from collections.abc import AsyncIterator

import pytest

from parachute_core.testing.discord import FakeDiscord


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as fake:
        yield fake
