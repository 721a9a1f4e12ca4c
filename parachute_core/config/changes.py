"""What a client wants changed, as edits against the file as it is now."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from parachute_core.config.edits import Add, Edit, Put, Remove
from parachute_core.config.explain import explain, known_names, unknown_key
from parachute_core.config.ids import IdForm
from parachute_core.config.platforms import PlatformSection
from parachute_core.config.problems import show_keys
from parachute_core.config.read import LoadedConfig, Sections
from parachute_core.model.errors import ConfigError

Changes = Mapping[str, Mapping[str, object]]
Ids = tuple[str, ...]
NOT_SAID = object()


def edits_for(loaded: LoadedConfig, models: Sections, changes: Changes, base: Changes | None) -> list[Edit]:
    """The edits that make `changes` true; none where the file says so already, or where the client sent back what it had read (`base`).

    Raises `ConfigError` with everything in `changes` that is not valid.
    """
    problems: list[str] = []
    edits: list[Edit] = []
    for name, values in changes.items():
        sent = {key: value for key, value in values.items() if value is not None}
        model = models.get(name)
        if model is None:
            problems.append(f"{name}: {unknown_key(name, list(models), 'unknown section')}")
            continue
        try:
            wanted = model.model_validate(sent)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                problems.append(f"{show_keys((name, *one['loc']))}: {explain(one, known_names(model, one['loc'][:-1]))}")
            continue
        edits += _section_edits(loaded, name, wanted, (base or {}).get(name) or {})
    if problems:
        raise ConfigError(*problems)
    return edits


def removal(loaded: LoadedConfig, section: str, key: str, form: IdForm, ids: Collection[str]) -> Remove | None:
    """The edit that takes every item that stands for one of `ids` out of a list; None when it has none."""
    present = loaded.document.get(section, key)
    items = present if isinstance(present, list) else []
    numbers = tuple(number for number, item in enumerate(items) if form.read(item) in ids)
    return Remove(section, key, numbers) if numbers else None


def _section_edits(loaded: LoadedConfig, name: str, wanted: PlatformSection, base: Mapping[str, object]) -> Iterator[Edit]:
    present = loaded.config.sections().get(name) or type(wanted)()
    for key in sorted(wanted.model_fields_set, key=list(type(wanted).model_fields).index):
        value, now = getattr(wanted, key), getattr(present, key)
        had = _read_base(type(wanted), key, base.get(key))
        if key in wanted.id_lists:
            yield from _list_edits(loaded, name, key, wanted.id_lists[key], (value, now, now if had is NOT_SAID else had))
        elif value in (now, had) or (key in wanted.secret_keys and not value):
            continue
        elif value is None or isinstance(value, (bool, int, str)):
            # A plain `str` of it: the file takes no enum.
            yield Put(name, key, value if isinstance(value, (bool, int)) else str(value or ""), quoted=key in wanted.secret_keys)
        else:
            raise ConfigError(f"{name}.{key}: can only be changed by hand, in the file")


def _list_edits(loaded: LoadedConfig, name: str, key: str, form: IdForm, lists: tuple[Ids, Ids, Ids]) -> Iterator[Edit]:
    """Three-way: what the client took out goes, what it put in comes, everything else is as the file has it now."""
    sent, present, base = lists
    added = tuple(one for one in sent if one not in base and one not in present)
    if added:
        yield Add(name, key, added, form)
    removed = removal(loaded, name, key, form, set(base) - set(sent))
    if removed:
        yield removed


def _read_base(model: type[PlatformSection], key: str, value: object) -> Any:
    """What the client had read, in the form it is compared in; `NOT_SAID` when it did not say, or nothing that could have been read."""
    if value is None:
        return NOT_SAID
    try:
        return getattr(model.model_validate({key: value}), key)
    except ValidationError:
        return NOT_SAID
