"""Faults by dice: a rule at a time, each for one call, some calls apart."""

import random

from parachute_core.testing.http import Fault

KINDS = {"server error": 10, "too many": 5, "reset": 5, "lost": 5, "cut": 3}
"""How often each happens, in a hundred calls."""


class Weather:
    """Keeps one rule in force."""

    def __init__(self, faults: list[Fault], sending: str, flood: object, dice: random.Random, *, hangs: bool) -> None:
        self._faults = faults
        self._sending = sending
        self._flood = flood
        self._dice = dice
        self._kinds = {**KINDS, "hang": 1} if hangs else KINDS
        self.met = 0
        """How many calls met one."""

    def change(self) -> None:
        """Put a new rule in the place of one that was met."""
        if not self._sending or any(one.met == 0 for one in self._faults):
            return
        self.met += len(self._faults)
        self._faults[:] = [self._rule()]

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self.met += sum(one.met for one in self._faults)
        self._faults.clear()

    def _rule(self) -> Fault:
        kind = self._dice.choices(list(self._kinds), list(self._kinds.values()))[0]
        every = 100 / sum(self._kinds.values())
        rule = Fault(self._sending, skip=int(self._dice.uniform(0, 2 * every)))
        match kind:
            case "server error":
                rule.status, rule.body = self._dice.choice((500, 502, 503)), "<html>a broken proxy</html>"
            case "too many":
                rule.status, rule.body = 429, self._flood
                rule.headers = {"Via": "1.1 fake", "Retry-After": "1"}
            case "reset":
                rule.reset = True
            case "lost":
                rule.lost = True
            case "cut":
                rule.cut = 5
            case _:
                rule.hang = True
        return rule
