"""The pages, and what each of them asks the admin API."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from parachute_core.admin.audit import WHATS
from parachute_core.admin.desk.chart import chart
from parachute_core.admin.desk.inside import Reading

SIZE = 50
"""Rows of one page."""
LARGEST_OFFSET = 1_000_000

Query = Mapping[str, str]
Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class View:
    """One page."""

    name: str
    """Of its template, too."""
    path: str
    title: str
    load: Callable[[Reading, Query], Awaitable[Content]]
    needs: tuple[str, str] | None = None
    """The API's route that it shows; where a plugin that is not installed would have it, the page is absent."""


async def _paged(api: Reading, path: str, items: str, query: Query, filters: tuple[str, ...] = ()) -> Content:
    """One page of what the API lists in pages. `more`: there is another one behind it."""
    offset = _offset(query)
    asked = {name: query.get(name, "").strip() or None for name in filters}
    answer = await api.get(path, {**asked, "limit": SIZE + 1, "offset": offset})
    found = answer.json.get(items, [])
    return {
        "rows": found[:SIZE],
        "more": len(found) > SIZE,
        "offset": offset,
        "size": SIZE,
        "total": answer.json.get("total"),
        "filters": {name: value or "" for name, value in asked.items()},
        "trouble": answer.trouble,
    }


def _offset(query: Query) -> int:
    text = query.get("offset", "")
    return min(int(text), LARGEST_OFFSET) if text.isascii() and text.isdigit() and len(text) < 10 else 0


async def _overview(api: Reading, _query: Query) -> Content:
    answer = await api.get("/api/bots/status")
    connectors: dict[str, dict[str, Any]] = answer.json.get("connectors", {})
    minutes = (await api.get("/api/activity")).json.get("minutes", [])
    in_use = {name: one for name, one in connectors.items() if one["enabled"] or one["has_token"] or one["status"] != "stopped"}
    return {
        "connectors": in_use,
        "unused": [name for name in connectors if name not in in_use],
        "deliveries": answer.json.get("deliveries"),
        "store": answer.json.get("store"),
        "charts": [chart(minutes, "messages", "message", "messages"), chart(minutes, "refused", "refused message", "refused")],
        "trouble": answer.trouble,
    }


async def _people(api: Reading, query: Query) -> Content:
    return await _paged(api, "/api/people", "people", query, ("q", "platform"))


async def _invitations(api: Reading, _query: Query) -> Content:
    """The plugin bounds how many there are."""
    answer = await api.get("/api/bots/pairing/invites")
    invites = answer.json.get("invites", [])
    return {
        "good": [one for one in invites if one["status"] == "open"],
        "past": [one for one in invites if one["status"] != "open"][:SIZE],
        "trouble": answer.trouble,
    }


async def _blocked(api: Reading, query: Query) -> Content:
    answer = await api.get("/api/bots/pairing/blocked")
    return {**_sliced(answer.json.get("blocked", []), query), "trouble": answer.trouble}


def _sliced(found: list[Any], query: Query) -> Content:
    """One page of what the API lists as a whole."""
    offset = _offset(query)
    rows = found[offset : offset + SIZE]
    return {"rows": rows, "more": len(found) > offset + SIZE, "offset": offset, "size": SIZE, "total": len(found), "filters": {}}


async def _sessions(api: Reading, query: Query) -> Content:
    return await _paged(api, "/api/sessions", "sessions", query)


async def _deliveries(api: Reading, query: Query) -> Content:
    return await _paged(api, "/api/deliveries", "deliveries", query, ("state",))


async def _plugins(api: Reading, _query: Query) -> Content:
    answer = await api.get("/api/plugins")
    return {"plugins": answer.json.get("plugins", []), "trouble": answer.trouble}


async def _audit(api: Reading, query: Query) -> Content:
    return {**await _paged(api, "/api/audit", "entries", query, ("who", "what", "user_id")), "kinds": WHATS}


async def _logins(api: Reading, _query: Query) -> Content:
    answer = await api.get("/api/logins")
    return {"logins": answer.json.get("logins", []), "trouble": answer.trouble}


async def _requests(api: Reading, query: Query) -> Content:
    """The API lists all that are pending, which the plugin bounds."""
    answer = await api.get("/api/bots/pairing")
    counts = (await api.get("/api/bots/pairing/count")).json
    return {**_sliced(answer.json.get("requests", []), query), "turned_away": counts.get("turned_away", 0), "trouble": answer.trouble}


VIEWS: tuple[View, ...] = (
    View("overview", "/", "Overview", _overview),
    View("requests", "/requests", "Requests", _requests, ("GET", "/api/bots/pairing")),
    View("people", "/people", "People", _people),
    View("invitations", "/invitations", "Invitations", _invitations, ("GET", "/api/bots/pairing/invites")),
    View("blocked", "/blocked", "Blocked", _blocked, ("GET", "/api/bots/pairing/blocked")),
    View("sessions", "/sessions", "Sessions", _sessions),
    View("deliveries", "/deliveries", "Deliveries", _deliveries),
    View("plugins", "/plugins", "Plugins", _plugins),
    View("audit", "/audit", "Audit log", _audit),
    View("logins", "/logins", "Browsers", _logins),
)
"""In the order in which they are offered."""


async def badges(api: Reading, views: tuple[View, ...]) -> dict[str, int]:
    """How many things wait for the owner, by view."""
    counts: dict[str, int] = {}
    if any(view.name == "requests" for view in views):
        counts["requests"] = (await api.get("/api/bots/pairing/count")).json.get("pending", 0)
    waiting = (await api.get("/api/bots/status")).json.get("deliveries", {})
    counts["deliveries"] = waiting.get("held", 0) + waiting.get("dead", 0)
    return {name: count for name, count in counts.items() if count}
