"""The sections of the platforms."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from parachute_core.config.ids import ANY_ID, DISCORD_USER, MATRIX_ROOM, MATRIX_USER, TELEGRAM_USER, IdForm
from parachute_core.config.values import (
    LISTED,
    WITHOUT_REPEATS,
    Emoji,
    MentionMode,
    Mentions,
    OptionalUrl,
    Replies,
    ReplyMode,
    Secret,
    Text,
    Trust,
    Url,
    WebhookUrl,
)
from parachute_core.model.trust import TrustLevel


class Section(BaseModel):
    """Part of `bots.yaml`. Unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class PlatformSection(Section):
    """What every platform's section may hold. A connector of another distribution subclasses it."""

    secret_keys: ClassVar[tuple[str, ...]] = ()
    """The keys whose values are credentials."""
    id_lists: ClassVar[Mapping[str, IdForm]] = MappingProxyType({"allowed_users": ANY_ID})
    """The keys that list who is allowed, and the form of the ids in each; an id is added to the first list that it fits."""

    enabled: bool = False
    """Whether the connector is started with the bot."""
    allowed_users: Annotated[tuple[Annotated[str, BeforeValidator(ANY_ID.read)], ...], LISTED, WITHOUT_REPEATS] = ()
    """The platform's ids of who may talk to the bot, as text. Empty: nobody."""
    dm_trust_level: Trust = TrustLevel.SANDBOXED
    """The level of an allowed user who was given none."""
    group_trust_level: Trust = TrustLevel.SANDBOXED
    """The most that anyone's turns may do in a group."""
    default_trust_level: Trust = TrustLevel.SANDBOXED
    """Kept for older files; decides nothing."""
    group_mention_mode: Mentions = MentionMode.MENTION_ONLY
    """Which messages of a group are for the bot."""
    group_history: Annotated[int, Field(ge=0, le=100)] = 20
    """Most messages of a group, not to the bot, that are given to the agent with the next one that is."""
    reply_mode: Replies = ReplyMode.ALWAYS
    """Which answers are shown as replies to their question."""
    ack_emoji: Emoji = "👀"
    """Put on a message that was taken; None: none."""

    @property
    def credentials(self) -> tuple[str, ...]:
        """The secret values of this section, without the empty ones."""
        return tuple(value for key in self.secret_keys if (value := getattr(self, key)))

    @property
    def has_token(self) -> bool:
        """Whether the credentials that a connection needs are there."""
        return bool(self.credentials)

    @property
    def allowed_ids(self) -> tuple[str, ...]:
        """Everything that was allowed: users, and rooms where the platform has them."""
        return tuple(one for key in self.id_lists for one in getattr(self, key))

    def remarks(self) -> tuple[tuple[str, str], ...]:
        """What is no error and yet worth telling the owner: pairs of a key and a sentence."""
        if self.enabled and not self.has_token:
            return (("enabled", f"is on, but {' and '.join(self.secret_keys)} is empty: it cannot be started"),)
        return ()


class TelegramSection(PlatformSection):
    """`telegram:`."""

    secret_keys: ClassVar[tuple[str, ...]] = ("bot_token",)
    id_lists: ClassVar[Mapping[str, IdForm]] = MappingProxyType({"allowed_users": TELEGRAM_USER})

    bot_token: Secret = ""
    base_url: OptionalUrl = None
    """Another Bot API server, such as http://localhost:8081/bot; None: Telegram's own."""
    base_file_url: OptionalUrl = None
    """Where that server gives out files; None: Telegram's own."""
    webhook_url: WebhookUrl = None
    """Where Telegram brings updates, as it is seen from outside; None: the bot asks for them."""
    allowed_users: Annotated[tuple[Annotated[str, BeforeValidator(TELEGRAM_USER.read)], ...], LISTED, WITHOUT_REPEATS] = ()


class DiscordSection(PlatformSection):
    """`discord:`."""

    secret_keys: ClassVar[tuple[str, ...]] = ("bot_token",)
    id_lists: ClassVar[Mapping[str, IdForm]] = MappingProxyType({"allowed_users": DISCORD_USER})

    bot_token: Secret = ""
    rest_url: OptionalUrl = None
    """Another REST server; None: Discord's own."""
    allowed_users: Annotated[tuple[Annotated[str, BeforeValidator(DISCORD_USER.read)], ...], LISTED, WITHOUT_REPEATS] = ()
    allowed_guilds: Any = None
    """Older versions wrote it and ignored it; so does this one."""

    def remarks(self) -> tuple[tuple[str, str], ...]:
        """See `PlatformSection.remarks`."""
        kept = "allowed_guilds" in self.model_fields_set
        return super().remarks() + ((("allowed_guilds", "has no effect; it is kept as it is"),) if kept else ())


class MatrixSection(PlatformSection):
    """`matrix:`."""

    secret_keys: ClassVar[tuple[str, ...]] = ("access_token",)
    id_lists: ClassVar[Mapping[str, IdForm]] = MappingProxyType({"allowed_users": MATRIX_USER, "allowed_rooms": MATRIX_ROOM})

    homeserver_url: Url = ""
    user_id: Text = ""
    """The bot's own id."""
    access_token: Secret = ""
    device_id: Text = "PARACHUTE01"
    allowed_users: Annotated[tuple[Annotated[str, BeforeValidator(MATRIX_USER.read)], ...], LISTED, WITHOUT_REPEATS] = ()
    allowed_rooms: Annotated[tuple[Annotated[str, BeforeValidator(MATRIX_ROOM.read)], ...], LISTED, WITHOUT_REPEATS] = ()
    """Rooms that the bot takes part in, by id or alias. Empty: none."""

    def remarks(self) -> tuple[tuple[str, str], ...]:
        """See `PlatformSection.remarks`."""
        users = [one for one in self.allowed_rooms if one.startswith("@")]
        misplaced = "holds ids of users, which have no effect there; they belong in allowed_users"
        return super().remarks() + ((("allowed_rooms", misplaced),) if users else ())


class WebSection(PlatformSection):
    """`web:`, the chat page that needs no account anywhere."""

    @property
    def has_token(self) -> bool:
        """Always: there are no credentials."""
        return True


PLATFORMS: Mapping[str, type[PlatformSection]] = MappingProxyType(
    {"telegram": TelegramSection, "discord": DiscordSection, "matrix": MatrixSection, "web": WebSection}
)
"""The sections that every bot knows."""
