"""New accounts on the homeserver for each test."""

from collections.abc import AsyncIterator

import pytest

from parachute_core.testing.matrix import Homeserver, MatrixWorld, matrix_world
from tests.homeserver import homeserver as homeserver


@pytest.fixture
async def world(homeserver: Homeserver) -> AsyncIterator[MatrixWorld]:
    async with matrix_world(homeserver) as fresh:
        yield fresh
