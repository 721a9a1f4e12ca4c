"""What the owner reads in a chat. What a stranger chose stands in it as code, so that it is no markup and no link."""

import html
from collections.abc import Sequence

from parachute_core import Button, Buttons, TrustLevel
from parachute_pairing.request import PairingRequest

SHOWN = 5
"""Requests that are listed in one message, with a row of buttons for each."""

APPROVE, DENY, BLOCK, LIST = "approve", "deny", "block", "requests"
"""The owner's words."""
NOBODY = "Nobody asks."
DECIDED = "Request {id} was decided meanwhile: it is {status}."
BLOCK_ALL_THE_SAME = " To block the person all the same, write /block {id}"
UNKNOWN = "There is no request {id}."
WHICH = "Which one? Write /{word} and the id of the request; /requests lists them."
LEVELS = "The trust level behind the id is sandboxed or direct; without one it is sandboxed."
IN_VAIN = "That could not be done: {problem}"


def notice(new: Sequence[PairingRequest], pending: int, turned_away: int) -> tuple[str, Buttons]:
    """Of the requests since the last notice: a text and its buttons."""
    facts = [f"{pending} wait in all"] if pending != len(new) else []
    if turned_away:
        facts.append(f"{turned_away} messages were turned away for want of room")
    head = f"{len(new)} new {'request' if len(new) == 1 else 'requests'}" + (f" ({'; '.join(facts)})" if facts else "")
    return _listed(head, new)


def waiting(pending: Sequence[PairingRequest]) -> tuple[str, Buttons]:
    """Of those that wait, oldest first."""
    head = f"{len(pending)} {'request waits' if len(pending) == 1 else 'requests wait'}"
    return _listed(head, pending) if pending else (NOBODY, ())


def approved(request: PairingRequest, trust_level: TrustLevel) -> str:
    """The owner let somebody in."""
    return f"Approved: {_person(request)}, {trust_level.value}."


def denied(request: PairingRequest) -> str:
    """The owner declined."""
    return f"Denied: {_person(request)}."


def blocked(request: PairingRequest) -> str:
    """The owner blocked somebody."""
    return f"Blocked: {_person(request)}. They are not told."


def _listed(head: str, requests: Sequence[PairingRequest]) -> tuple[str, Buttons]:
    lines, rows = [f"{head}:"], []
    for number, one in enumerate(requests[:SHOWN], 1):
        said = f": {_code(html.unescape(one.preview))}" if one.preview else ""
        lines.append(f"{number}. {_person(one)}{said}")
        words = ((f"Approve {number}", APPROVE), (f"Deny {number}", DENY), (f"Block {number}", BLOCK))
        rows.append(tuple(Button(label, f"/{word} {one.id}") for label, word in words))
    if len(requests) > SHOWN:
        lines.append(f"and {len(requests) - SHOWN} more: /{LIST} shows those that have waited longest")
    return "\n".join(lines), tuple(rows)


def _person(request: PairingRequest) -> str:
    name = f"{_code(request.user_display)}, " if request.user_display else ""
    return f"{name}{request.platform} {_code(request.user_id)}"


def _code(text: str) -> str:
    return f"`{text.replace('`', chr(39))}`"
