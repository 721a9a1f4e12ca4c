import asyncio
from collections.abc import AsyncIterator

import pytest

from parachute_core.connectors.webchat import WebChat, make_connector
from parachute_core.testing import FakeClock
from parachute_core.testing.memory import connector_context
from parachute_core.testing.sockets import FakeLink


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()


@pytest.fixture
async def chat(clock: FakeClock, link: FakeLink) -> AsyncIterator[WebChat]:
    """A running web chat."""
    chat = make_connector(connector_context("web", None, clock=clock))
    running = asyncio.create_task(chat.run(link))
    await asyncio.sleep(0)
    yield chat
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
