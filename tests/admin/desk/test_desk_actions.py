"""What the page can do, the admin API and the command can as well, and it is on record. Tried for each action, without JavaScript."""

import asyncio
from collections.abc import Mapping

import pytest
from click.testing import CliRunner

from parachute_core.admin.desk.actions import ACTIONS
from parachute_core.cli import main
from parachute_core.home import Home
from parachute_core.testing import running_bot
from parachute_core.testing.connector import FakeConnector
from tests.admin.desk.trials import ALL, TRIALS, decided, tried
from tests.admin.desk.visitor import Visitor


class Unwilling(FakeConnector):
    """A platform whose library fails with words of its own."""

    async def test(self) -> Mapping[str, str]:
        raise ConnectionError("the token 123456:fake-token-of-a-fake-bot is wrong")


def test_every_action_is_tried() -> None:
    assert TRIALS.keys() == ACTIONS.keys()


@pytest.mark.parametrize("name", ACTIONS)
async def test_the_page_does_it_by_the_apis_route_and_it_is_on_record(name: str) -> None:
    trial = TRIALS[name]
    async with tried(trial) as bot:
        rules = bot.runtime.server.app.url_map.iter_rules()
        assert any((ACTIONS[name].rule, True) == (rule.rule, ACTIONS[name].method in (rule.methods or ())) for rule in rules)
        visitor = await Visitor(bot).log_in()
        before = await decided(bot, trial.what)
        shown = await visitor.act(name, trial.page, trial.number)
        if name != "login-end-all":
            assert trial.says in shown.notice
            assert shown.status == 200
        assert await decided(bot, trial.what) > before


@pytest.mark.parametrize("name", ACTIONS)
async def test_the_command_does_it_as_well(name: str) -> None:
    trial = TRIALS[name]
    async with tried(trial) as bot:
        visitor = await Visitor(bot).log_in()
        fields = (await visitor.get(trial.page)).forms(name)[trial.number]
        before = await decided(bot, trial.what)
        with Home(bot.home).announced(bot.url):
            arguments = [*trial.command.format(**fields).split(), "--home", str(bot.home)]
            result = await asyncio.to_thread(CliRunner().invoke, main, arguments)
        assert result.exit_code == 0, result.output
        assert await decided(bot, trial.what) > before


async def test_revoking_says_what_it_stopped() -> None:
    async with running_bot(ALL) as bot:
        bot.orchestrator.hold()
        await bot.say("think hard")
        await bot.orchestrator.asked()
        shown = await (await Visitor(bot).log_in()).act("person-revoke", "/people")
        assert "Stopped: 1 answer in the making." in shown.notice
        assert "Nobody is let in" in shown.text


async def test_a_code_is_shown_once_and_lets_one_person_in() -> None:
    async with running_bot(ALL) as bot:
        visitor = await Visitor(bot).log_in()
        shown = await visitor.act("invite-make", "/invitations", trust_level="direct", expires_in="3600")
        code = shown.text.partition('<code class="secret">')[2].partition("<")[0]
        assert len(code) > 10
        assert code not in (await visitor.get("/invitations")).text
        assert "direct" in shown.text
        await bot.ask(code, "900")
        assert bot.runtime.access.is_allowed("telegram", "900")
        assert "used" in (await visitor.get("/invitations")).text


async def test_what_fails_is_said_in_the_apis_words() -> None:
    async with running_bot(ALL, connector=Unwilling()) as bot:
        visitor = await Visitor(bot).log_in()
        fields = (await visitor.get("/")).forms("connector-test")[0]
        done = await visitor.post("/act/connector-start", fields)
        assert "running" in (await visitor.get(done.headers["location"])).notice
        done = await visitor.post("/act/connector-test", {**fields, "platform": "nothing"})
        assert "Unknown platform: nothing" in (await visitor.get(done.headers["location"])).notice
        done = await visitor.post("/act/connector-test", fields)
        assert "ConnectionError" in (notice := (await visitor.get(done.headers["location"])).notice)
        assert "fake-token" not in notice


async def test_the_page_of_a_plugin_that_is_off_is_absent() -> None:
    async with running_bot(["ratelimit"]) as bot:
        visitor = await Visitor(bot).log_in()
        overview = await visitor.get("/")
        for path in ("/requests", "/invitations", "/blocked"):
            assert f'href="{path}"' not in overview.text
            assert (await visitor.get(path)).status == 404
        people = await visitor.get("/people")
        assert not people.forms("person-revoke")
        assert (await visitor.post("/act/person-revoke", {"form": overview.forms("connector-test")[0]["form"]})).status == 404


async def test_names_of_people_and_of_browsers_are_text_and_nothing_else() -> None:
    async with running_bot(ALL) as bot:
        for name in ("<script>alert(1)</script>", "\u202e\u2066gnihton\u200b", "W" * 10_000):
            await bot.say("hello", "1", name=name)
            await bot.settled()
            visitor = await Visitor(bot).log_in()
            shown = await visitor.get("/people")
            assert "<script>alert" not in shown.text
            assert not set("\u202e\u2066\u200b") & set(shown.text)
            assert "W" * 65 not in shown.text
        await visitor.post("/login", {"key": bot.runtime.key}, User_Agent="<img src=x> " + "W" * 5000)
        shown = await visitor.get("/logins")
        assert "<img" not in shown.text
        assert "&lt;img src=x&gt;" in shown.text
        assert "W" * 200 not in shown.text
