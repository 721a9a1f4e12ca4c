"""From a plugin's part of the `plugins:` mapping to the settings that it is given."""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from parachute_core.model.errors import ConfigError

ENABLED = "enabled"
"""The loader's own key in each plugin's settings; the plugin never sees it."""

M = TypeVar("M", bound=BaseModel)

RawSettings = Mapping[str, Mapping[str, object] | None]
"""The `plugins:` mapping of `bots.yaml`, in the order of the file."""


class Validate(Protocol):
    """Validate one plugin's settings, all but `enabled`, where they stand in the file."""

    def __call__(self, model: type[M], plugin: str, /) -> M:
        """The settings as an instance of `model`; raises `ConfigError` with a line for each problem."""
        ...


Where = Callable[..., str]
"""The place of a key, as `file:line:col`; `where("plugins", "ratelimit")`."""


class NoSettings(BaseModel):
    """Stands in for the model of a plugin that has no settings: refuses every key."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def is_enabled(raw: RawSettings, plugin: str, where: Where | None) -> bool:
    """Whether the plugin is on: yes, unless it says `enabled: false`. Raises `ConfigError` when what it says is neither true nor false."""
    own = raw.get(plugin)
    if own is not None and not isinstance(own, Mapping):
        raise ConfigError(at(where, "a mapping of settings was expected", "plugins", plugin))
    enabled = (own or {}).get(ENABLED, True)
    if not isinstance(enabled, bool):
        raise ConfigError(at(where, "true or false was expected", "plugins", plugin, ENABLED))
    return enabled


def model_fault(model: object) -> str | None:
    """Why a module's `Settings` cannot be used, or None when it can."""
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return "its Settings must be a pydantic model"
    if model.model_config.get("extra") != "forbid":
        return 'its Settings must refuse unknown keys: model_config = ConfigDict(extra="forbid")'
    if ENABLED in {name for key, one in model.model_fields.items() for name in (key, one.alias, one.validation_alias)}:
        return f"its Settings must not have a field {ENABLED}: that key belongs to the loader"
    return None


def read_settings(model: type[M], raw: RawSettings, plugin: str, validate: Validate | None) -> M:
    """The plugin's settings without `enabled`. Raises `ConfigError` with a line for each problem."""
    if validate is not None and plugin in raw:
        return validate(model, plugin)
    try:
        return model.model_validate({key: value for key, value in (raw.get(plugin) or {}).items() if key != ENABLED})
    except ValidationError as error:
        raise ConfigError(
            *(f"{'.'.join(map(str, ('plugins', plugin, *one['loc'])))}: {one['msg']}" for one in error.errors(include_input=False))
        ) from None


def at(where: Where | None, problem: str, *keys: str) -> str:
    """The problem with the keys it is about, and their place in the file where that is known."""
    place = f"{where(*keys)}: " if where else ""
    return f"{place}{'.'.join(keys)}: {problem}"
