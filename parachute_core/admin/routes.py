"""Routes that blueprints bring along: each is mounted below `/api`, and none takes a URL that another has."""

import re
from collections.abc import Sequence

from quart import Blueprint, Quart
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, RequestRedirect, Rule

from parachute_core.admin.auth import PROTECTED
from parachute_core.hooks.call import Hooks

SAMPLES = {"int": "1", "float": "1.5", "uuid": "00000000-0000-0000-0000-000000000000"}
"""What may stand in a URL for a parameter of that kind; for others, any word."""
ALWAYS_THERE = frozenset({"HEAD", "OPTIONS"})


def mount(app: Quart, blueprint: Blueprint) -> None:
    """Register the blueprint below `/api`; its own prefix is relative to that."""
    app.register_blueprint(blueprint, url_prefix=PROTECTED + (blueprint.url_prefix or ""))


def mount_plugins(app: Quart, hooks: Hooks) -> list[Blueprint]:
    """Register the blueprint of each plugin that has one. Raises `PluginError` for what is none, and for a URL that is taken."""
    mounted: list[Blueprint] = []
    for plugin, blueprint in hooks.blueprints():
        if not isinstance(blueprint, Blueprint):
            raise hooks.error(plugin, f"admin_blueprint answered {type(blueprint).__qualname__} instead of None or a Quart Blueprint")
        before = list(app.url_map.iter_rules())
        taken = Taken(before)
        try:
            mount(app, blueprint)
        except (ValueError, AssertionError, TypeError) as error:  # the names of blueprint or endpoint are taken; a rule is malformed
            raise hooks.error(plugin, f"its admin blueprint cannot be mounted: {error}") from error
        known = set(map(id, before))
        for rule in [one for one in app.url_map.iter_rules() if id(one) not in known]:
            if not rule.rule.startswith(PROTECTED + "/"):
                raise hooks.error(plugin, f"its route {rule.rule} is not below {PROTECTED}")
            if (other := taken.by(rule)) is not None:
                raise hooks.error(plugin, f"its route {rule.rule} is already taken by {other}")
        mounted.append(blueprint)
    return mounted


class Taken:
    """The URLs that rules answer to."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._shapes = [(_shape(rule), rule) for rule in rules]
        plain = [Rule(rule.rule, endpoint=rule.rule, methods=rule.methods) for rule in rules if not rule.websocket]
        self._adapter = Map(plain, merge_slashes=False).bind("localhost")

    def by(self, new: Rule) -> str | None:
        """The path of the rule that answers where `new` would, for one of its methods; None: there is none."""
        methods, shape = (new.methods or set()) - ALWAYS_THERE, _shape(new)
        for taken, rule in self._shapes:
            both_sockets = bool(rule.websocket and new.websocket)
            if taken == shape and (both_sockets or (rule.methods or set()) & methods):
                return rule.rule
        for method in methods:
            try:
                endpoint, _ = self._adapter.match(_sample(new), method=method)
            except RequestRedirect:
                return new.rule
            except HTTPException:
                continue
            return str(endpoint)
        return None


def _shape(rule: Rule) -> str:
    """The rule without the names of its parameters."""
    return re.sub(r"<(?:([^:<>]*):)?[^<>]+>", r"<\1>", rule.rule)


def _sample(rule: Rule) -> str:
    """A URL that the rule answers to."""
    return re.sub(r"<(?:([a-z]*)(?:\([^)]*\))?:)?[^<>]+>", lambda found: SAMPLES.get(found.group(1) or "", "x"), rule.rule)
