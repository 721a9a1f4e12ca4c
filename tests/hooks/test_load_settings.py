"""Which plugins are on, and what each of them is given."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from parachute_core import ConfigError, Inbound, PluginContext, PluginError, hookimpl
from parachute_core.hooks.call import Hooks
from parachute_core.hooks.discover import Candidate
from parachute_core.hooks.settings import NoSettings

Load = Callable[..., Hooks]
Make = Callable[..., Candidate]


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(default=10, gt=0)
    words: tuple[str, ...] = ()


class Demanding(BaseModel):
    model_config = ConfigDict(extra="forbid")

    secret: str


class Lenient(BaseModel):
    limit: int = 10


class TakesEnabled(BaseModel):
    model_config = ConfigDict(extra="forbid")

    on: bool = Field(default=True, alias="enabled")


class Keeps:
    def __init__(self, context: PluginContext[Any]) -> None:
        self.context = context

    @hookimpl
    async def before_dispatch(self, message: Inbound) -> None:
        return None


def given(hooks: Hooks) -> Any:
    (loaded,) = hooks.plugins
    assert isinstance(loaded.plugin, Keeps)
    return loaded.plugin.context.settings


def test_settings_are_validated_and_the_loaders_key_is_kept_from_them(load: Load, make_candidate: Make) -> None:
    plugin = make_candidate("p", Keeps, settings=Settings)
    assert given(load(plugin, settings={"p": {"enabled": True, "limit": 3, "words": ["a"]}})) == Settings(limit=3, words=("a",))
    assert given(load(plugin, settings={"p": {"enabled": True}})) == Settings()


@pytest.mark.parametrize("settings", [{}, {"p": None}, {"p": {}}])
def test_a_plugin_that_is_not_mentioned_is_on_with_its_defaults(load: Load, make_candidate: Make, settings: Any) -> None:
    assert given(load(make_candidate("p", Keeps, settings=Settings), settings=settings)) == Settings()


def test_a_plugin_without_settings_is_given_none_and_takes_no_key(load: Load, make_candidate: Make) -> None:
    plugin = make_candidate("p", Keeps)
    assert given(load(plugin, settings={"p": {"enabled": True}})) is None
    with pytest.raises(ConfigError, match=r"^plugins\.p\.limit: "):
        load(plugin, settings={"p": {"limit": 1}})


def test_every_wrong_key_is_told_with_its_path(load: Load, make_candidate: Make) -> None:
    with pytest.raises(ConfigError) as refused:
        load(make_candidate("p", Keeps, settings=Settings), settings={"p": {"limit": 0, "wrods": []}})
    assert [line.split(": ")[0] for line in refused.value.problems] == ["plugins.p.limit", "plugins.p.wrods"]


def test_a_setting_that_has_no_default_must_be_there_although_nothing_is_configured(load: Load, make_candidate: Make) -> None:
    with pytest.raises(ConfigError, match=r"^plugins\.p\.secret: "):
        load(make_candidate("p", Keeps, settings=Demanding))


def test_what_was_written_is_not_repeated_in_the_error(load: Load, make_candidate: Make) -> None:
    with pytest.raises(ConfigError) as refused:
        load(make_candidate("p", Keeps, settings=Settings), settings={"p": {"limit": "hunter2-hunter2"}})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("model", "cause"),
    [
        (Lenient, "must refuse unknown keys"),
        (TakesEnabled, "must not have a field enabled"),
        (dict, "must be a pydantic model"),
        (Settings(), "must be a pydantic model"),
    ],
)
def test_a_settings_model_that_would_let_mistakes_pass_is_refused(load: Load, make_candidate: Make, model: object, cause: str) -> None:
    with pytest.raises(PluginError, match=cause):
        load(make_candidate("p", Keeps, settings=model))


@pytest.mark.parametrize("enabled", ["no", 0, None, "false"])
def test_enabled_is_true_or_false_and_nothing_else(load: Load, make_candidate: Make, enabled: object) -> None:
    with pytest.raises(ConfigError, match=r"^plugins\.p\.enabled: true or false was expected$"):
        load(make_candidate("p", Keeps), settings={"p": {"enabled": enabled}})


def test_settings_that_are_no_mapping_are_refused(load: Load, make_candidate: Make) -> None:
    with pytest.raises(ConfigError, match=r"^plugins\.p: a mapping of settings was expected$"):
        load(make_candidate("p", Keeps), settings={"p": False})


@pytest.mark.parametrize("own", [{}, {"enabled": False}])
def test_a_name_that_is_not_installed_is_an_error_with_a_guess(load: Load, make_candidate: Make, own: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"^plugins\.ratelimt: no plugin of this name is installed \(did you mean ratelimit\?\)$"):
        load(make_candidate("ratelimit", Keeps), settings={"ratelimt": own})


def test_a_required_plugin_must_be_installed_and_on(load: Load, make_candidate: Make) -> None:
    with pytest.raises(ConfigError) as refused:
        load(make_candidate("p", Keeps), settings={"p": {"enabled": False}}, required=("p", "q"))
    assert refused.value.problems == (
        "required: the plugin p is required and switched off",
        "required: the plugin q is required and not installed",
    )
    assert given(load(make_candidate("p", Keeps), required=("p",))) is None


def test_places_in_the_file_are_told_where_the_caller_knows_them(load: Load, make_candidate: Make) -> None:
    asked: list[tuple[object, str]] = []

    def validate(model: type[BaseModel], plugin: str) -> BaseModel:
        asked.append((model, plugin))
        return model()

    def where(*keys: str) -> str:
        return f"bots.yaml:{len(keys)}:1"

    def load_with(settings: dict[str, object], required: tuple[str, ...] = ()) -> Hooks:
        both = make_candidate("p", Keeps, settings=Settings), make_candidate("q", Keeps)
        return load(*both, settings=settings, required=required, validate=validate, where=where)

    load_with({"p": {"limit": 1}, "q": {"enabled": True}})
    assert asked == [(Settings, "p"), (NoSettings, "q")]
    with pytest.raises(ConfigError, match=r"^bots\.yaml:3:1: plugins\.p\.enabled: "):
        load_with({"p": {"enabled": 1}})
    with pytest.raises(ConfigError, match=r"^bots\.yaml:2:1: plugins\.zzz: "):
        load_with({"zzz": {}})
    with pytest.raises(ConfigError, match=r"^bots\.yaml:1:1: required: "):
        load_with({}, required=("absent",))


def test_the_context_is_made_for_the_plugin_of_that_name(load: Load, make_candidate: Make) -> None:
    (loaded,) = load(make_candidate("p", Keeps)).plugins
    assert isinstance(loaded.plugin, Keeps)
    assert loaded.plugin.context.name == "p"
    assert (loaded.name, loaded.distribution, loaded.version, loaded.enabled) == ("p", "dist-p", "1.2", True)
    assert loaded.hooks == ("before_dispatch",)
