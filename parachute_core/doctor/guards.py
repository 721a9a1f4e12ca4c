"""Whether the plugins protect the bot that runs."""

from collections.abc import Iterator

from parachute_core.config.default import PLUGINS
from parachute_core.doctor.case import Case
from parachute_core.doctor.check import Check, Severity

RESTART = "restart the bot: plugins are read when it starts"


class PluginNotLive(Check):
    """A protection that is believed to be there."""

    id = "plugin-not-live"
    severity = Severity.ERROR
    means = "a plugin is installed and not switched off, and the running bot does not ask it: it came after the start"
    advice = RESTART

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        if case.running is None or case.loaded is None:
            return  # which are switched off stands in the configuration
        live = {one["name"] for one in case.running.plugins if one["enabled"]}
        for plugin in case.installed:
            if plugin.name not in live | case.switched_off:
                yield f"{plugin.name} ({plugin.distribution} {plugin.version}) is not in the chain of the running bot"


class PluginOutdated(Check):
    """Another version is live."""

    id = "plugin-outdated"
    severity = Severity.WARNING
    means = "the running bot has another version of a plugin than the one that is installed"
    advice = RESTART

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        live = {one["name"]: one["version"] for one in case.running.plugins if one["enabled"]} if case.running else {}
        for plugin in case.installed:
            if live.get(plugin.name, plugin.version) != plugin.version:
                yield f"{plugin.name}: {live[plugin.name]} runs, {plugin.version} is installed"


class ChainOutdated(Check):
    """The running bot asks in another order than the file says."""

    id = "chain-outdated"
    severity = Severity.WARNING
    means = "the running bot asks the plugins of a hook in another order than `bots.yaml` says now, or one that is off there"
    advice = RESTART

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        if case.running is None or case.order is None:
            return
        for hook, wanted in case.order.items():
            live = case.running.chain(hook)
            if live != tuple(one for one in wanted if one in live):
                yield f"{hook}: the running bot asks {', '.join(live)}; bots.yaml says {', '.join(wanted) or 'none'}"


class HookOrder(Check):
    """A guard stands behind what it should guard."""

    id = "hook-order"
    severity = Severity.WARNING
    means = "`plugins:` lists the project's own plugins in another order than theirs: one sees what another should have stopped"
    advice = "list them in the order of docs/hooks.md, or leave them out of the list"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        for hook in ("before_dispatch", "wrap_send"):
            asked = [name for name in (case.order or {}).get(hook, ()) if name in PLUGINS and name in case.places]
            own = sorted(asked, key=lambda name: case.places[name])
            if asked != own:
                yield f"{hook} asks {', '.join(asked)}; their own order is {', '.join(own)}"


class GuardOff(Check):
    """It is switched off."""

    id = "guard-off"
    severity = Severity.WARNING
    means = "one of the project's own plugins is installed and switched off"
    advice = "remove its `enabled: false` from bots.yaml and restart the bot, unless you mean it"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        for plugin in case.installed:
            if plugin.name in PLUGINS and plugin.name in case.switched_off:
                yield f"{plugin.name} is switched off: {PLUGINS[plugin.name].partition('# ')[2]}"


class GuardMissing(Check):
    """It is not installed."""

    id = "guard-missing"
    severity = Severity.NOTE
    means = "one of the project's own plugins is not installed"
    advice = "pip install it, and restart the bot, if you want what it does"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        there = {one.name for one in case.installed}
        for name, told in PLUGINS.items():
            if name not in there:
                yield f"{name} is not installed: {told.partition('# ')[2]}"
