"""Sessions, plugins, health, and what every answer has in common."""

from typing import Any

from parachute_core._version import __version__
from parachute_core.testing import running_bot

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
}

ASKED = [("/api/bots/status", True), ("/api/bots/status", False), ("/api/nothing", True), ("/healthz", True), ("/chat", True)]


async def test_sessions_are_listed_newest_first_in_pages() -> None:
    async with running_bot(allowed=("1", "2", "3")) as bot:
        for user in ("1", "2", "3"):
            await bot.ask("hello", user)
            await bot.clock.advance(1)
        answer = await bot.request("GET", "/api/sessions")
        assert (answer.status, answer.json["limit"], answer.json["offset"]) == (200, 50, 0)
        sessions: list[dict[str, Any]] = answer.json["sessions"]
        assert [one["user"] for one in sessions] == ["3", "2", "1"]
        newest = sessions[0]
        assert newest.keys() == {"id", "platform", "chat_id", "chat_type", "user", "trust_level", "archived", "last_used"}
        assert (newest["platform"], newest["chat_id"], newest["chat_type"]) == ("telegram", "3", "dm")
        assert (newest["trust_level"], newest["archived"]) == ("sandboxed", False)
        assert newest["last_used"].endswith("+00:00")
        page = await bot.request("GET", "/api/sessions?limit=1&offset=1")
        assert [one["user"] for one in page.json["sessions"]] == ["2"]
        assert (await bot.request("GET", "/api/sessions?offset=3")).json["sessions"] == []


async def test_odd_pages_are_refused() -> None:
    async with running_bot() as bot:
        for query in ("limit=0", "limit=201", "limit=-1", "limit=x", "limit=", "limit=1.5", "limit=1&limit=2", "offset=-1", "offset=1e3",
                      f"offset={10**30}", "limit=%D9%A3", "limit=%00", "offset=+1"):  # fmt: skip
            answer = await bot.request("GET", f"/api/sessions?{query}")
            assert (answer.status, answer.json["success"]) == (422, False), query
            assert query.partition("=")[0] in answer.json["error"]


async def test_archiving_ends_a_session_once() -> None:
    async with running_bot() as bot:
        await bot.ask("hello")
        session = (await bot.request("GET", "/api/sessions")).json["sessions"][0]["id"]
        path = f"/api/sessions/{session}/archive"
        first = await bot.request("POST", path)
        assert (first.status, first.json) == (200, {"success": True, "changed": True, "stopped": {"turns": 0, "replies": 0}})
        again = await bot.request("POST", path)
        assert (again.status, again.json) == (200, {"success": True, "changed": False, "stopped": {"turns": 0, "replies": 0}})
        assert (await bot.request("GET", "/api/sessions")).json["sessions"][0]["archived"] is True


async def test_unknown_sessions_are_not_found_whatever_they_look_like() -> None:
    async with running_bot() as bot:
        for session in ("x", "a%00b", "%2F", "..", "%2e%2e", "' OR 1=1 --", "💥", "x" * 4000, "%ED%A0%80", "a%0Ab"):
            answer = await bot.request("POST", f"/api/sessions/{session}/archive")
            assert (answer.status, answer.json["success"]) == (404, False), session


async def test_plugins_are_listed_in_their_order_with_those_switched_off() -> None:
    async with running_bot(["strictstate", "ratelimit"]) as bot:
        answer = await bot.request("GET", "/api/plugins")
        order = bot.runtime.hooks.order()
    plugins = answer.json["plugins"]
    assert [(one["name"], one["order"], one["enabled"]) for one in plugins[:2]] == [("strictstate", 1, True), ("ratelimit", 2, True)]
    assert all(
        one.keys() == {"name", "distribution", "version", "enabled", "order", "hooks", "wanted", "required", "settings"} for one in plugins
    )
    off = {one["name"]: one for one in plugins if not one["enabled"]}
    assert off.keys() >= {"pairing", "retry", "sessionguard"}
    assert all((one["order"], one["hooks"]) == (None, []) for one in off.values())
    assert plugins[1]["distribution"] == "parachute-ratelimit"
    assert plugins[1]["hooks"] == [hook for hook, names in order.items() if "ratelimit" in names]


async def test_health_names_the_version_and_the_time() -> None:
    async with running_bot() as bot:
        answer = await bot.request("GET", "/api/health?detailed=true")
        now = bot.clock.now()
    assert answer.json == {"status": "ok", "timestamp": round(now.timestamp() * 1000), "version": __version__}


async def test_the_root_greets_programs_and_sends_browsers_to_the_login() -> None:
    async with running_bot() as bot:
        for accept in ({}, {"Accept": "*/*"}, {"Accept": "application/json"}):
            answer = await bot.request("GET", "/", headers=accept, key=False)
            assert answer.json == {"name": "parachute-core", "version": __version__, "status": "running"}
        browser = await bot.request("GET", "/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}, key=False)
        assert (browser.status, browser.headers["location"]) == (303, "/login")


async def test_every_answer_is_guarded_against_misuse_by_a_browser() -> None:
    async with running_bot() as bot:
        for path, key in (
            ("/api/bots/status", True),
            ("/api/bots/status", False),
            ("/api/nothing", True),
            ("/healthz", True),
            ("/chat", True),
        ):
            headers = (await bot.request("GET", path, key=key)).headers
            assert {name: headers.get(name) for name in HEADERS} == HEADERS, path
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            if path.startswith("/api"):
                assert headers["cache-control"] == "no-store"


async def test_unknown_paths_and_methods_answer_json() -> None:
    async with running_bot() as bot:
        for method, path, status in (
            ("GET", "/nothing", 404),
            ("GET", "/api", 404),
            ("GET", "/api/", 404),
            ("GET", "/api//bots/status", 404),
            ("GET", "/api/bots/status/", 404),
            ("GET", "/API/bots/status", 404),
            ("GET", "/api/../healthz", 404),
            ("DELETE", "/api/bots/status", 405),
            ("GET", "/api/bots/telegram/start", 405),
            ("OPTIONS", "/api/bots/status", 405),
            ("BREW", "/api/bots/status", 405),
        ):
            answer = await bot.request(method, path)
            assert (answer.status, answer.json["success"]) == (status, False), (method, path)
            assert answer.json["error"] == answer.json["detail"]
        assert "GET" in (await bot.request("DELETE", "/api/bots/status")).headers["allow"]
