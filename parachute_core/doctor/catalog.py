"""Every check there is, in the order in which findings are told."""

from parachute_core.doctor.address import AddressPublic, AddressUnusable
from parachute_core.doctor.check import Check
from parachute_core.doctor.clocks import ClockBehind, ClockOff
from parachute_core.doctor.database import DatabaseDamaged, StoreRefuses
from parachute_core.doctor.disk import DiskFull, DiskLow
from parachute_core.doctor.files import FileForeign, FileOpen, HomeOpen, SecretFileOpen
from parachute_core.doctor.guards import ChainOutdated, GuardMissing, GuardOff, HookOrder, PluginNotLive, PluginOutdated
from parachute_core.doctor.key import KeyFileDamaged, KeyWeak
from parachute_core.doctor.platforms import (
    ConnectorDown,
    CredentialsRefused,
    DiscordIntentMissing,
    PlatformUnreachable,
    TelegramSecondPoller,
    TelegramWebhookFailing,
    TelegramWebhookSet,
)
from parachute_core.doctor.process import BotNotRunning, BotSilent
from parachute_core.doctor.settings import ConfigMissing, ConfigRemark, ConfigUnusable, NoPlatform

CHECKS: tuple[Check, ...] = (
    ConfigMissing(),
    ConfigUnusable(),
    ConfigRemark(),
    NoPlatform(),
    HomeOpen(),
    FileOpen(),
    SecretFileOpen(),
    FileForeign(),
    AddressUnusable(),
    AddressPublic(),
    KeyWeak(),
    KeyFileDamaged(),
    ClockOff(),
    ClockBehind(),
    DiskFull(),
    DiskLow(),
    DatabaseDamaged(),
    StoreRefuses(),
    BotNotRunning(),
    BotSilent(),
    PluginNotLive(),
    PluginOutdated(),
    ChainOutdated(),
    HookOrder(),
    GuardOff(),
    GuardMissing(),
    CredentialsRefused(),
    PlatformUnreachable(),
    ConnectorDown(),
    TelegramWebhookSet(),
    TelegramWebhookFailing(),
    TelegramSecondPoller(),
    DiscordIntentMissing(),
)
