"""Routes that plugins add: below `/api`, under the key, on no URL that is taken, and unable to leak what goes wrong in them."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from quart import Blueprint, Response, abort, request

from parachute_core import NotConfigured, PluginError, StoreError, UnknownPlatform, hookimpl
from parachute_core.testing import running_bot

SECRET = "123456:fake-token-of-a-fake-bot"


class WithRoutes:
    """A plugin that is nothing but its blueprint."""

    def __init__(self, blueprint: Any) -> None:
        self._blueprint = blueprint

    @hookimpl
    def admin_blueprint(self) -> Any:
        return self._blueprint


def plugin(blueprint: Any) -> Callable[[Any], WithRoutes]:
    return lambda _context: WithRoutes(blueprint)


def with_route(path: str, method: str = "GET", prefix: str | None = None) -> Blueprint:
    blueprint = Blueprint("extra", __name__, url_prefix=prefix)

    async def view(**_arguments: str) -> dict[str, str]:
        return {"from": "plugin"}

    blueprint.add_url_rule(path, view_func=view, methods=[method])
    return blueprint


@pytest.mark.parametrize(("prefix", "path"), [(None, "/extra/route"), ("/extra", "/route")])
async def test_a_route_is_mounted_below_api_and_under_the_key(prefix: str | None, path: str) -> None:
    async with running_bot(extra_plugins={"extra": plugin(with_route(path, prefix=prefix))}) as bot:
        assert (await bot.request("GET", "/api/extra/route")).json == {"from": "plugin"}
        assert (await bot.request("GET", "/api/extra/route", key=False)).status == 401
        assert (await bot.request("GET", "/extra/route")).status == 404


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/health", "GET"),
        ("/bots/status", "GET"),
        ("/bots/config", "PUT"),
        ("/bots/<name>/start", "POST"),
        ("/bots/<string:name>/start", "POST"),
        ("/bots/telegram/start", "POST"),
        ("/bots/<path:name>/stop", "POST"),
        ("/sessions/<anything>/archive", "POST"),
        ("/openapi.json", "GET"),
    ],
)
async def test_a_url_that_is_taken_stops_the_start_and_names_the_plugin(path: str, method: str) -> None:
    with pytest.raises(PluginError, match="extra") as caught:
        async with running_bot(extra_plugins={"extra": plugin(with_route(path, method))}):
            pass
    assert path in str(caught.value)


async def test_two_plugins_cannot_have_the_same_url() -> None:
    first, second = with_route("/extra/<one>"), with_route("/extra/<two>")
    second.name = "second"
    with pytest.raises(PluginError, match="second"):
        async with running_bot(extra_plugins={"first": plugin(first), "second": plugin(second)}):
            pass


async def test_another_method_of_a_url_is_not_taken() -> None:
    async with running_bot(extra_plugins={"extra": plugin(with_route("/bots/status", "DELETE"))}) as bot:
        assert (await bot.request("DELETE", "/api/bots/status")).json == {"from": "plugin"}
        assert "connectors" in (await bot.request("GET", "/api/bots/status")).json


async def test_the_name_of_a_blueprint_of_ours_is_taken() -> None:
    with pytest.raises(PluginError, match="extra"):
        async with running_bot(extra_plugins={"extra": plugin(Blueprint("bots", __name__))}):
            pass


async def test_what_is_no_blueprint_is_refused() -> None:
    with pytest.raises(PluginError, match=r"extra.*Blueprint"):
        async with running_bot(extra_plugins={"extra": plugin("a text")}):
            pass


async def test_a_route_outside_api_is_refused() -> None:
    blueprint = Blueprint("extra", __name__)

    async def view() -> str:
        return ""

    blueprint.record(lambda state: state.app.add_url_rule("/elsewhere", view_func=view))
    with pytest.raises(PluginError, match="/elsewhere"):
        async with running_bot(extra_plugins={"extra": plugin(blueprint)}):
            pass


def failing() -> Blueprint:
    blueprint = Blueprint("failing", __name__, url_prefix="/failing")

    @blueprint.get("/bug")
    async def bug() -> str:
        raise ZeroDivisionError(f"words with {SECRET} and a path")

    @blueprint.get("/store")
    async def store() -> str:
        raise StoreError("/home/someone/parachute.db: words of SQLite")

    @blueprint.get("/plugin")
    async def plugin_error() -> str:
        raise PluginError("extra", "words of a plugin")

    @blueprint.get("/platform")
    async def platform() -> str:
        raise UnknownPlatform("no such platform")

    @blueprint.get("/configured")
    async def configured() -> str:
        raise NotConfigured(f"the token {SECRET} is odd")

    @blueprint.get("/abort/<int:status>")
    async def aborting(status: int) -> str:
        abort(status)

    @blueprint.get("/gone")
    async def gone() -> str:
        abort(410, "this request was dropped")

    @blueprint.get("/nothing")
    async def nothing() -> Any:
        return None

    @blueprint.post("/body")
    async def body() -> dict[str, int]:
        return {"length": len(await request.get_data())}

    @blueprint.get("/secret")
    async def secret() -> dict[str, Any]:
        return {SECRET: [f"in a {SECRET} list", {"deep": SECRET}], "number": 5}

    @blueprint.get("/plain")
    async def plain() -> Response:
        return Response(f"<b>{SECRET}</b>", mimetype="text/html")

    @blueprint.get("/escaped")
    async def escaped() -> Response:
        return Response('{"a": "' + "".join(f"\\u{ord(sign):04x}" for sign in SECRET) + '"}', mimetype="application/json")

    return blueprint


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("bug", 500, "internal error; the log has more"),
        ("nothing", 500, "internal error; the log has more"),
        ("store", 503, "the database cannot be used; the log has more"),
        ("plugin", 500, "plugin extra failed; the log has more"),
        ("platform", 400, "no such platform"),
        ("configured", 400, "the token [redacted] is odd"),
        ("abort/404", 404, "not found"),
        ("abort/418", 418, "i'm a teapot"),
        ("abort/500", 500, "internal error; the log has more"),
        ("gone", 410, "this request was dropped"),
    ],
)
async def test_what_fails_answers_json_without_foreign_words(path: str, status: int, text: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        async with running_bot(extra_plugins={"failing": plugin(failing())}) as bot:
            answer = await bot.request("GET", f"/api/failing/{path}")
    assert answer.status == status
    assert answer.json == {"success": False, "error": text, "detail": text}
    assert SECRET not in caplog.text
    assert "someone" not in caplog.text


async def test_a_bug_is_logged_with_its_place(caplog: pytest.LogCaptureFixture) -> None:
    async with running_bot(extra_plugins={"failing": plugin(failing())}) as bot:
        await bot.request("GET", "/api/failing/bug")
    errors = [vars(one) for one in caplog.records if one.name == "parachute_core.admin.app"]
    assert [one["error"] for one in errors] == ["ZeroDivisionError"]
    assert "test_plugin_routes.py" in errors[0]["where"]


async def test_known_secrets_are_masked_in_every_body() -> None:
    async with running_bot(extra_plugins={"failing": plugin(failing())}) as bot:
        answer = await bot.request("GET", "/api/failing/secret")
        assert answer.json == {"[redacted]": ["in a [redacted] list", {"deep": "[redacted]"}], "number": 5}
        assert (await bot.request("GET", "/api/failing/escaped")).json == {"a": "[redacted]"}
        plain = await bot.runtime.server.app.test_client().get("/api/failing/plain", headers={"X-API-Key": bot.runtime.key})
        assert await plain.get_data(as_text=True) == "<b>[redacted]</b>"


async def test_bodies_above_the_limit_are_refused_for_plugins_too() -> None:
    async with running_bot(extra_plugins={"failing": plugin(failing())}) as bot:
        client, headers = bot.runtime.server.app.test_client(), {"X-API-Key": bot.runtime.key}
        fits = await client.post("/api/failing/body", data=b"x" * 65536, headers=headers)
        assert (fits.status_code, await fits.get_json()) == (200, {"length": 65536})
        above = await client.post("/api/failing/body", data=b"x" * 65537, headers=headers)
        assert above.status_code == 413
        assert (await above.get_json())["success"] is False
