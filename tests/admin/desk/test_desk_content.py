"""What the pages ask the admin API for."""

from quart import Quart, request
from quart.signals import request_started

from parachute_core.admin.desk.views import VIEWS
from parachute_core.testing import running_bot
from tests.admin.desk.trials import ALL
from tests.admin.desk.visitor import Visitor


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
