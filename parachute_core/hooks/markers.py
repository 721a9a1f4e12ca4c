"""The names by which plugins and core find each other."""

import pluggy

PROJECT = "parachute_core"
PLUGIN_GROUP = "parachute_core.plugins"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Decorator for a plugin's implementation of a hook."""
