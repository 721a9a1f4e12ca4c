"""The example of `docs/writing-a-connector.md`, installed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from parachute_core.connectors.catalog import CONNECTOR_GROUP
from parachute_core.testing import fake_distribution, importable
from tests.homeserver import homeserver as homeserver

CONNECTOR = "tests.conformance.parley.connector:make_connector"


@pytest.fixture
def parley(tmp_path: Path) -> Iterator[None]:
    """Parley's connector is installed, as far as the bot can see."""
    fake_distribution(tmp_path / "site", "parachute-parley", entry_points={CONNECTOR_GROUP: {"parley": CONNECTOR}})
    with importable(tmp_path / "site"):
        yield
