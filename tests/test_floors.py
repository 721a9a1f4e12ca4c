"""The floor rule, the places that own a dependency, and what a plugin may import: held here, and shown to be able to fail."""

from pathlib import Path

import pytest

from tools import boundaries, floors, plugin_imports
from tools.planting import plant

ROOT = Path(__file__).resolve().parent.parent
PUBLIC = "from parachute_core.clock import Clock\n__all__ = ['Clock']\n"


def test_no_room_imports_a_higher_one() -> None:
    assert floors.find(ROOT) == []


def test_each_dependency_stays_in_its_place() -> None:
    assert boundaries.find(ROOT) == []


def test_plugins_import_public_names_only() -> None:
    assert plugin_imports.find(ROOT) == []


@pytest.mark.parametrize(
    ("path", "statement"),
    [
        ("model/message.py", "from parachute_core.hooks.specs import before_dispatch"),
        ("model/message.py", "import parachute_core.store.database"),
        ("model/message.py", "from parachute_core import Deny"),
        ("model/message.py", "from parachute_core import engine"),
        ("hooks/call.py", "from ..config import schema"),
        ("config/read.py", "from parachute_core.store import database"),
        ("store/sessions.py", "from parachute_core.engine.access import AccessControl"),
        ("engine/inbound.py", "from parachute_core.connectors.base import Connector"),
        ("connectors/web.py", "from parachute_core.engine.turn import answer"),
        ("connectors/web.py", "def late() -> None:\n    import parachute_core.admin.app"),
        ("connectors/web.py", "import importlib\nimportlib.import_module('parachute_core.engine.turn')"),
        ("orchestrators/echo.py", "from parachute_core.hooks.shapes import Sessions"),
        ("transcribers/command.py", "from parachute_core.orchestrators.context import OrchestratorContext"),
        ("programs/process.py", "from parachute_core.orchestrators import command"),
        ("installed.py", "from parachute_core.transcribers.catalog import Catalog"),
        ("doctor/files.py", "from parachute_core.assembly import Bot"),
        ("doctor/files.py", "from parachute_core.engine.access import AccessControl"),
        ("admin/app.py", "from parachute_core.runtime import Runtime"),
        ("runtime.py", "from parachute_core.cli import main"),
        ("cli.py", "from parachute_core.testing import FakeClock"),
        ("__init__.py", "from parachute_core.engine.turn import Turn"),
        ("novelty/thing.py", ""),
    ],
)
def test_an_import_that_climbs_is_found(tmp_path: Path, path: str, statement: str) -> None:
    plant(tmp_path, {f"parachute_core/{path}": statement})

    assert [problem.path for problem in floors.find(tmp_path)] == [f"parachute_core/{path}"]


@pytest.mark.parametrize(
    ("path", "statement"),
    [
        ("hooks/specs.py", "from parachute_core.model.message import Inbound"),
        ("engine/inbound.py", "from parachute_core.store.sessions import SessionStore\nfrom . import turn"),
        ("runtime.py", "from parachute_core.engine import inbound\nfrom parachute_core.connectors import fleet"),
        ("testing/bot.py", "from parachute_core.cli import main"),
    ],
)
def test_an_import_that_goes_down_is_not(tmp_path: Path, path: str, statement: str) -> None:
    plant(tmp_path, {f"parachute_core/{path}": statement})

    assert floors.find(tmp_path) == []


@pytest.mark.parametrize(
    ("path", "statement"),
    [
        ("engine/turn.py", "import time"),
        ("engine/turn.py", "from time import monotonic"),
        ("engine/turn.py", "import asyncio\nasyncio.sleep(1)"),
        ("engine/turn.py", "from asyncio import sleep as wait\nwait(1)"),
        ("engine/turn.py", "import asyncio as aio\nasync def f() -> None:\n    async with aio.timeout(3): ..."),
        ("engine/turn.py", "from datetime import datetime\ndatetime.now()"),
        ("engine/turn.py", "import datetime as d\nd.datetime.utcnow()"),
        ("engine/turn.py", "import sqlite3"),
        ("engine/turn.py", "def late() -> None:\n    import aiosqlite.core"),
        ("connectors/web.py", "from quart import Quart"),
        ("engine/turn.py", "import pluggy"),
    ],
)
def test_a_dependency_out_of_place_is_found(tmp_path: Path, path: str, statement: str) -> None:
    plant(tmp_path, {f"parachute_core/{path}": statement})

    assert [problem.path for problem in boundaries.find(tmp_path)] == [f"parachute_core/{path}"]


def test_the_owners_of_a_dependency_may_use_it(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "parachute_core/clock.py": "import time, asyncio\ntime.monotonic()\nasyncio.sleep(1)",
            "parachute_core/store/database.py": "import aiosqlite, sqlite3",
            "parachute_core/admin/app.py": "import quart",
            "parachute_core/hooks/call.py": "import pluggy",
            "parachute_core/hooks/specs.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from quart import Blueprint",
            "plugins/pairing/parachute_pairing/routes.py": "import quart",
            "parachute_core/testing/clock.py": "import asyncio\nasyncio.sleep(0)",
        },
    )

    assert boundaries.find(tmp_path) == []


@pytest.mark.parametrize(
    "statement",
    [
        "from parachute_core.clock import Clock",
        "from parachute_core import SystemClock",
        "from parachute_core import store",
        "import parachute_core",
        "import parachute_core.store.database",
        "from parachute_core.testing import FakeClock",
        "from parachute_retry import make_plugin",
    ],
)
def test_a_private_name_in_a_plugin_is_found(tmp_path: Path, statement: str) -> None:
    plant(
        tmp_path,
        {
            "parachute_core/__init__.py": PUBLIC,
            "parachute_core/testing/__init__.py": "__all__ = ['FakeClock']",
            "plugins/ratelimit/parachute_ratelimit/plugin.py": statement,
        },
    )

    assert [problem.path for problem in plugin_imports.find(tmp_path)] == ["plugins/ratelimit/parachute_ratelimit/plugin.py"]


def test_plugin_tests_may_use_the_test_kit_and_nothing_private(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "parachute_core/__init__.py": PUBLIC,
            "parachute_core/testing/__init__.py": "__all__ = ['FakeClock']",
            "plugins/ratelimit/tests/test_good.py": "from parachute_core import Clock\nfrom parachute_core.testing import FakeClock",
            "plugins/ratelimit/tests/test_bad.py": "from parachute_core.store.database import Database",
        },
    )

    assert [problem.path for problem in plugin_imports.find(tmp_path)] == ["plugins/ratelimit/tests/test_bad.py"]
