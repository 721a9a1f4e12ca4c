"""Who sees the owner's page: whoever has the key or a fresh link, from our own pages, and nobody else."""

import asyncio
import re
from pathlib import Path

import pytest

from parachute_core import ConnectionLost
from parachute_core.admin.desk.actions import ACTIONS
from parachute_core.testing import running_bot
from tests.admin.desk.visitor import Visitor

ALL = ("ratelimit", "retry", "strictstate", "pairing", "budget", "sessionguard")
OPEN = {"/", "/login", "/desk/<name>", "/chat", "/chat/<name>", "/chat/socket", "/healthz", "/readyz", "/webhook/<platform>"}
"""What answers without key and login: `/` greets programs and sends browsers to the login; deliveries of platforms have a secret."""


async def test_without_a_session_nothing_answers_but_the_login_the_chat_and_the_health_routes() -> None:
    async with running_bot(ALL) as bot:
        rules = list(bot.runtime.server.app.url_map.iter_rules())
        stranger = Visitor(bot)
        for rule in rules:
            if (rule.rule in OPEN and rule.rule != "/") or rule.websocket:
                continue
            path = re.sub(r"<[^>]+>", "x", rule.rule)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                answer = await (stranger.get(path) if method == "GET" else stranger.send(method, path, {}))
                turned_away = answer.status == 401 or (answer.status, answer.headers.get("location")) == (303, "/login")
                assert turned_away, (method, path, answer.status)
                assert "Telegram" not in answer.text
        assert {rule.rule for rule in rules} >= OPEN - {"/webhook/<platform>"}
        assert (await stranger.get("/events", Sec_Fetch_Mode="cors", Accept="text/event-stream")).status == 401


async def test_the_key_lets_in_without_javascript_and_the_cookie_is_kept_from_scripts_and_other_sites() -> None:
    async with running_bot() as bot:
        visitor = Visitor(bot)
        assert 'name="key"' in (await visitor.get("/login")).text
        shown = await visitor.post("/login", {"key": f" {bot.runtime.key}\n"})
        cookie = shown.headers["set-cookie"]
        assert shown.status == 303
        assert all(word in cookie for word in ("HttpOnly", "SameSite=Strict", "Path=/"))
        assert "Secure" not in cookie
        held = cookie.partition("=")[2].partition(";")[0]
        assert (await visitor.get("/")).status == 200
        assert "is logged in" in (await visitor.get("/login")).text
        dump = [dict(row) for row in await bot.runtime.store.fetch_all("SELECT * FROM logins")]
        assert len(dump) == 1
        assert held not in str(dump), "kept is a hash"


async def test_behind_a_proxy_that_ends_tls_the_cookie_is_for_tls_alone() -> None:
    config = "telegram: {enabled: true, bot_token: 'x:y', allowed_users: []}\nadmin: {allowed_hosts: [bot.example]}\n"
    async with running_bot(config=config) as bot:
        shown = await Visitor(bot).post("/login", {"key": bot.runtime.key}, Host="bot.example", Origin="https://bot.example")
        assert "Secure" in shown.headers["set-cookie"]


async def test_a_link_logs_in_once() -> None:
    async with running_bot() as bot:
        path, _, token = bot.runtime.services.logins.link_path().partition("#")
        assert path == "/login"
        assert token not in (await Visitor(bot).get("/login")).text
        first, second = Visitor(bot), Visitor(bot)
        assert (await first.post("/login", {"link": token})).status == 303
        assert (await first.get("/")).status == 200
        again = await second.post("/login", {"link": token})
        assert (again.status, "used before" in again.text) == (401, True)
        assert (await second.get("/")).status == 303
        late = bot.runtime.services.logins.link_path().partition("#")[2]
        await bot.clock.advance(24 * 3600 + 1)
        assert (await second.post("/login", {"link": late})).status == 401


async def test_logins_end_by_themselves_by_the_button_and_over_the_api() -> None:
    async with running_bot() as bot:
        one, other = await Visitor(bot).log_in(), await Visitor(bot).log_in()
        form = re.search(r'action="/logout"><input type="hidden" name="form" value="(\w+)"', (await one.get("/")).text)
        assert form
        assert (await one.post("/logout", {"form": form[1]})).headers["location"] == "/login"
        assert ((await one.get("/")).status, (await other.get("/")).status) == (303, 200)
        listed = (await bot.request("GET", "/api/logins")).json["logins"]
        assert len(listed) == 1
        assert (await bot.request("DELETE", f"/api/logins/{listed[0]['id']}")).json == {"success": True, "ended": 1}
        assert (await other.get("/")).status == 303
        assert (await bot.request("DELETE", "/api/logins/nothing")).status == 404
        await one.log_in()
        await other.log_in()
        assert (await bot.request("DELETE", "/api/logins")).json["ended"] == 2
        assert ((await one.get("/")).status, (await other.get("/")).status) == (303, 303)
        await one.log_in()
        await bot.clock.advance(7 * 86400 + 1)
        assert (await one.get("/")).status == 303, "unused for a week"
        await one.log_in()
        for _ in range(10):
            await bot.clock.advance(3.1 * 86400)
            status = (await one.get("/")).status
        assert status == 303, "a month old, though used"
        whats = [entry["what"] for entry in (await bot.request("GET", "/api/audit")).json["entries"]]
        assert (whats.count("logged_in"), whats.count("logged_out")) == (6, 3)


async def test_a_store_that_takes_nothing_shuts_nobody_out_and_the_page_says_so() -> None:
    async with running_bot() as bot:
        visitor = await Visitor(bot).log_in()
        await bot.clock.advance(120)
        await bot.runtime.store.execute("PRAGMA query_only = 1")
        with pytest.raises(ConnectionLost):
            await bot.say("hello")
        shown = await visitor.get("/")
        assert (shown.status, "Messages cannot be kept at the moment" in shown.text) == (200, True)
        await bot.runtime.store.execute("PRAGMA query_only = 0")


async def test_another_key_logs_everybody_out(tmp_path: Path) -> None:
    async with running_bot(home=tmp_path) as bot:
        visitor = await Visitor(bot).log_in()
        jar = visitor._client.cookie_jar
    async with running_bot(home=tmp_path) as bot:
        same = Visitor(bot)
        same._client.cookie_jar = jar
        assert (await same.get("/")).status == 200
    (tmp_path / "admin-key").unlink()
    async with running_bot(home=tmp_path) as bot:
        same = Visitor(bot)
        same._client.cookie_jar = jar
        assert (await same.get("/")).status == 303


async def test_guessing_is_slowed_down_and_the_right_key_does_not_help_then() -> None:
    async with running_bot() as bot:
        visitor = Visitor(bot)
        for _ in range(5):
            assert (await visitor.post("/login", {"key": "para_wrong"})).status == 401
        shown = await visitor.post("/login", {"key": bot.runtime.key})
        assert (shown.status, shown.headers["retry-after"]) == (429, "60")
        await Visitor(bot).post("/login", {"link": bot.runtime.services.logins.link_path().partition("#")[2]})
        assert len(bot.runtime.services.logins.all()) == 1, "a link works all the same"
        await bot.clock.advance(60)
        await visitor.log_in()


async def test_many_guesses_at_once_are_no_more_than_one_by_one() -> None:
    async with running_bot() as bot:
        shown = await asyncio.gather(*(Visitor(bot).post("/login", {"key": f"para_{number}"}) for number in range(40)))
        statuses = [one.status for one in shown]
        assert (statuses.count(401), statuses.count(429)) == (5, 35)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Host": "evil.example"},
    ],
)
async def test_no_other_page_can_send_a_form_or_listen(headers: dict[str, str]) -> None:
    async with running_bot() as bot:
        visitor = await Visitor(bot).log_in()
        fields = (await visitor.get("/")).forms("connector-test")[0]
        for path in ("/act/connector-test", "/login", "/logout"):
            assert (await visitor.post(path, fields, **headers)).status in (403, 421)
        assert (await visitor.get("/events", **{"Sec_Fetch_Mode": "cors", **headers})).status in (403, 421)
        whats = [entry["what"] for entry in (await bot.request("GET", "/api/audit")).json["entries"]]
        assert "connector_tested" not in whats


async def test_a_form_needs_the_token_of_its_own_browser() -> None:
    async with running_bot() as bot:
        one, other = await Visitor(bot).log_in(), await Visitor(bot).log_in()
        fields = (await one.get("/")).forms("connector-stop")[0]
        for wrong in ({**fields, "form": ""}, {**fields, "form": "é"}, {"platform": "telegram"}):
            assert (await one.post("/act/connector-stop", wrong)).status == 403
        assert (await other.post("/act/connector-stop", fields)).status == 403
        assert bot.runtime.fleet.status("telegram")["running"] is True
        assert (await one.post("/act/connector-stop", fields)).status == 303
        assert bot.runtime.fleet.status("telegram")["running"] is False


async def test_every_page_has_a_strict_policy_and_nothing_inline() -> None:
    async with running_bot(ALL) as bot:
        visitor = await Visitor(bot).log_in()
        await bot.ask("hello")
        nav = re.findall(r'<li><a href="(/\w*)"', (await visitor.get("/")).text)
        assert len(nav) >= 7
        for path in [*nav, "/login"]:
            shown = await (Visitor(bot) if path == "/login" else visitor).get(path)
            policy = shown.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
            assert "unsafe" not in policy
            assert (shown.headers["cache-control"], shown.headers["x-frame-options"]) == ("no-store", "DENY")
            assert not re.search(r"<style|<script(?![^>]* src=)| style=| on\w+=|https?://", shown.text), path
            assert bot.runtime.key not in shown.text


async def test_forms_come_back_to_our_own_pages_alone() -> None:
    async with running_bot() as bot:
        visitor = await Visitor(bot).log_in()
        fields = (await visitor.get("/")).forms("connector-test")[0]
        for back, place in (
            ("https://evil.example/", "/?said="),
            ("//evil.example", "/?said="),
            ("//[", "/?said="),
            ("/api/logins", "/?said="),
            ("/audit?who=owner", "/audit?who=owner&said="),
            ("/audit?a=\r\nX: y", "/audit?a=X%3A+y&said="),
        ):
            done = await visitor.post("/act/connector-test", {**fields, "back": back})
            assert done.headers["location"].startswith(place), back


async def test_a_form_that_does_not_fit_asks_for_nothing() -> None:
    async with running_bot(ALL) as bot:
        visitor = await Visitor(bot).log_in()
        form = (await visitor.get("/")).forms("connector-test")[0]["form"]
        for name in ACTIONS:
            done = await visitor.post(f"/act/{name}", {"form": form, "platform": "a/b", "request_id": "a/b", "login_id": "../x"})
            if name == "invite-make":
                assert "Send this code" in (await visitor.get(done.headers["location"])).notice, "it needs nothing"
            elif name != "login-end-all":
                assert "not whole" in (await visitor.get(done.headers["location"])).notice, name
            else:
                await visitor.log_in()
                form = (await visitor.get("/")).forms("connector-test")[0]["form"]
        assert (await visitor.post("/act/nothing", {"form": form})).status == 404
