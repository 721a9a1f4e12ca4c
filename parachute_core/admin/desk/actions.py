"""Everything that can be done on the page. Each is one request to the admin API, which decides, does and records it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from parachute_core.admin.desk.inside import Answer, Inside
from parachute_core.admin.desk.notices import Notice
from parachute_core.admin.desk.paper import counted, plain

PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")

Fields = Mapping[str, str]
Said = Callable[[Fields, dict[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Action:
    """One of them."""

    method: str
    rule: str
    """Of the API's route, as it is written there; the form brings its parameters."""
    said: Said
    """What is said when it was done: of the form's fields, and the API's answer."""
    body: tuple[str, ...] = ()
    """Fields of the form that go into the body, where they are not empty."""

    def path(self, fields: Fields) -> str | None:
        """The path to ask; None: the form lacks something, or has something that does not fit."""
        parts = {name: (fields.get(name, ""), kind) for kind, name in PARAMETER.findall(self.rule)}
        if any(not value or ("/" in value and kind != "path") for value, kind in parts.values()):
            return None
        return PARAMETER.sub(lambda found: parts[found[2]][0], self.rule)

    async def do(self, inside: Inside, fields: Fields) -> Notice:
        """Do it; returns what to say of it."""
        path = self.path(fields)
        if path is None:
            return Notice("This form is not whole; load the page again.", good=False)
        answer = await inside.ask(self.method, path, {name: fields[name] for name in self.body if fields.get(name)} or None)
        return self._notice(fields, answer)

    def _notice(self, fields: Fields, answer: Answer) -> Notice:
        if not answer.fine:
            return Notice(_sentence(answer.trouble), good=False)
        shown = {name: plain(value) for name, value in fields.items()}
        return Notice(self.said(shown, answer.json), good=True)


def _sentence(text: str) -> str:
    shown = text[:1].upper() + text[1:]
    return shown if shown.endswith((".", "!", "?", "…")) else f"{shown}."


def _stopped(answer: dict[str, Any]) -> str:
    """What ending something stopped."""
    stopped = answer.get("stopped") or {}
    told = [
        f"{counted(stopped.get('turns', 0), 'answer')} in the making" if stopped.get("turns") else "",
        f"{counted(stopped.get('replies', 0), 'answer')} that waited to be delivered" if stopped.get("replies") else "",
    ]
    return f"Stopped: {', '.join(filter(None, told))}." if any(told) else "Nothing was being done that had to be stopped."


def _tested(fields: Fields, answer: dict[str, Any]) -> str:
    who = ", ".join(plain(value) for name, value in answer.items() if name != "success")
    return f"{fields['platform']} answers" + (f": the bot is {who}." if who else ".")


def _archived(_fields: Fields, answer: dict[str, Any]) -> str:
    return f"The session is archived. {_stopped(answer)}" if answer.get("changed") else "The session was archived before."


def _revoked(fields: Fields, answer: dict[str, Any]) -> str:
    return f"{fields['user_id']} on {fields['platform']} is let in no more. {_stopped(answer)}"


def _let_in(_fields: Fields, answer: dict[str, Any]) -> str:
    request = answer.get("request") or {}
    return f"Let in: {plain(request.get('platformUserId'))} on {plain(request.get('platform'))}, {request.get('approvedTrustLevel')}."


def _denied(_fields: Fields, answer: dict[str, Any]) -> str:
    request = answer.get("request") or {}
    return f"Denied: {plain(request.get('platformUserId'))} on {plain(request.get('platform'))}."


def _saying(sentence: str) -> Said:
    return lambda fields, _answer: sentence.format(**fields)


ACTIONS: Mapping[str, Action] = {
    "connector-start": Action("POST", "/api/bots/<platform>/start", _saying("{platform} is starting.")),
    "connector-stop": Action("POST", "/api/bots/<platform>/stop", _saying("{platform} is stopped.")),
    "connector-test": Action("POST", "/api/bots/<platform>/test", _tested),
    "request-approve": Action("POST", "/api/bots/pairing/<request_id>/approve", _let_in, ("trust_level",)),
    "request-deny": Action("POST", "/api/bots/pairing/<request_id>/deny", _denied),
    "person-revoke": Action("DELETE", "/api/bots/pairing/<platform>/<path:user_id>", _revoked),
    "session-archive": Action("POST", "/api/sessions/<session_id>/archive", _archived),
    "delivery-retry": Action("POST", "/api/deliveries/<delivery_id>/retry", _saying("Delivery {delivery_id} is sent once more.")),
    "delivery-discard": Action("POST", "/api/deliveries/<delivery_id>/discard", _saying("Delivery {delivery_id} is discarded.")),
    "login-end": Action("DELETE", "/api/logins/<login_id>", _saying("Browser {login_id} is logged out.")),
    "login-end-all": Action("DELETE", "/api/logins", lambda _fields, _answer: "Every browser is logged out."),
}
"""By the name that stands in the form's URL, `/act/NAME`."""
