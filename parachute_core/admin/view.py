"""The settings of the platforms as `GET /api/bots/config` shows them. No credential is among them."""

from typing import Any

from parachute_core.config.platforms import PLATFORMS, MatrixSection, PlatformSection
from parachute_core.config.read import LoadedConfig

LISTS = ("allowed_users", "allowed_rooms")
"""Keys whose values people and the bot itself add to and take from."""


def view(loaded: LoadedConfig) -> dict[str, Any]:
    """Every platform with a section, and those built for that have none, by their defaults; and the `revision`."""
    present = loaded.config.sections()
    shown: dict[str, Any] = {name: section_view(name, present.get(name) or model()) for name, model in PLATFORMS.items()}
    for name in sorted(present.keys() - PLATFORMS.keys()):
        shown[name] = section_view(name, present[name])
    return {**shown, "revision": loaded.revision}


def section_view(platform: str, section: PlatformSection) -> dict[str, Any]:
    """One section."""
    shown: dict[str, Any] = {
        "enabled": section.enabled,
        "has_token": section.has_token,
        "allowed_users": [_number(one) if platform == "telegram" else one for one in section.allowed_users],
        "dm_trust_level": section.dm_trust_level.value,
        "group_trust_level": section.group_trust_level.value,
        "group_mention_mode": str(section.group_mention_mode),
        "ack_emoji": section.ack_emoji,
    }
    if isinstance(section, MatrixSection):
        shown["homeserver_url"] = section.homeserver_url
        shown["user_id"] = section.user_id
        shown["allowed_rooms"] = list(section.allowed_rooms)
    return shown


def lists(loaded: LoadedConfig) -> dict[str, dict[str, object]]:
    """The lists of each section as text: what a client has seen that was shown this config."""
    return {
        name: {key: [str(one) for one in getattr(section, key)] for key in LISTS if hasattr(section, key)}
        for name, section in loaded.config.sections().items()
    }


def _number(user_id: str) -> int | str:
    """Clients expect Telegram's ids as numbers."""
    digits = user_id.removeprefix("-")
    return int(user_id) if digits.isascii() and digits.isdigit() and len(digits) < 20 and str(int(user_id)) == user_id else user_id
