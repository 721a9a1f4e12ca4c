"""`GET` and `PUT /api/bots/config`: what clients read, what they may change, and what a stale one cannot undo."""

import asyncio
from typing import Any

import pytest

from parachute_core.admin.app import LARGEST_BODY
from parachute_core.testing import Response, RunningBot, running_bot

TOKEN = "123456:fake-token-of-a-fake-bot"
NEW_TOKEN = "654321:another-token-of-a-fake-bot"
CONFIG = f"""
# the owner's comment
telegram:
  enabled: true
  bot_token: "{TOKEN}"
  allowed_users: [1, 2]  # who may
matrix:
  homeserver_url: https://matrix.example
  user_id: "@bot:matrix.example"
  access_token: syt_matrix-token-of-a-fake-bot
  allowed_rooms: ["!r:matrix.example"]
"""
SECTION = {"enabled", "has_token", "allowed_users", "dm_trust_level", "group_trust_level", "group_mention_mode", "ack_emoji"}


async def put(bot: RunningBot, body: Any, **headers: str) -> Response:
    return await bot.request("PUT", "/api/bots/config", json=body, headers={name.replace("_", "-"): text for name, text in headers.items()})


async def get(bot: RunningBot, **headers: str) -> Response:
    return await bot.request("GET", "/api/bots/config", headers={name.replace("_", "-"): text for name, text in headers.items()})


def text(bot: RunningBot) -> str:
    return (bot.home / "bots.yaml").read_text()


async def test_shows_every_platform_present_or_not_and_no_secret() -> None:
    async with running_bot(config=CONFIG) as bot:
        answer = await get(bot)
    assert answer.status == 200
    assert answer.headers["etag"] == f'"{answer.json["revision"]}"'
    assert answer.json.keys() == {"telegram", "discord", "matrix", "web", "revision"}
    telegram, discord, matrix = (answer.json[name] for name in ("telegram", "discord", "matrix"))
    assert telegram.keys() == discord.keys() == SECTION
    assert matrix.keys() == SECTION | {"homeserver_url", "user_id", "allowed_rooms"}
    assert (telegram["enabled"], telegram["has_token"], telegram["allowed_users"]) == (True, True, [1, 2])
    assert (telegram["dm_trust_level"], telegram["group_trust_level"]) == ("sandboxed", "sandboxed")
    assert (telegram["group_mention_mode"], telegram["ack_emoji"]) == ("mention_only", "👀")
    assert (discord["enabled"], discord["has_token"], discord["allowed_users"]) == (False, False, [])
    assert (matrix["homeserver_url"], matrix["user_id"]) == ("https://matrix.example", "@bot:matrix.example")
    assert matrix["allowed_rooms"] == ["!r:matrix.example"]
    assert TOKEN not in str(answer)
    assert "syt_" not in str(answer)


async def test_a_whole_save_of_the_app_changes_nothing_and_restarts_nothing() -> None:
    async with running_bot(config=CONFIG) as bot:
        before, shown = text(bot), (await get(bot)).json
        sent = {
            name: {key: value for key, value in shown[name].items() if key not in ("has_token", "group_mention_mode", "ack_emoji")}
            for name in ("telegram", "discord", "matrix")
        }
        answer = await put(bot, sent)
        assert answer.status == 200
        assert answer.json == shown
        assert text(bot) == before
        assert bot.connector.runs == 1


async def test_a_change_is_written_live_and_leaves_the_rest_of_the_file() -> None:
    async with running_bot(config=CONFIG) as bot:
        assert bot.runtime.access.is_allowed("telegram", "77") is False
        answer = await put(bot, {"telegram": {"allowed_users": [1, "77"], "dm_trust_level": "direct"}, "matrix": None, "discord": {}})
        assert answer.status == 200
        assert answer.json["telegram"]["allowed_users"] == [1, 77]
        assert answer.json["telegram"]["dm_trust_level"] == "direct"
        assert (await get(bot)).json == answer.json
        assert bot.runtime.access.is_allowed("telegram", "77") is True
        assert bot.runtime.access.is_allowed("telegram", "2") is False
        assert bot.connector.runs == 1, "who is allowed needs no new connection"
        assert "# the owner's comment" in text(bot)
        assert "# who may" in text(bot)


async def test_a_new_token_restarts_that_platform_and_becomes_a_secret() -> None:
    async with running_bot(config=CONFIG) as bot:
        answer = await put(bot, {"telegram": {"bot_token": NEW_TOKEN}})
        await bot.clock.advance(0)
        assert answer.status == 200
        assert (bot.connector.runs, bot.connector.most_open) == (2, 1)
        assert NEW_TOKEN in text(bot)
        bot.connector.lose(RuntimeError(f"{NEW_TOKEN} {TOKEN}"))
        await bot.clock.advance(0)
        status = await bot.request("GET", "/api/bots/status")
        assert status.json["connectors"]["telegram"]["last_error"] == "[redacted] [redacted]"


async def test_switching_off_stops_and_switching_on_starts() -> None:
    async with running_bot(config=CONFIG) as bot:
        await put(bot, {"telegram": {"enabled": False}})
        assert bot.runtime.fleet.status("telegram")["status"] == "stopped"
        await put(bot, {"telegram": {"enabled": True}})
        await bot.clock.advance(0)
        assert bot.runtime.fleet.status("telegram")["running"] is True


async def test_an_empty_token_keeps_the_old_one_and_an_empty_emoji_takes_it_away() -> None:
    async with running_bot(config=CONFIG) as bot:
        answer = await put(bot, {"telegram": {"bot_token": "", "enabled": None, "ack_emoji": ""}})
        assert answer.json["telegram"]["has_token"] is True
        assert answer.json["telegram"]["enabled"] is True
        assert answer.json["telegram"]["ack_emoji"] is None
        assert TOKEN in text(bot)


async def test_a_stale_save_does_not_remove_who_was_approved_meanwhile() -> None:
    async with running_bot(config=CONFIG) as bot:
        await get(bot)
        await bot.runtime.access.allow("telegram", "99", None)
        answer = await put(bot, {"telegram": {"allowed_users": [1]}})
        assert answer.json["telegram"]["allowed_users"] == [1, 99], "2 was taken out on purpose, 99 was never seen"
        assert bot.runtime.access.is_allowed("telegram", "99") is True
        answer = await put(bot, {"telegram": {"allowed_users": [1]}})
        assert answer.json["telegram"]["allowed_users"] == [1], "now it was seen"


async def test_each_client_has_its_own_last_look() -> None:
    async with running_bot(config=CONFIG) as bot:
        await get(bot, User_Agent="phone")
        await bot.runtime.access.allow("telegram", "99", None)
        await get(bot, User_Agent="desktop")
        answer = await put(bot, {"telegram": {"allowed_users": [1, 2]}}, User_Agent="phone")
        assert answer.json["telegram"]["allowed_users"] == [1, 2, 99]


async def test_a_client_that_never_looked_removes_nobody_who_came_after_the_start() -> None:
    async with running_bot(config=CONFIG) as bot:
        await bot.runtime.access.allow("telegram", "99", None)
        answer = await put(bot, {"telegram": {"allowed_users": [2]}})
        assert answer.json["telegram"]["allowed_users"] == [2, 99]


async def test_a_client_that_names_the_revision_is_taken_at_its_word() -> None:
    async with running_bot(config=CONFIG) as bot:
        await bot.runtime.access.allow("telegram", "99", None)
        first = (await get(bot, User_Agent="other")).json["revision"]
        answer = await put(bot, {"revision": first, "telegram": {"allowed_users": [2]}})
        assert (answer.status, answer.json["telegram"]["allowed_users"]) == (200, [2])
        assert answer.json["revision"] != first
        stale = await put(bot, {"revision": first, "telegram": {"enabled": False}})
        assert (stale.status, stale.json["success"]) == (409, False)
        stale = await put(bot, {"telegram": {"enabled": False}}, If_Match=f'"{first}"')
        assert (stale.status, stale.json["success"]) == (412, False)
        assert bot.runtime.fleet.status("telegram")["running"] is True
        for etag in (answer.headers["etag"], f"W/{answer.headers['etag']}", f'"x", {answer.headers["etag"]}', "*"):
            assert (await put(bot, {"telegram": {"allowed_users": [2]}}, If_Match=etag)).status == 200


WRONG: list[tuple[Any, str]] = [
    ([], "object"),
    ("text", "object"),
    (1, "object"),
    ({"slack": {}}, "slack"),
    ({"orchestrator": {"use": "command", "argv": ["sh"]}}, "orchestrator"),
    ({"admin": {"host": "0.0.0.0"}}, "admin"),
    ({"telegram": []}, "telegram"),
    ({"telegram": "on"}, "telegram"),
    ({"telegram": {"nonsense": 1}}, "telegram.nonsense"),
    ({"telegram": {"has_token": True}}, "telegram.has_token"),
    ({"telegram": {"base_url": "http://evil.example"}}, "telegram.base_url"),
    ({"telegram": {"allowed_rooms": []}}, "telegram.allowed_rooms"),
    ({"telegram": {"enabled": "yes"}}, "telegram.enabled"),
    ({"telegram": {"enabled": 1}}, "telegram.enabled"),
    ({"telegram": {"dm_trust_level": "full"}}, "telegram.dm_trust_level"),
    ({"telegram": {"dm_trust_level": "trusted"}}, "telegram.dm_trust_level"),
    ({"telegram": {"group_trust_level": "DIRECT"}}, "telegram.group_trust_level"),
    ({"telegram": {"group_mention_mode": "sometimes"}}, "telegram.group_mention_mode"),
    ({"telegram": {"allowed_users": "1"}}, "telegram.allowed_users"),
    ({"telegram": {"allowed_users": [True]}}, "telegram.allowed_users.0"),
    ({"telegram": {"allowed_users": [1.5]}}, "telegram.allowed_users.0"),
    ({"telegram": {"allowed_users": [None]}}, "telegram.allowed_users.0"),
    ({"telegram": {"allowed_users": [[1]]}}, "telegram.allowed_users.0"),
    ({"telegram": {"allowed_users": ["@name"]}}, "telegram.allowed_users"),
    ({"telegram": {"allowed_users": ["abc"]}}, "telegram.allowed_users"),
    ({"telegram": {"allowed_users": [10**40]}}, "telegram.allowed_users"),
    ({"telegram": {"allowed_users": ["1\u00002"]}}, "telegram.allowed_users.0"),
    ({"telegram": {"allowed_users": list(range(1, 6002))}}, "telegram.allowed_users"),
    ({"telegram": {"bot_token": "a\nadmin: {}"}}, "telegram.bot_token"),
    ({"telegram": {"bot_token": "a\u0000b"}}, "telegram.bot_token"),
    ({"telegram": {"bot_token": "${HOME}"}}, "telegram.bot_token"),
    ({"telegram": {"bot_token": 5}}, "telegram.bot_token"),
    ({"telegram": {"bot_token": "x" * 600}}, "telegram.bot_token"),
    ({"matrix": {"homeserver_url": "https://evil.example/${file:/etc/passwd}"}}, "matrix.homeserver_url"),
    ({"matrix": {"homeserver_url": "no address"}}, "matrix.homeserver_url"),
    ({"matrix": {"allowed_rooms": ["not a room"]}}, "matrix.allowed_rooms"),
    ({"web": {"bot_token": "x"}}, "web.bot_token"),
    ({"revision": 5}, "revision"),
]


async def test_what_is_wrong_is_named_and_nothing_is_changed() -> None:
    async with running_bot(config=CONFIG) as bot:
        before = text(bot)
        for body, named in WRONG:
            answer = await put(bot, body)
            assert answer.status == 422, body
            assert answer.json["success"] is False
            assert named in answer.json["error"], body
            assert answer.json["error"] == answer.json["detail"]
            assert "Traceback" not in answer.json["error"]
        assert text(bot) == before
        assert (bot.connector.runs, bot.connector.open) == (1, 1)


async def test_of_one_wrong_and_one_right_section_none_is_changed_and_all_problems_are_told() -> None:
    async with running_bot(config=CONFIG) as bot:
        before = text(bot)
        answer = await put(bot, {"telegram": {"enabled": False}, "web": {"x": 1, "y": 2}, "discord": {"enabled": "no"}})
        assert answer.status == 422
        assert all(one in answer.json["error"] for one in ("web.x", "web.y", "discord.enabled"))
        assert text(bot) == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"   ", 422),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"\x00", 400),
        (b'{"telegram": {"enabled": true, "enabled": false}}', 400),
        (b'{"telegram": NaN}', 400),
        (b'{"telegram": {"bot_token": "\\ud800"}}', 400),
        (b'{"telegram": {"allowed_users": [' + b"9" * 5000 + b"]}}", 400),
        (b"[" * 20_000, 400),
        (b'{"telegram": {"bot_token": "' + b"x" * LARGEST_BODY + b'"}}', 413),
        (b"null", 422),
    ],
)
async def test_a_body_that_is_none_is_refused_as_json(body: bytes, status: int) -> None:
    async with running_bot(config=CONFIG) as bot:
        headers = {"X-API-Key": bot.runtime.key, "Content-Type": "application/json"}
        answer = await bot.runtime.server.app.test_client().put("/api/bots/config", data=body, headers=headers)
        assert answer.status_code == status
        assert (await answer.get_json())["success"] is False


async def test_the_content_type_is_not_asked() -> None:
    async with running_bot(config=CONFIG) as bot:
        assert (await put(bot, {"telegram": {"allowed_users": [5]}}, Content_Type="text/plain")).status == 200


async def test_a_file_that_was_damaged_meanwhile_is_not_written_over() -> None:
    async with running_bot(config=CONFIG) as bot:
        damaged = text(bot) + "\ntelegram: again\n"
        (bot.home / "bots.yaml").write_text(damaged)
        answer = await put(bot, {"telegram": {"bot_token": NEW_TOKEN}})
        assert (answer.status, answer.json["success"]) == (422, False)
        assert TOKEN not in str(answer.json)
        assert NEW_TOKEN not in str(answer.json)
        assert text(bot) == damaged
        assert bot.runtime.fleet.status("telegram")["running"] is True


async def test_edits_by_hand_are_kept_and_taken_over_by_the_next_save() -> None:
    async with running_bot(config=CONFIG) as bot:
        (bot.home / "bots.yaml").write_text(text(bot).replace("[1, 2]", "[1, 2, 42]"))
        answer = await put(bot, {"telegram": {"allowed_users": [1, 2, 7]}})
        assert answer.json["telegram"]["allowed_users"] == [1, 2, 42, 7]
        assert bot.runtime.access.is_allowed("telegram", "42") is True


async def test_many_saves_at_once_lose_nothing() -> None:
    async with running_bot(config=CONFIG) as bot:
        await asyncio.gather(*(put(bot, {"telegram": {"allowed_users": [1, 2, number]}}) for number in range(100, 112)))
        assert set((await get(bot)).json["telegram"]["allowed_users"]) >= set(range(100, 112))
