"""Who is let in and with how much trust, across restarts, crashes and edits of the file. Through a whole running bot."""

import asyncio
from pathlib import Path

import pytest

from parachute_core import ChatType, ConfigError, TrustLevel, UnknownPlatform
from parachute_core.engine import texts
from parachute_core.store.grants import Grants
from parachute_core.testing import RunningBot, running_bot

WITH_DIRECT = """
telegram:
  enabled: true
  bot_token: 123456:fake-token-of-a-fake-bot
  allowed_users: [1, 2]   # me and my sister
  dm_trust_level: full
  group_trust_level: sandboxed
plugins:
  ratelimit: {enabled: false}
  retry: {enabled: false}
  pairing: {enabled: false}
  strictstate: {enabled: false}
  sessionguard: {enabled: false}
"""


def file_of(bot: RunningBot) -> str:
    return (bot.home / "bots.yaml").read_text()


async def trust_of_next(bot: RunningBot, user_id: str, chat_id: str | None = None, chat_type: ChatType = ChatType.DIRECT) -> str:
    await bot.say("hello", user_id, chat_id, chat_type=chat_type)
    await bot.settled()
    return bot.orchestrator.turns[-1].trust_level


async def test_trust_is_the_senders_and_in_a_group_never_more_than_the_groups() -> None:
    async with running_bot(config=WITH_DIRECT) as bot:
        await bot.runtime.access.allow("telegram", "2", TrustLevel.SANDBOXED)
        assert await trust_of_next(bot, "1") == "direct"
        assert await trust_of_next(bot, "2") == "sandboxed"
        assert await trust_of_next(bot, "1", "g", ChatType.GROUP) == "sandboxed"


async def test_a_group_opened_by_a_trusted_user_gives_nobody_else_that_trust() -> None:
    config = WITH_DIRECT.replace("group_trust_level: sandboxed", "group_trust_level: direct")
    async with running_bot(config=config) as bot:
        await bot.runtime.access.allow("telegram", "2", TrustLevel.SANDBOXED)
        assert await trust_of_next(bot, "1", "g", ChatType.GROUP) == "direct"
        assert await trust_of_next(bot, "2", "g", ChatType.GROUP) == "sandboxed"


async def test_a_grant_survives_a_restart_and_a_revocation_does_too(tmp_path: Path) -> None:
    async with running_bot(home=tmp_path) as bot:
        await bot.runtime.access.allow("telegram", "7", TrustLevel.DIRECT)
        assert await trust_of_next(bot, "7") == "direct"
    async with running_bot(home=tmp_path) as bot:
        assert await trust_of_next(bot, "7") == "direct"
        assert await bot.runtime.access.revoke("telegram", "7")
        assert await bot.ask("still?", "7") == [texts.NOT_ALLOWED]
        assert not await bot.runtime.access.revoke("telegram", "7")
    async with running_bot(home=tmp_path) as bot:
        assert await bot.ask("still?", "7") == [texts.NOT_ALLOWED]
        assert "7" not in file_of(bot)


async def test_a_revocation_that_a_crash_cut_off_is_finished_at_the_next_start(tmp_path: Path) -> None:
    async with running_bot(home=tmp_path) as bot:
        await bot.runtime.access.allow("telegram", "7", TrustLevel.DIRECT)
        await Grants(bot.runtime.store).begin_revoke("telegram", "7")  # as far as the process came
        assert "7" in file_of(bot)
    async with running_bot(home=tmp_path) as bot:
        assert await bot.ask("me again", "7") == [texts.NOT_ALLOWED]
        assert "- 7" not in file_of(bot)
        assert await Grants(bot.runtime.store).revoking() == []


async def test_a_grant_whose_user_never_got_into_the_file_gives_nothing(tmp_path: Path) -> None:
    async with running_bot(home=tmp_path) as bot:
        await Grants(bot.runtime.store).put("telegram", "7", TrustLevel.DIRECT)  # as far as the process came
    async with running_bot(home=tmp_path) as bot:
        assert await bot.ask("hello", "7") == [texts.NOT_ALLOWED]
        assert await Grants(bot.runtime.store).load() == {}


async def test_a_user_taken_out_by_hand_comes_back_without_the_old_trust(tmp_path: Path) -> None:
    async with running_bot(home=tmp_path) as bot:
        await bot.runtime.access.allow("telegram", "7", TrustLevel.DIRECT)
        by_hand = file_of(bot)
    (tmp_path / "bots.yaml").write_text(by_hand.replace("7", "8"))
    async with running_bot(home=tmp_path) as bot:
        assert await bot.ask("hello", "7") == [texts.NOT_ALLOWED]
    (tmp_path / "bots.yaml").write_text(by_hand)
    async with running_bot(home=tmp_path) as bot:
        assert await trust_of_next(bot, "7") == "sandboxed"


async def test_a_file_that_cannot_be_edited_grants_nothing() -> None:
    async with running_bot() as bot:
        (bot.home / "bots.yaml").write_text("telegram: [\n")
        with pytest.raises(ConfigError):
            await bot.runtime.access.allow("telegram", "7", TrustLevel.DIRECT)
        assert await bot.ask("hello", "7") == [texts.NOT_ALLOWED]
        assert await Grants(bot.runtime.store).load() == {}
        assert file_of(bot) == "telegram: [\n"


async def test_a_link_that_cannot_be_redeemed_takes_nothing_from_who_is_allowed() -> None:
    async with running_bot() as bot:
        bot.orchestrator.hold()
        await bot.say("first")
        await bot.say("second")
        await bot.orchestrator.asked()
        token = bot.runtime.owner_tokens.issue()
        (bot.home / "bots.yaml").write_text("telegram: [\n")
        with pytest.raises(ConfigError):
            await bot.connector.link.redeem("1", token)
        bot.orchestrator.release()
        await bot.settled()
        assert bot.texts() == ["first", "second"]


async def test_a_file_that_cannot_be_edited_still_lets_nobody_back_in() -> None:
    async with running_bot(allowed=("1", "2")) as bot:
        whole = file_of(bot)
        (bot.home / "bots.yaml").write_text("telegram: [\n")
        with pytest.raises(ConfigError):
            await bot.runtime.access.revoke("telegram", "2")
        assert await bot.ask("hello", "2") == [texts.NOT_ALLOWED]
        (bot.home / "bots.yaml").write_text(whole)
        await bot.runtime.access.allow("telegram", "3", TrustLevel.SANDBOXED)
        await bot.ask("hello", "2")
        assert bot.orchestrator.turns == []


async def test_an_unreadable_level_is_refused_and_not_guessed(tmp_path: Path) -> None:
    async with running_bot(home=tmp_path) as bot:
        await bot.runtime.access.allow("telegram", "7", TrustLevel.DIRECT)
        async with bot.runtime.store.transaction() as transaction:
            await transaction.execute("UPDATE grants SET trust_level = 'root'")
    async with running_bot(home=tmp_path) as bot:
        assert await bot.ask("hello", "7") == [texts.NO_TRUST]
        assert bot.orchestrator.turns == []


async def test_approvals_and_revocations_at_once_end_in_one_state() -> None:
    async with running_bot() as bot:
        access = bot.runtime.access
        for _ in range(5):
            await asyncio.gather(*(access.allow("telegram", "7", TrustLevel.DIRECT) for _ in range(3)), access.revoke("telegram", "7"))
            assert access.is_allowed("telegram", "7") == ("- 7" in file_of(bot))
            await access.revoke("telegram", "7")
            assert "- 7" not in file_of(bot)


async def test_the_owners_comments_survive_an_approval() -> None:
    async with running_bot(config=WITH_DIRECT) as bot:
        await bot.runtime.access.allow("telegram", "7", TrustLevel.DIRECT)
        assert "# me and my sister" in file_of(bot)
        assert file_of(bot).replace(", 7", "") == WITH_DIRECT


async def test_an_unknown_platform_is_named() -> None:
    async with running_bot() as bot:
        with pytest.raises(UnknownPlatform, match="irc"):
            await bot.runtime.access.allow("irc", "7", TrustLevel.DIRECT)
        with pytest.raises(UnknownPlatform, match="irc"):
            await bot.runtime.access.revoke("irc", "7")
