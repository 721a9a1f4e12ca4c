"""The public test kit: fakes at the bot's seams, and a whole bot to run them in."""

from parachute_core.testing.bot import Response, RunningBot, running_bot
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.connector import FakeConnector
from parachute_core.testing.contract import assert_plugin_contract
from parachute_core.testing.distribution import fake_distribution, importable
from parachute_core.testing.orchestrator import ScriptedOrchestrator

__all__ = [
    "FakeClock",
    "FakeConnector",
    "Response",
    "RunningBot",
    "ScriptedOrchestrator",
    "assert_plugin_contract",
    "fake_distribution",
    "importable",
    "running_bot",
]
