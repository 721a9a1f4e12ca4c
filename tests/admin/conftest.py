from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest_asyncio

from tests.admin.browsing import started

if TYPE_CHECKING:
    from playwright.async_api import Browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> "AsyncIterator[Browser]":
    """One for all tests of a module, which share its event loop."""
    async with started() as browser:
        yield browser
