"""What `PUT /api/bots/config` takes: a strict model for each platform. Nothing is ignored silently."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, WithJsonSchema, create_model
from pydantic_core import PydanticCustomError

from parachute_core.admin.errors import refuse
from parachute_core.config.schema import PlatformSection
from parachute_core.model.redaction import Redactor

MOST_PROBLEMS = 20
LONGEST = 512
"""Characters of one value."""
MOST_IDS = 5000


def _plain(value: object) -> object:
    """Refuse text that would mean something else in the file than what was sent."""
    if isinstance(value, str):
        if any(ord(sign) < 32 or ord(sign) == 127 for sign in value):
            raise PydanticCustomError("control", "control characters are not allowed")
        if "${" in value:
            # Else whoever has the key could read the machine's environment and files through references.
            raise PydanticCustomError("reference", "a reference like ${{NAME}} can only be written in the file itself")
    return value


def _identity(value: object) -> object:
    """An id as text; clients send numbers for Telegram."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 2**63 else None
    if isinstance(value, str):
        return value.strip()
    raise PydanticCustomError("id", "expected an id: a whole number or text")


Text = Annotated[str, BeforeValidator(_plain), StringConstraints(max_length=LONGEST, strict=True)]
Identity = Annotated[
    str,
    BeforeValidator(_plain),
    BeforeValidator(_identity),
    StringConstraints(min_length=1, max_length=LONGEST, strict=True),
    WithJsonSchema({"type": ["integer", "string"], "description": "A user's or room's id on its platform"}),
]
Identities = Annotated[list[Identity], Field(max_length=MOST_IDS)]
Trust = Literal["direct", "sandboxed"]


class SectionChange(BaseModel):
    """What can be changed on every platform. A key that is null or absent stays as it is."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    enabled: bool | None = None
    allowed_users: Identities | None = None
    dm_trust_level: Trust | None = None
    group_trust_level: Trust | None = None
    group_mention_mode: Literal["mention_only", "all_messages"] | None = None
    ack_emoji: Text | None = Field(None, description="Empty: no emoji")


class TokenChange(SectionChange):
    """Telegram and Discord."""

    bot_token: Text | None = Field(None, description="Empty: keep the token that is there")


class MatrixChange(SectionChange):
    """Matrix."""

    homeserver_url: Text | None = None
    user_id: Text | None = None
    access_token: Text | None = Field(None, description="Empty: keep the token that is there")
    device_id: Text | None = None
    allowed_rooms: Identities | None = None


MODELS: Mapping[str, type[SectionChange]] = {"telegram": TokenChange, "discord": TokenChange, "matrix": MatrixChange, "web": SectionChange}
"""Of the built-in platforms. Those of other distributions take the common keys, and what is single in their section's own ones."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A request to change the config."""

    changes: Mapping[str, Mapping[str, object]]
    """By platform, the keys to set; without those that shall stay."""
    revision: str | None
    """The revision that the client saw, where its body names one."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """The credentials among the values."""

    def without_secrets(self, text: str) -> str:
        """`text` without the tokens that the request carries, which the bot does not know as secrets yet."""
        return Redactor(self.secrets)(text)


def read_wish(body: Mapping[str, Any], platforms: Collection[str], models: Mapping[str, type[PlatformSection]]) -> Wish:
    """Read the body; ends the request with 422 and every problem that it has. `models`: the sections' own."""
    changes: dict[str, dict[str, object]] = {}
    problems: list[str] = []
    secrets: list[str] = []
    revision = body.get("revision")
    if revision is not None and not isinstance(revision, str):
        problems.append("revision: expected text")
    for platform, section in body.items():
        if platform == "revision" or (section is None and platform in platforms):
            continue
        if platform not in platforms:
            problems.append(f"{platform[:64]!r}: unknown; expected one of {', '.join(sorted(platforms))}")
            continue
        try:
            keys = models[platform].secret_keys if platform in models else ()
            changes[platform] = _wanted(_model(platform, models.get(platform)).model_validate(section), keys)
            secrets += [str(changes[platform][key]) for key in keys if key in changes[platform]]
        except ValidationError as error:
            problems += [_line(platform, one["loc"], one["msg"]) for one in error.errors(include_input=False, include_url=False)]
    if problems:
        more = len(problems) - MOST_PROBLEMS
        refuse(422, "; ".join(problems[:MOST_PROBLEMS] + ([f"and {more} more"] if more > 0 else [])))
    return Wish({platform: section for platform, section in changes.items() if section}, revision, tuple(secrets))


def _model(platform: str, section: type[PlatformSection] | None) -> type[SectionChange]:
    if platform in MODELS or section is None:
        return MODELS.get(platform, SectionChange)
    own: dict[str, Any] = dict.fromkeys(section.model_fields.keys() - PlatformSection.model_fields.keys(), (Text | bool | int | None, None))
    return create_model("OwnChange", __base__=SectionChange, **own)


def _wanted(change: SectionChange, secrets: Iterable[str]) -> dict[str, object]:
    """The keys to set: null means absent, an empty token means the old one."""
    wanted: dict[str, object] = change.model_dump(exclude_none=True)
    for secret in secrets:
        if wanted.get(secret) == "":
            del wanted[secret]
    return wanted


def _line(platform: str, place: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join([platform, *(str(one)[:64] for one in place)])}: {message}"
