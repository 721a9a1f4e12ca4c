"""What the pages say is so: also when there is nothing to show and when the API refuses."""

import re

from quart import Quart, request
from quart.signals import request_started

from parachute_core.admin.desk.views import SIZE, VIEWS
from parachute_core.testing import running_bot
from tests.admin.desk.trials import ALL
from tests.admin.desk.visitor import Visitor

CLEAR = {
    "/requests": "Nobody asks to be let in.",
    "/people": "Nobody is let in yet.",
    "/blocked": "Nobody is blocked.",
    "/sessions": "No conversation has begun yet.",
    "/deliveries": "Everything was delivered.",
    "/audit": "Nothing is on record yet.",
}
"""What a page says where there is nothing, by its path."""


async def test_a_later_page_that_is_empty_says_so_and_leads_to_the_first() -> None:
    async with running_bot(ALL) as bot:
        visitor = await Visitor(bot).log_in()
        await bot.ask("hello")
        for path, words in CLEAR.items():
            later = (await visitor.get(f"{path}?offset={SIZE}")).text
            assert words not in later, path
            assert f'Nothing is on this page any more. <a href="{path}?offset=0">To the first</a>' in later
        assert CLEAR["/deliveries"] in (await visitor.get("/deliveries")).text
        assert '<a href="/people?q=Ada&amp;offset=0">To the first</a>' in (await visitor.get(f"/people?q=Ada&offset={SIZE}")).text


async def test_where_the_api_refuses_the_page_says_that_alone() -> None:
    async with running_bot(ALL) as bot:
        visitor = await Visitor(bot).log_in()
        refused = (await visitor.get("/audit?what=nonsense")).text
        assert '<p class="notice bad">' in refused
        assert 'class="nothing"' not in refused
        await bot.runtime.store.execute("ALTER TABLE outbox RENAME TO gone")
        refused = (await visitor.get("/deliveries")).text
        assert '<p class="notice bad">' in refused
        assert CLEAR["/deliveries"] not in refused
        await bot.runtime.store.execute("ALTER TABLE gone RENAME TO outbox")


async def test_the_audit_log_is_filtered_by_the_words_that_it_shows() -> None:
    async with running_bot(ALL, allowed=("1",)) as bot:
        visitor = await Visitor(bot).log_in()
        await bot.say("let me in", "100")
        await bot.settled()
        shown = (await visitor.get("/audit")).text
        words = set(re.findall(r'<span class="did">(.*?)</span>', shown))
        offered = {text: value for value, text in re.findall(r'<option value="(\w+)">(.*?)</option>', shown)}
        assert {"logged in", "pairing requested"} <= words <= offered.keys()
        chosen = (await visitor.get(f"/audit?what={offered['logged in']}&who=&user_id=")).text
        assert set(re.findall(r'<span class="did">(.*?)</span>', chosen)) == {"logged in"}
        assert '<option value="logged_in" selected>logged in</option>' in chosen


async def test_one_page_asks_nothing_twice() -> None:
    async with running_bot(ALL) as bot:
        visitor = await Visitor(bot).log_in()
        asked: list[str] = []

        def note(_app: Quart, **_more: object) -> None:
            asked.append(request.full_path)

        with request_started.connected_to(note, bot.runtime.server.app):
            for view in VIEWS:
                asked.clear()
                assert (await visitor.get(view.path)).status == 200
                assert len(asked) > 1
                assert len(asked) == len(set(asked)), view.name
