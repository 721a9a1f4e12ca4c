"""Everything that can be done on the page. Each is one request to the admin API, which decides, does and records it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
    body: Mapping[str, Callable[[str], object]] = field(default_factory=dict)
    """Fields of the form that go into the body, where they are not empty, and how the body writes them."""

    def path(self, fields: Fields) -> str | None:
        """The path to ask; None: the form lacks something, or has something that does not fit."""
        parts = {name: (fields.get(name, ""), kind) for kind, name in PARAMETER.findall(self.rule)}
        if any(not value or ("/" in value and kind != "path") for value, kind in parts.values()):
            return None
        return PARAMETER.sub(lambda found: parts[found[2]][0], self.rule)

    async def do(self, inside: Inside, fields: Fields) -> Notice:
        """Do it; returns what to say of it."""
        path = self.path(fields)
        try:
            body = {name: write(fields[name]) for name, write in self.body.items() if fields.get(name)}
        except ValueError:
            path = None
        if path is None:
            return Notice("This form is not whole; load the page again.", good=False)
        return self._notice(fields, await inside.ask(self.method, path, body or None))

    def _notice(self, fields: Fields, answer: Answer) -> Notice:
        if not answer.fine:
            return Notice(_sentence(answer.trouble), good=False)
        shown = {name: plain(value) for name, value in fields.items()}
        return Notice(self.said(shown, answer.json), good=True, secret=answer.json.get("code"))


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


def _blocked(_fields: Fields, answer: dict[str, Any]) -> str:
    person = answer.get("blocked") or {}
    return f"Blocked: {plain(person.get('platformUserId'))} on {plain(person.get('platform'))}. {_stopped(answer)}"


def _switched(fields: Fields, answer: dict[str, Any]) -> str:
    state = "on" if answer.get("enabled") else "off"
    when = " after the next start of the bot" if answer.get("restart_needed") else ""
    return f"{fields['name']} is {state}{when}."


def _saying(sentence: str) -> Said:
    return lambda fields, _answer: sentence.format(**fields)


ACTIONS: Mapping[str, Action] = {
    "connector-start": Action("POST", "/api/bots/<platform>/start", _saying("{platform} is starting.")),
    "connector-stop": Action("POST", "/api/bots/<platform>/stop", _saying("{platform} is stopped.")),
    "connector-test": Action("POST", "/api/bots/<platform>/test", _tested),
    "request-approve": Action("POST", "/api/bots/pairing/<request_id>/approve", _let_in, {"trust_level": str, "expires_in": int}),
    "request-deny": Action("POST", "/api/bots/pairing/<request_id>/deny", _denied),
    "request-block": Action("POST", "/api/bots/pairing/<request_id>/block", _blocked),
    "person-revoke": Action("DELETE", "/api/bots/pairing/<platform>/<path:user_id>", _revoked),
    "person-block": Action("POST", "/api/bots/pairing/<platform>/<path:user_id>/block", _blocked),
    "person-unblock": Action(
        "DELETE", "/api/bots/pairing/blocked/<platform>/<path:user_id>", _saying("{user_id} on {platform} is a stranger again.")
    ),
    "invite-make": Action(
        "POST",
        "/api/bots/pairing/invites",
        _saying("Send this code to whoever is to be let in; they write it to the bot. It is shown this once:"),
        {"trust_level": str, "expires_in": int},
    ),
    "invite-withdraw": Action("DELETE", "/api/bots/pairing/invites/<invite_id>", _saying("Invitation {invite_id} is good no more.")),
    "plugin-enable": Action("POST", "/api/plugins/<name>/enable", _switched),
    "plugin-disable": Action("POST", "/api/plugins/<name>/disable", _switched),
    "session-archive": Action("POST", "/api/sessions/<session_id>/archive", _archived),
    "delivery-retry": Action("POST", "/api/deliveries/<delivery_id>/retry", _saying("Delivery {delivery_id} is sent once more.")),
    "delivery-discard": Action("POST", "/api/deliveries/<delivery_id>/discard", _saying("Delivery {delivery_id} is discarded.")),
    "login-end": Action("DELETE", "/api/logins/<login_id>", _saying("Browser {login_id} is logged out.")),
    "login-end-all": Action("DELETE", "/api/logins", lambda _fields, _answer: "Every browser is logged out."),
}
"""By the name that stands in the form's URL, `/act/NAME`."""
