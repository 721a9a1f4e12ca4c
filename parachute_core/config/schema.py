"""The whole of `bots.yaml`, validated. Every key is in `docs/config.md`."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from parachute_core.config.platforms import (
    PLATFORMS,
    DiscordSection,
    MatrixSection,
    PlatformSection,
    Section,
    TelegramSection,
    WebSection,
)
from parachute_core.config.values import MentionMode, Names, OptionalSecret, Port, Text, is_loopback
from parachute_core.model.errors import ConfigError

__all__ = [
    "PLATFORMS",
    "AdminSection",
    "BotsConfig",
    "DiscordSection",
    "MatrixSection",
    "MentionMode",
    "OrchestratorSection",
    "PlatformSection",
    "PluginSection",
    "TelegramSection",
    "TranscriberSection",
    "WebSection",
    "is_loopback",
]

SHORTEST_KEY = 16
NEEDS_KEY = f"anyone on the network could reach {{host}}: set admin.key ({SHORTEST_KEY} characters or more) to listen there"


def _host(text: str) -> str:
    if not text or any(one.isspace() or one == "/" for one in text):
        raise ValueError("expected an address to listen on, such as 127.0.0.1")
    return text


def _key(text: str | None) -> str | None:
    if text and not (len(text) >= SHORTEST_KEY and text.isascii() and text.isprintable() and " " not in text):
        raise ValueError(f"expected at least {SHORTEST_KEY} ASCII characters without spaces")
    return text


def _orchestrator(text: str) -> str:
    if not text:
        raise ValueError("expected the name of an orchestrator, such as echo")
    return text


def _transcriber(text: str) -> str:
    if not text:
        raise ValueError("expected the name of a transcriber, such as command")
    return text


class AdminSection(Section):
    """`admin:`, where the admin API and the web chat are served."""

    host: Annotated[Text, AfterValidator(_host)] = "127.0.0.1"
    port: Port = 3333
    """0: any free port."""
    key: Annotated[OptionalSecret, AfterValidator(_key)] = Field(default=None, repr=False)
    """None: the one that is generated into `admin-key` at the first start."""
    metrics_key: Annotated[OptionalSecret, AfterValidator(_key)] = Field(default=None, repr=False)
    """Opens `/metrics`, and nothing else. None: only the admin key does."""
    allowed_hosts: Names = ()
    """Host names besides the loopback ones under which the API may be called."""

    @property
    def exposed_without_key(self) -> str | None:
        """What is wrong when others can reach the address and no key is set; else None."""
        return None if self.key or is_loopback(self.host) else NEEDS_KEY.format(host=self.host)

    def at(self, host: str | None) -> "AdminSection":
        """The same settings at another address (None: at its own). Raises `ConfigError` when that needs a key and there is none."""
        moved = self if host is None else self.model_copy(update={"host": host})
        if moved.exposed_without_key:
            raise ConfigError(f"admin.host: {moved.exposed_without_key}")
        return moved


class ChoiceSection(BaseModel):
    """What `use` names is chosen, and checks the other keys by its own `Settings`."""

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)

    use: Text

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        return [("use", self.use)]  # the others may hold secrets

    @property
    def settings(self) -> dict[str, Any]:
        """The keys besides `use`, expanded."""
        return dict(self.model_extra or {})


class OrchestratorSection(ChoiceSection):
    """`orchestrator:`, what answers."""

    use: Annotated[Text, AfterValidator(_orchestrator)] = "echo"
    """The name of an installed orchestrator."""
    history_tokens: Annotated[int, Field(ge=0, le=1_000_000, strict=True)] = 16_000
    """The most of a session's history that it is given with a turn. Estimated: a token for every three bytes, and four for each message."""


class TranscriberSection(ChoiceSection):
    """`transcriber:`, what turns voice messages into text."""

    use: Annotated[Text, AfterValidator(_transcriber)]
    """The name of an installed transcriber."""


class PluginSection(BaseModel):
    """One entry of `plugins:`. The keys besides `enabled` are checked by the plugin's own `Settings`."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True, hide_input_in_errors=True)

    enabled: bool = True
    """False: the plugin is not even imported."""


class BotsConfig(Section):
    """A valid `bots.yaml`, expanded. A platform without a section is None."""

    telegram: TelegramSection | None = None
    discord: DiscordSection | None = None
    matrix: MatrixSection | None = None
    web: WebSection | None = None
    others: dict[str, PlatformSection] = Field(default={})
    """The sections of connectors from other distributions."""
    orchestrator: OrchestratorSection = OrchestratorSection()
    transcriber: TranscriberSection | None = None
    """None: the bot cannot listen."""
    plugins: dict[str, dict[str, Any] | None] = Field(default={}, repr=False)
    """Settings by plugin name, in the file's order, as they stand there; None for a name with nothing behind it."""
    required: tuple[str, ...] = ()
    """Plugins without which the bot must not start."""
    admin: AdminSection = AdminSection()

    def sections(self) -> dict[str, PlatformSection]:
        """The platforms that have a section, by name."""
        known = {name: getattr(self, name) for name in PLATFORMS}
        return {name: section for name, section in (known | self.others).items() if section is not None}
