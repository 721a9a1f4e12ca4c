"""The faults that are the same on every platform that is reached by HTTP; each has a 429 and a refusal of its own."""

from typing import Any

from parachute_core.testing.conformance.abilities import Trouble
from parachute_core.testing.http import Fault


def fault_of(path: str, trouble: Trouble, *, flood: Fault, refusal: Any) -> Fault:
    """What goes wrong once with requests to `path`. `flood`: the platform's 429; `refusal`: the body of its 400."""
    match trouble:
        case Trouble.FLOOD:
            return flood
        case Trouble.BROKEN:
            return Fault(path, status=502, body="<html>Bad Gateway</html>")
        case Trouble.RESET:
            return Fault(path, reset=True)
        case Trouble.LOST:
            return Fault(path, lost=True)
        case Trouble.CUT:
            return Fault(path, cut=3)
        case Trouble.HANG:
            return Fault(path, hang=True)
        case Trouble.REFUSED:
            return Fault(path, status=400, body=refusal)
