"""Everything that a plugin, a connector or an orchestrator may import, and nothing else."""

from importlib import import_module
from typing import TYPE_CHECKING

from parachute_core._version import __version__

if TYPE_CHECKING:
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
    from parachute_core.model.decision import Decision, What
    from parachute_core.model.errors import (
        AlreadyRunning,
        Ambiguous,
        ConfigError,
        ConnectionLost,
        ConnectorError,
        CredentialsRefused,
        Held,
        InvalidTransition,
        NotConfigured,
        NotDelivered,
        OrchestratorError,
        OrchestratorFault,
        ParachuteError,
        PluginError,
        Postponed,
        Rejected,
        SendError,
        StoreError,
        TranscriberError,
        UnknownPlatform,
        Unreachable,
        Withheld,
    )
    from parachute_core.model.message import Attachment, ChatRef, ChatType, Inbound, Voice
    from parachute_core.model.names import plain_name, plain_text
    from parachute_core.model.outgoing import Button, Buttons, Earlier, Outgoing, Place, Purpose, Receipt, SendKind
    from parachute_core.model.pairing import PairingEvent, PairingKind
    from parachute_core.model.parcel import Stopped
    from parachute_core.model.session import Session
    from parachute_core.model.status import ALLOWED, ConnectorState, StatusChange
    from parachute_core.model.trust import TrustLevel
    from parachute_core.model.turn import (
        Audio,
        Done,
        HistoryEntry,
        Notice,
        Orchestrator,
        Overheard,
        TextDelta,
        Transcriber,
        Turn,
        TurnEvent,
        Usage,
    )
    from parachute_core.model.turn_report import TurnEnd, TurnReport, TurnStage
    from parachute_core.model.verdict import Deny

__all__ = [
    "ALLOWED",
    "Access",
    "AlreadyRunning",
    "Ambiguous",
    "Attachment",
    "Audio",
    "Button",
    "Buttons",
    "ChatRef",
    "ChatType",
    "Clock",
    "ConfigError",
    "ConnectionLost",
    "ConnectorError",
    "ConnectorInfo",
    "ConnectorState",
    "CredentialsRefused",
    "Decision",
    "Deny",
    "Done",
    "Earlier",
    "Held",
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
    "Overheard",
    "PairingEvent",
    "PairingKind",
    "ParachuteError",
    "Place",
    "PluginContext",
    "PluginError",
    "PluginStore",
    "Postponed",
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
    "Stopped",
    "StoreError",
    "TextDelta",
    "Transaction",
    "Transcriber",
    "TranscriberError",
    "TrustLevel",
    "Turn",
    "TurnEnd",
    "TurnEvent",
    "TurnReport",
    "TurnStage",
    "UnknownPlatform",
    "Unreachable",
    "Usage",
    "Voice",
    "What",
    "Withheld",
    "__version__",
    "hookimpl",
    "plain_name",
    "plain_text",
    "within",
]

_HOMES = (
    "clock",
    "hooks.markers",
    "hooks.shapes",
    "model.decision",
    "model.errors",
    "model.message",
    "model.names",
    "model.outgoing",
    "model.pairing",
    "model.parcel",
    "model.session",
    "model.status",
    "model.trust",
    "model.turn",
    "model.turn_report",
    "model.verdict",
)
"""Where the names are found at run time: with the first of them that somebody asks for, so that `--version` need not load them."""


def __getattr__(name: str) -> object:
    if name in __all__:
        for home in _HOMES:
            found = vars(import_module(f"{__name__}.{home}"))
            if name in found:
                return globals().setdefault(name, found[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
