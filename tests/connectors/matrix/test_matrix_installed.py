"""The connector is found by its name, and its absence is told in one line."""

import sys

import pytest

from parachute_core.config.schema import MatrixSection
from parachute_core.connectors.base import ConnectorContext
from parachute_core.connectors.catalog import Catalog
from parachute_core.connectors.matrix.connector import Matrix
from parachute_core.model.errors import ConnectionLost, CredentialsRefused, NotConfigured
from parachute_core.testing.memory import connector_context


def context(**settings: object) -> ConnectorContext:
    section = {"homeserver_url": "http://127.0.0.1:9", "user_id": "@bot:example.org", "access_token": "syt_a", **settings}
    return connector_context("matrix", MatrixSection.model_validate(section))


async def test_it_is_found_by_its_name() -> None:
    assert isinstance(Catalog().make(context()), Matrix)


def test_without_its_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "parachute_core.connectors.matrix.connector", None)
    with pytest.raises(NotConfigured, match=r"parachute-core\[matrix\]"):
        Catalog().make(context())


async def test_a_test_that_finds_nobody_says_so() -> None:
    with pytest.raises(ConnectionLost, match="cannot be reached"):
        await Catalog().make(context()).test()


@pytest.mark.parametrize("key", ["homeserver_url", "user_id"])
async def test_what_is_missing_is_named(key: str) -> None:
    with pytest.raises(CredentialsRefused, match="homeserver_url and user_id"):
        await Catalog().make(context(**{key: ""})).test()
