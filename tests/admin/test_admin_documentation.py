"""Every route of the app is in the OpenAPI document and on the page, and neither has one that is not there."""

import re
from pathlib import Path

import pytest
from quart import Blueprint

from parachute_core import hookimpl
from parachute_core.admin.openapi import api_rules, braced
from parachute_core.testing import running_bot

PAGE = (Path(__file__).parents[2] / "docs" / "admin-api.md").read_text("utf-8")
HEADING = re.compile(r"^### `([A-Z]+) (/api\S*)`$", re.MULTILINE)
ALL = ("ratelimit", "retry", "strictstate", "pairing", "budget", "sessionguard")


async def test_routes_description_and_page_agree(caplog: pytest.LogCaptureFixture) -> None:
    async with running_bot(ALL) as bot:
        rules = api_rules(bot.runtime.server.app)
        document = (await bot.request("GET", "/api/openapi.json")).json
    routes = {(method, "/api" + braced(rule)) for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert routes == described == set(HEADING.findall(PAGE))
    assert "an API route has no description" not in caplog.text
    assert document["openapi"].startswith("3.1")


def test_the_page_shows_how_to_call_each_route() -> None:
    sections = re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]
    for section in sections:
        method, path = section.split("`")[1].split()
        example = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
        assert example, path
        assert re.search(re.sub(r"\\\{\w+\\\}", r"[^/ ?]+", re.escape(path)) + r"[\"\s?]", example[1]), path
        assert (f"-X {method} " in example[1]) is (method != "GET"), path


class Undescribed:
    """A plugin that brings one described route and one that is not."""

    def __init__(self, _context: object) -> None:
        pass

    @hookimpl
    def admin_blueprint(self) -> Blueprint:
        class Routes(Blueprint):
            openapi = {  # noqa: RUF012 - as an author would write it
                "paths": {"/extra/{anything}": {"get": {"summary": "Extra", "responses": {"200": {"description": "Fine"}}}}},
                "schemas": {"Extra": {"type": "object"}},
            }

        blueprint = Routes("extra", __name__, url_prefix="/extra")

        @blueprint.get("/<name>")
        async def named(name: str) -> dict[str, str]:
            return {"name": name}

        @blueprint.post("/<path:place>/do")
        async def do(place: str) -> dict[str, str]:
            return {"place": place}

        return blueprint


async def test_a_plugins_routes_are_described_with_or_without_its_help() -> None:
    async with running_bot(extra_plugins={"extra": Undescribed}) as bot:
        document = (await bot.request("GET", "/api/openapi.json")).json
    described = document["paths"]["/api/extra/{name}"]["get"]
    assert described["summary"] == "Extra"
    assert [(one["name"], one["in"]) for one in described["parameters"]] == [("name", "path")]
    assert described["responses"].keys() >= {"200", "401", "403", "421", "500"}
    assert "Extra" in document["components"]["schemas"]
    plain = document["paths"]["/api/extra/{place}/do"]["post"]
    assert "default" in plain["responses"]
