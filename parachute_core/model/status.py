"""The states of a connector and which may follow which."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class ConnectorState(StrEnum):
    """What a connector is doing. `running` means that life was proven, not hoped for."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    RECONNECTING = "reconnecting"
    FAILED = "failed"


ALLOWED: Mapping[ConnectorState, frozenset[ConnectorState]] = {
    ConnectorState.STOPPED: frozenset({ConnectorState.STARTING, ConnectorState.RUNNING}),
    ConnectorState.STARTING: frozenset(
        {ConnectorState.RUNNING, ConnectorState.RECONNECTING, ConnectorState.FAILED, ConnectorState.STOPPED}
    ),
    ConnectorState.RUNNING: frozenset({ConnectorState.STOPPED, ConnectorState.RECONNECTING, ConnectorState.FAILED}),
    ConnectorState.RECONNECTING: frozenset({ConnectorState.RUNNING, ConnectorState.FAILED, ConnectorState.STOPPED}),
    ConnectorState.FAILED: frozenset({ConnectorState.STOPPED, ConnectorState.STARTING, ConnectorState.RUNNING}),
}
"""From each state, the states that may follow it."""


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A move that is about to be made. `allowed`: whether the table has it."""

    platform: str
    old: ConnectorState
    new: ConnectorState
    allowed: bool
