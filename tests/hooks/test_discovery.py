"""What is installed is found without being imported."""

import sys
from pathlib import Path

import pytest

from parachute_core import PluginError
from parachute_core.hooks.discover import DEFAULT_PLACE, candidate, discover
from parachute_core.hooks.load import load_plugins
from parachute_core.testing.distribution import fake_distribution, importable

GROUP = "parachute_core.plugins"
PLUGIN = """
from parachute_core import hookimpl

PLACE = 7

class Quiet:
    @hookimpl
    def on_status_change(self, change):
        return None

def make_plugin(context):
    return Quiet()
"""
BROKEN = "import a_module_that_is_nowhere"


def test_a_distribution_is_found_and_named_and_not_imported(tmp_path: Path) -> None:
    fake_distribution(tmp_path, "parachute-quiet", "3.1", {GROUP: {"quiet": "found_quiet:make_plugin"}}, {"found_quiet": PLUGIN})
    with importable(tmp_path):
        (found,) = (one for one in discover() if one.name == "quiet")
        assert (found.distribution, found.version) == ("parachute-quiet", "3.1")
        assert "found_quiet" not in sys.modules

        declared = found.declare()

        assert "found_quiet" in sys.modules
        assert declared.place == 7
        assert declared.settings is None
        assert callable(declared.factory)


def test_nothing_is_left_of_a_fake_distribution(tmp_path: Path) -> None:
    fake_distribution(tmp_path, "parachute-quiet", "3.1", {GROUP: {"quiet": "pack.quiet:make_plugin"}}, {"pack.quiet": PLUGIN})
    before = list(sys.path)
    with importable(tmp_path):
        next(one for one in discover() if one.name == "quiet").declare()
        assert "pack.quiet" in sys.modules

    assert "pack.quiet" not in sys.modules
    assert "pack" not in sys.modules
    assert sys.path == before
    assert all(one.name != "quiet" for one in discover())


def test_other_groups_and_other_distributions_are_none_of_ours(tmp_path: Path) -> None:
    fake_distribution(tmp_path, "stranger", entry_points={"console_scripts": {"quiet": "x:y"}})
    with importable(tmp_path):
        assert all(one.distribution != "stranger" for one in discover())


def test_a_name_that_two_distributions_claim_is_refused_with_both_named(tmp_path: Path) -> None:
    fake_distribution(tmp_path, "first-dist", "1.0", {GROUP: {"quiet": "twice_a:make_plugin"}}, {"twice_a": PLUGIN})
    fake_distribution(tmp_path, "second-dist", "2.0", {GROUP: {"quiet": "twice_b:make_plugin"}}, {"twice_b": PLUGIN})
    with importable(tmp_path):
        claims = [one for one in discover() if one.name == "quiet"]
        with pytest.raises(PluginError) as refused:
            load_plugins(claims, settings={}, make_context=lambda _, __: None)  # type: ignore[arg-type,return-value]

        assert "first-dist 1.0 and second-dist 2.0" in str(refused.value)
        assert refused.value.plugin == "quiet"
        assert not {"twice_a", "twice_b"} & set(sys.modules)


def test_a_disabled_plugin_is_not_imported_although_it_is_broken(tmp_path: Path) -> None:
    fake_distribution(tmp_path, "bad-dist", "0.9", {GROUP: {"bad": "found_bad:make_plugin"}}, {"found_bad": BROKEN})
    with importable(tmp_path):
        claims = [one for one in discover() if one.name == "bad"]
        hooks = load_plugins(claims, settings={"bad": {"enabled": False}}, make_context=lambda _, __: None)  # type: ignore[arg-type,return-value]

        (off,) = hooks.disabled
        assert (off.name, off.distribution, off.version, off.enabled, off.hooks) == ("bad", "bad-dist", "0.9", False, ())
        assert hooks.plugins == ()
        assert "found_bad" not in sys.modules


def test_a_plugin_that_cannot_be_imported_is_named_with_its_cause(tmp_path: Path) -> None:
    fake_distribution(tmp_path, "bad-dist", "0.9", {GROUP: {"bad": "found_bad:make_plugin"}}, {"found_bad": BROKEN})
    with importable(tmp_path):
        claims = [one for one in discover() if one.name == "bad"]
        with pytest.raises(
            PluginError, match=r"plugin bad \(bad-dist 0\.9\): cannot be imported: ModuleNotFoundError.*a_module_that_is_nowhere"
        ):
            load_plugins(claims, settings={}, make_context=lambda _, __: None)  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize("target", ["found_odd:nothing_here", "found_odd"])
def test_an_entry_point_that_leads_nowhere_is_named(tmp_path: Path, target: str) -> None:
    fake_distribution(tmp_path, "odd-dist", "1.0", {GROUP: {"odd": target}}, {"found_odd": "x = 1"})
    with importable(tmp_path):
        claims = [one for one in discover() if one.name == "odd"]
        with pytest.raises(PluginError, match=r"plugin odd \(odd-dist 1\.0\): "):
            load_plugins(claims, settings={}, make_context=lambda _, __: None)  # type: ignore[arg-type,return-value]


def test_a_plugin_in_this_process_declares_what_stands_beside_its_factory() -> None:
    declared = candidate("mine", lambda _: None).declare()
    assert (declared.settings, declared.place) == (None, DEFAULT_PLACE)
    assert candidate("mine", lambda _: None, place=0).declare().place == 0
