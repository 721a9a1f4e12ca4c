"""Switching a plugin on or off: written with the owner's comments kept, in force from the next start on, and on record."""

from pathlib import Path

import pytest

from parachute_core.testing import RunningBot, running_bot

CONFIG = """\
telegram: {enabled: true, bot_token: "123456:fake-token-of-a-fake-bot", allowed_users: [1]}
plugins:
  # first, so that a flood costs nothing
  ratelimit: {limit: 3}   # few
  retry:
    waits: [1]
  budget: {enabled: false}
  strictstate: {enabled: false}
  sessionguard: {enabled: false}
required: [ratelimit]
"""


async def test_off_and_on_again_with_every_comment_kept(tmp_path: Path) -> None:
    async with running_bot(config=CONFIG, home=tmp_path) as bot:
        off = await bot.request("POST", "/api/plugins/retry/disable")
        assert off.json == {"success": True, "name": "retry", "enabled": False, "restart_needed": True}
        assert (tmp_path / "bots.yaml").read_text() == CONFIG.replace("    waits: [1]\n", "    waits: [1]\n    enabled: false\n")
        assert (await bot.request("POST", "/api/plugins/pairing/disable")).json["restart_needed"] is True
        assert "  pairing: {enabled: false}\n" in (tmp_path / "bots.yaml").read_text()
        listed = {one["name"]: one for one in (await bot.request("GET", "/api/plugins")).json["plugins"]}
        assert (listed["retry"]["enabled"], listed["retry"]["wanted"], listed["retry"]["settings"]) == (True, False, {"waits": [1]})
        assert (listed["ratelimit"]["required"], listed["ratelimit"]["settings"]) == (True, {"limit": 3})
        await bot.request("POST", "/api/plugins/strictstate/enable")
        again = await bot.request("POST", "/api/plugins/strictstate/enable")
        assert again.json["restart_needed"] is True
        entries = (await bot.request("GET", "/api/audit?what=config_changed")).json["entries"]
        assert [one["why"] for one in entries] == [f"plugins.{name}.enabled" for name in ("strictstate", "pairing", "retry")]
        assert {one["who"] for one in entries} == {"owner"}
    async with running_bot(home=tmp_path) as bot:
        names = [one["name"] for one in (await bot.request("GET", "/api/plugins")).json["plugins"] if one["enabled"]]
        assert names == ["ratelimit", "strictstate"]
        back = await bot.request("POST", "/api/plugins/strictstate/disable")
        assert back.json["restart_needed"] is True
        assert (await bot.request("POST", "/api/plugins/strictstate/enable")).json["restart_needed"] is False


async def test_what_is_required_or_not_there_is_refused(tmp_path: Path) -> None:
    async with running_bot(config=CONFIG, home=tmp_path) as bot:
        for name, status in (("ratelimit", 409), ("nothing", 404), ("%2e%2e", 404)):
            assert (await bot.request("POST", f"/api/plugins/{name}/disable")).status == status
        assert (await bot.request("POST", "/api/plugins/ratelimit/enable")).json["restart_needed"] is False
        assert (tmp_path / "bots.yaml").read_text() == CONFIG


async def test_what_was_edited_by_hand_and_nobody_looked_at_yet_counts_and_is_on_record(tmp_path: Path) -> None:
    path = tmp_path / "bots.yaml"

    async def recorded(bot: RunningBot) -> list[tuple[str, str]]:
        entries = (await bot.request("GET", "/api/audit?what=config_changed")).json["entries"]
        return [(one["who"], one["why"]) for one in entries]

    async with running_bot(config=CONFIG, home=tmp_path) as bot:
        path.write_text(edited := CONFIG.replace("required: [ratelimit]", "required: [ratelimit, retry]"))
        refused = await bot.request("POST", "/api/plugins/retry/disable")
        assert (refused.status, "retry is required" in refused.json["error"]) == (409, True)
        assert path.read_text() == edited
        path.write_text(CONFIG.replace("allowed_users: [1]", "allowed_users: [1, 2]").replace("limit: 3", "limit: 4"))
        assert (await bot.request("POST", "/api/plugins/retry/enable")).status == 200
        assert await recorded(bot) == [("owner by hand", "telegram.allowed_users, plugins")], "it was on before"
        path.write_text(path.read_text().replace("required: [ratelimit]", "required: []"))
        assert (await bot.request("POST", "/api/plugins/ratelimit/disable")).status == 200
        assert sorted((await recorded(bot))[:2]) == [("owner", "plugins.ratelimit.enabled"), ("owner by hand", "required")]
        await bot.request("POST", "/api/plugins/ratelimit/disable")
        assert len(await recorded(bot)) == 3, "nothing is other"


async def test_an_edit_that_a_refused_switch_met_is_on_record_all_the_same(tmp_path: Path) -> None:
    async with running_bot(config=CONFIG, home=tmp_path) as bot:
        (tmp_path / "bots.yaml").write_text(CONFIG.replace("limit: 3", "limit: 4"))
        assert (await bot.request("POST", "/api/plugins/ratelimit/disable")).status == 409
        assert (await bot.request("POST", "/api/reload")).json["changed"] == ["plugins"]
        entries = (await bot.request("GET", "/api/audit?what=config_changed")).json["entries"]
        assert [(one["who"], one["why"]) for one in entries] == [("owner by hand", "plugins")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "plugins:\n  retry: {enabled: false}\n"),
        ("plugins:\n", "plugins:\n  retry: {enabled: false}\n"),
        ("plugins: {}\n", "plugins: {retry: {enabled: false}}\n"),
        ("plugins:\n  retry:\n  # why\n", "plugins:\n  retry: {enabled: false}\n  # why\n"),
        ("plugins:\n  retry: {}\n", "plugins:\n  retry: {enabled: false}\n"),
        ("plugins:\n  retry: {enabled: true} # on\n", "plugins:\n  retry: {enabled: false} # on\n"),
        ("plugins:\n  retry: ~\n", "plugins:\n  retry: {enabled: false}\n"),
    ],
)
async def test_whatever_form_the_file_has(tmp_path: Path, before: str, after: str) -> None:
    head = CONFIG.splitlines(keepends=True)[0]
    async with running_bot(config=head + before, home=tmp_path) as bot:
        answer = await bot.request("POST", "/api/plugins/retry/disable")
        assert answer.status == 200, answer.json
        assert (tmp_path / "bots.yaml").read_text() == head + after


async def test_a_form_that_cannot_be_edited_safely_changes_nothing(tmp_path: Path) -> None:
    odd = CONFIG.splitlines(keepends=True)[0] + "plugins:\n  ratelimit: &same {}\n  retry: *same\n"
    async with running_bot(config=odd, home=tmp_path) as bot:
        assert (await bot.request("POST", "/api/plugins/retry/disable")).status == 422
        assert (tmp_path / "bots.yaml").read_text() == odd


async def test_what_is_named_like_a_secret_is_not_shown() -> None:
    config = CONFIG.replace(
        "budget: {enabled: false}", "budget: {enabled: false, deep: [{api_key: not-to-be-seen, n: 1}], token: not-to-be-seen-either}"
    )
    async with running_bot(config=config) as bot:
        listed = {one["name"]: one["settings"] for one in (await bot.request("GET", "/api/plugins")).json["plugins"]}
    assert listed["budget"] == {"deep": [{"api_key": "[redacted]", "n": 1}], "token": "[redacted]"}
