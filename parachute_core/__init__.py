"""Everything that a plugin, a connector or an orchestrator may import, and nothing else."""

from parachute_core._version import __version__
from parachute_core.clock import Clock, within
from parachute_core.hooks.markers import hookimpl
from parachute_core.hooks.shapes import (
    Access,
    ConnectorInfo,
    Layer,
    Notifier,
    PluginContext,
    PluginStore,
    Row,
    Send,
    Sessions,
    Transaction,
)
from parachute_core.model.errors import (
    AlreadyRunning,
    Ambiguous,
    ConfigError,
    ConnectionLost,
    ConnectorError,
    CredentialsRefused,
    InvalidTransition,
    NotConfigured,
    NotDelivered,
    OrchestratorError,
    OrchestratorFault,
    ParachuteError,
    PluginError,
    Rejected,
    SendError,
    StoreError,
    UnknownPlatform,
    Withheld,
)
from parachute_core.model.message import ChatRef, ChatType, Inbound
from parachute_core.model.outgoing import Outgoing, Purpose, Receipt, SendKind
from parachute_core.model.pairing import PairingEvent, PairingKind
from parachute_core.model.session import Session
from parachute_core.model.status import ALLOWED, ConnectorState, StatusChange
from parachute_core.model.trust import TrustLevel
from parachute_core.model.turn import Done, HistoryEntry, Notice, Orchestrator, TextDelta, Turn, TurnEvent, Usage
from parachute_core.model.verdict import Deny

__all__ = [
    "ALLOWED",
    "Access",
    "AlreadyRunning",
    "Ambiguous",
    "ChatRef",
    "ChatType",
    "Clock",
    "ConfigError",
    "ConnectionLost",
    "ConnectorError",
    "ConnectorInfo",
    "ConnectorState",
    "CredentialsRefused",
    "Deny",
    "Done",
    "HistoryEntry",
    "Inbound",
    "InvalidTransition",
    "Layer",
    "NotConfigured",
    "NotDelivered",
    "Notice",
    "Notifier",
    "Orchestrator",
    "OrchestratorError",
    "OrchestratorFault",
    "Outgoing",
    "PairingEvent",
    "PairingKind",
    "ParachuteError",
    "PluginContext",
    "PluginError",
    "PluginStore",
    "Purpose",
    "Receipt",
    "Rejected",
    "Row",
    "Send",
    "SendError",
    "SendKind",
    "Session",
    "Sessions",
    "StatusChange",
    "StoreError",
    "TextDelta",
    "Transaction",
    "TrustLevel",
    "Turn",
    "TurnEvent",
    "UnknownPlatform",
    "Usage",
    "Withheld",
    "__version__",
    "hookimpl",
    "within",
]
