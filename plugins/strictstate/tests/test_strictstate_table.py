"""Every pair of states, against the table as the design writes it."""

import logging
from itertools import product
from typing import Any

import pytest
from parachute_strictstate.plugin import make_plugin

from parachute_core import ALLOWED, ConnectorState, InvalidTransition, PluginContext, StatusChange

TABLE = {
    "stopped": {"starting", "running"},
    "starting": {"running", "reconnecting", "failed", "stopped"},
    "running": {"stopped", "reconnecting", "failed"},
    "reconnecting": {"running", "failed", "stopped"},
    "failed": {"stopped", "starting", "running"},
}
PAIRS = [(old, new) for old, new in product(ConnectorState, repeat=2) if old is not new]
POSSIBLE = [(old, new) for old, new in PAIRS if new in TABLE[old]]
IMPOSSIBLE = [(old, new) for old, new in PAIRS if new not in TABLE[old]]


def context() -> PluginContext[None]:
    absent: Any = None  # the plugin has no use for it
    return PluginContext(
        name="strictstate",
        settings=None,
        clock=absent,
        logger=logging.getLogger("test.strictstate"),
        store=absent,
        sessions=absent,
        access=absent,
        notifier=absent,
        announce=absent,
        record=absent,
        as_owner=absent,
    )


def change(old: ConnectorState, new: ConnectorState) -> StatusChange:
    return StatusChange("telegram", old, new, new in ALLOWED[old])


def test_the_table_of_core_is_the_one_of_the_design() -> None:
    assert {old: set(new) for old, new in ALLOWED.items()} == TABLE
    assert (len(POSSIBLE), len(IMPOSSIBLE)) == (15, 5)


@pytest.mark.parametrize(("old", "new"), IMPOSSIBLE)
def test_an_impossible_move_is_an_error_that_names_it(old: ConnectorState, new: ConnectorState) -> None:
    with pytest.raises(RuntimeError) as caught:
        make_plugin(context()).on_status_change(change(old, new))
    assert isinstance(caught.value, InvalidTransition)
    assert (caught.value.platform, caught.value.old, caught.value.new) == ("telegram", old, new)
    assert str(caught.value) == f"invalid connector state transition on telegram: {old} -> {new}"


@pytest.mark.parametrize(("old", "new"), POSSIBLE)
def test_a_possible_move_is_logged_with_its_fields(old: ConnectorState, new: ConnectorState, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="test.strictstate")
    make_plugin(context()).on_status_change(change(old, new))
    (record,) = caplog.records
    assert record.levelname == "DEBUG"
    assert (vars(record)["platform"], vars(record)["old"], vars(record)["new"]) == ("telegram", old.value, new.value)
    assert record.getMessage() == f"telegram: {old.value} -> {new.value}"
