"""Every status, field and oddity of the routes, over the real admin app."""

import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from parachute_core.testing import Response, RunningBot, running_bot

LIST = "/api/bots/pairing"


@pytest.fixture
async def bot() -> AsyncIterator[RunningBot]:
    async with running_bot(["pairing"]) as one:
        yield one


async def request_of(bot: RunningBot, user_id: str, name: str | None = None) -> str:
    await bot.say("hello", user_id, name=name)
    await bot.settled()
    return str((await bot.request("GET", LIST)).json["requests"][0]["id"])


async def post(bot: RunningBot, path: str, body: bytes = b"", content_type: str | None = None) -> Response:
    """A request whose body and content type are exactly these."""
    headers = {"Authorization": f"Bearer {bot.runtime.key}"} | ({"Content-Type": content_type} if content_type else {})
    answer = await bot.runtime.server.app.test_client().post(path, headers=headers, data=body)
    return Response(answer.status_code, dict(answer.headers), await answer.get_json())


def is_error(answer: Response, status: int, text: str = "") -> None:
    assert answer.status == status
    assert answer.json["success"] is False
    assert answer.json["error"] == answer.json["detail"]
    assert text in answer.json["error"]


async def test_a_request_as_clients_read_it(bot: RunningBot) -> None:
    request_id = await request_of(bot, "7", "Ada\u202e Lovelace")
    (one,) = (await bot.request("GET", LIST)).json["requests"]
    assert one == {
        "id": request_id,
        "platform": "telegram",
        "platformUserId": "7",
        "platformUserDisplay": "Ada Lovelace",
        "platformChatId": "7",
        "status": "pending",
        "approvedTrustLevel": None,
        "createdAt": bot.clock.now().isoformat(),
        "resolvedAt": None,
        "resolvedBy": None,
        "preview": "hello",
        "grantUntil": None,
    }
    assert re.fullmatch("[2-9a-z]{8}", request_id)
    assert datetime.fromisoformat(one["createdAt"]).utcoffset() is not None


async def test_a_resolved_request_as_clients_read_it(bot: RunningBot) -> None:
    request_id = await request_of(bot, "7")
    answer = await bot.request("POST", f"{LIST}/{request_id}/approve", {})
    assert answer.json["success"] is True
    resolved = answer.json["request"]
    assert (resolved["status"], resolved["approvedTrustLevel"], resolved["resolvedBy"]) == ("approved", "sandboxed", "owner")
    assert resolved["resolvedAt"] == bot.clock.now().isoformat()
    assert (await bot.request("GET", LIST)).json == {"requests": []}


async def test_pending_ones_are_listed_newest_first_and_counted(bot: RunningBot) -> None:
    ids = [await request_of(bot, str(user)) for user in range(10, 15)]
    assert [one["id"] for one in (await bot.request("GET", LIST)).json["requests"]] == ids[::-1]
    assert (await bot.request("GET", f"{LIST}/count")).json == {"pending": 5, "turned_away": 0}


@pytest.mark.parametrize(
    ("body", "content_type", "level"),
    [
        (b"", None, "sandboxed"),
        (b"", "application/json", "sandboxed"),
        (b"", "text/plain", "sandboxed"),
        (b" \n", "application/x-www-form-urlencoded", "sandboxed"),
        (b"{}", "application/json", "sandboxed"),
        (b'{"trust_level": null}', "application/json", "sandboxed"),
        (b'{"trust_level": "sandboxed", "more": [1]}', "application/json", "sandboxed"),
        (b'{"trust_level": "direct"}', "application/json; charset=utf-8", "direct"),
    ],
)
async def test_bodies_that_an_approval_takes(bot: RunningBot, body: bytes, content_type: str | None, level: str) -> None:
    request_id = await request_of(bot, "7")
    answer = await post(bot, f"{LIST}/{request_id}/approve", body, content_type)
    assert answer.status == 200
    assert answer.json["request"]["approvedTrustLevel"] == level


@pytest.mark.parametrize(
    "body",
    [
        b'{"trust_level": "full"}',
        b'{"trust_level": "Direct"}',
        b'{"trust_level": ""}',
        b'{"trust_level": 1}',
        b'{"trust_level": []}',
        b'{"trust_level": {"a": 1}}',
        b"[]",
        b'"direct"',
        b"null",
        b"{",
        b"trust_level=direct",
        b"\xff\xfe",
        b"[" * 20_000,
    ],
)
async def test_bodies_that_an_approval_refuses(bot: RunningBot, body: bytes) -> None:
    request_id = await request_of(bot, "7")
    is_error(await post(bot, f"{LIST}/{request_id}/approve", body, "application/json"), 422)
    assert (await bot.request("GET", f"{LIST}/count")).json["pending"] == 1


async def test_what_is_not_there_or_not_pending(bot: RunningBot) -> None:
    for verb in ("approve", "deny"):
        is_error(await bot.request("POST", f"{LIST}/nothing/{verb}"), 404, "nothing")
    request_id = await request_of(bot, "7")
    denied = await bot.request("POST", f"{LIST}/{request_id}/deny")
    assert denied.status == 200
    assert denied.json["success"] is True
    for verb in ("approve", "deny"):
        is_error(await bot.request("POST", f"{LIST}/{request_id}/{verb}"), 409, "denied")


async def test_an_unknown_status_is_refused(bot: RunningBot) -> None:
    is_error(await bot.request("GET", f"{LIST}?status=lost"), 422, "expected")


async def test_revoking_whom_or_where_there_is_nobody(bot: RunningBot) -> None:
    is_error(await bot.request("DELETE", f"{LIST}/smoke/7"), 400, "smoke")
    is_error(await bot.request("DELETE", f"{LIST}/telegram/7"), 404, "7")
    is_error(await bot.request("DELETE", f"{LIST}/telegram/not-a-number"), 404)
    assert (await bot.request("DELETE", f"{LIST}/telegram/1")).status == 200
    is_error(await bot.request("DELETE", f"{LIST}/telegram/1"), 404)


@pytest.mark.parametrize("user", ["@ada:example.org", "@a/b:example.org", "@a//b:example.org", "@a+b%2Fc?d:example.org"])
async def test_ids_of_matrix_users(user: str) -> None:
    async with running_bot(["pairing"], platform="matrix", allowed=("@owner:example.org",)) as bot:
        request_id = await request_of(bot, user)
        assert (await bot.request("POST", f"{LIST}/{request_id}/approve")).status == 200
        assert await bot.ask("hi", user) == ["hi"]
        gone = await bot.request("DELETE", f"{LIST}/matrix/{quote(user, safe='/')}")
        assert (gone.status, gone.json) == (
            200,
            {"success": True, "platform": "matrix", "user_id": user, "stopped": {"turns": 0, "replies": 0}},
        )
        assert (await bot.ask("hi", user))[0].startswith("Hello!")
        is_error(await bot.request("DELETE", f"{LIST}/matrix/{quote(user, safe='')}"), 404)


async def test_a_matrix_room_is_revoked_like_a_user() -> None:
    config = """
matrix:
  enabled: true
  homeserver_url: http://127.0.0.1:1
  user_id: "@bot:example.org"
  access_token: fake-token-of-a-fake-bot
  allowed_users: ["@owner:example.org"]
  allowed_rooms: ["!room/1:example.org", "!other:example.org"]
"""
    async with running_bot(platform="matrix", config=config) as bot:
        assert (await bot.request("DELETE", f"{LIST}/matrix/!room/1:example.org")).status == 200
        section = yaml.safe_load((bot.home / "bots.yaml").read_text())["matrix"]
        assert section["allowed_rooms"] == ["!other:example.org"]
        assert section["allowed_users"] == ["@owner:example.org"]
        is_error(await bot.request("DELETE", f"{LIST}/matrix/!room/1:example.org"), 404)


async def test_an_id_that_the_file_does_not_take_leaves_the_request_pending(bot: RunningBot) -> None:
    request_id = await request_of(bot, "not-a-number")
    is_error(await bot.request("POST", f"{LIST}/{request_id}/approve"), 409, "still pending")
    assert (await bot.request("GET", LIST)).json["requests"][0]["approvedTrustLevel"] is None
    assert (await bot.request("POST", f"{LIST}/{request_id}/deny")).status == 200


async def test_a_file_that_cannot_be_edited_leaves_the_request_pending(bot: RunningBot) -> None:
    request_id = await request_of(bot, "7")
    path = bot.home / "bots.yaml"
    good = path.read_text()
    path.write_text(good + "\nnonsense: [\n")
    is_error(await bot.request("POST", f"{LIST}/{request_id}/approve"), 409, "still pending")
    assert path.read_text().endswith("nonsense: [\n")
    path.write_text(good)
    assert (await bot.request("POST", f"{LIST}/{request_id}/approve")).status == 200
    assert yaml.safe_load(path.read_text())["telegram"]["allowed_users"] == [1, 7]


async def test_a_user_is_refused_although_the_file_could_not_be_edited(bot: RunningBot) -> None:
    path = bot.home / "bots.yaml"
    good = path.read_text()
    path.write_text(good + "\nnonsense: [\n")
    is_error(await bot.request("DELETE", f"{LIST}/telegram/1"), 409, "refused from now on")
    path.write_text(good)
    assert (await bot.ask("hi", "1"))[0].startswith("Hello!")


async def test_without_the_key_nothing_is_shown_or_done(bot: RunningBot) -> None:
    request_id = await request_of(bot, "7")
    for method, path in (
        ("GET", LIST),
        ("GET", f"{LIST}/count"),
        ("POST", f"{LIST}/{request_id}/approve"),
        ("POST", f"{LIST}/{request_id}/deny"),
        ("DELETE", f"{LIST}/telegram/1"),
    ):
        is_error(await bot.request(method, path, key=False), 401)
    assert (await bot.request("GET", f"{LIST}/count")).json["pending"] == 1


@pytest.mark.parametrize(("method", "path"), [("PUT", ""), ("DELETE", "/count"), ("GET", "/x/approve"), ("POST", "/telegram/1")])
async def test_other_methods_are_refused_as_json(bot: RunningBot, method: str, path: str) -> None:
    answer: Any = await bot.request(method, LIST + path)
    is_error(answer, answer.status)
    assert answer.status in (404, 405)


async def test_each_route_is_described(bot: RunningBot) -> None:
    document = (await bot.request("GET", "/api/openapi.json")).json
    mine = {path: item for path, item in document["paths"].items() if path.startswith(LIST)}
    assert sorted((path, method) for path, item in mine.items() for method in item) == [
        (LIST, "get"),
        (f"{LIST}/blocked", "get"),
        (f"{LIST}/blocked/{{platform}}/{{user_id}}", "delete"),
        (f"{LIST}/count", "get"),
        (f"{LIST}/invites", "get"),
        (f"{LIST}/invites", "post"),
        (f"{LIST}/invites/{{invite_id}}", "delete"),
        (f"{LIST}/{{platform}}/{{user_id}}", "delete"),
        (f"{LIST}/{{platform}}/{{user_id}}/block", "post"),
        (f"{LIST}/{{request_id}}/approve", "post"),
        (f"{LIST}/{{request_id}}/block", "post"),
        (f"{LIST}/{{request_id}}/deny", "post"),
    ]
    assert all("Not described" not in operation["summary"] for item in mine.values() for operation in item.values())
    request_id = await request_of(bot, "7")
    (one,) = (await bot.request("GET", LIST)).json["requests"]
    assert set(one) == set(document["components"]["schemas"]["PairingRequest"]["required"])
    assert one["id"] == request_id
