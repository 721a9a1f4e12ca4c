"""The page is told that there is something new: over a real socket, by the bot's clock, and never for longer than somebody listens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from parachute_core.admin.desk.pulse import ANYWAY, EVERY, MOST
from parachute_core.admin.server import STOP_WITHIN
from parachute_core.testing import RunningBot, running_bot


class Listener:
    """An open page's stream."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self._lines = response.aiter_lines()

    async def event(self) -> str | None:
        """The name of the next event; None: the stream has ended."""
        async with asyncio.timeout(10):
            async for line in self._lines:
                if line.startswith("event: "):
                    return line.removeprefix("event: ")
        return None


@asynccontextmanager
async def browser(bot: RunningBot) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=bot.url, headers={"Accept": "text/event-stream"}) as client:
        assert (await client.post("/login", data={"key": bot.runtime.key})).status_code == 303
        yield client


@asynccontextmanager
async def listening(client: httpx.AsyncClient) -> AsyncIterator[Listener]:
    async with client.stream("GET", "/events") as response:
        yield Listener(response)


async def looked(bot: RunningBot) -> None:
    """Return once the bot waits for its next look."""
    await bot.clock.sleeping(EVERY)


async def test_a_change_is_told_within_one_look_and_without_one_once_in_a_while() -> None:
    async with running_bot(["pairing"], serve=True) as bot, browser(bot) as client, listening(client) as page:
        assert page.status == 200
        await looked(bot)
        await bot.say("let me in", "100")
        await bot.settled()
        await bot.clock.advance(EVERY)
        assert await page.event() == "changed"
        waiting = asyncio.create_task(page.event())
        for _ in range(int(ANYWAY / EVERY) - 1):
            await looked(bot)
            await bot.clock.advance(EVERY)
        assert not waiting.done(), "nothing happened"
        await looked(bot)
        await bot.clock.advance(EVERY)
        assert await waiting == "changed", "times go on"


async def test_nobody_looks_while_nobody_listens() -> None:
    async with running_bot(serve=True) as bot, browser(bot) as client:
        assert EVERY not in bot.clock.sleeps
        async with listening(client), listening(client):
            await looked(bot)
            assert bot.clock.sleeps.count(EVERY) == 1, "one look for both"
        async with asyncio.timeout(10):
            while True:
                looks = bot.clock.sleeps.count(EVERY)
                await bot.clock.advance(EVERY)
                await asyncio.sleep(0.01)
                if bot.clock.sleeps.count(EVERY) == looks:
                    break


async def test_a_login_that_ends_ends_its_pages_alone() -> None:
    async with (
        running_bot(serve=True) as bot,
        browser(bot) as one,
        browser(bot) as other,
        listening(one) as gone,
        listening(other) as stays,
    ):
        await looked(bot)
        mine = bot.runtime.services.logins.find(next(iter(one.cookies.values())))
        assert mine is not None
        assert (await bot.request("DELETE", f"/api/logins/{mine.id}")).json["ended"] == 1
        async with bot.clock.passing():  # the record of it, which is what the look sees, may be written a moment later
            assert (await gone.event(), await gone.event()) == ("over", None)
            assert await stays.event() == "changed"


async def test_while_the_store_cannot_say_who_is_logged_in_the_page_is_told_as_ever() -> None:
    async with running_bot(["pairing"], serve=True) as bot, browser(bot) as client, listening(client) as page:
        for number, statement in enumerate(("ALTER TABLE logins RENAME TO gone", "ALTER TABLE gone RENAME TO logins")):
            await bot.runtime.store.execute(statement)
            await looked(bot)
            await bot.say("let me in", str(100 + number))
            await bot.settled()
            await bot.clock.advance(EVERY)
            assert await page.event() == "changed"


async def test_so_many_listen_and_no_more_until_one_goes() -> None:
    async with running_bot(serve=True) as bot, browser(bot) as client:
        opened = [client.stream("GET", "/events") for _ in range(MOST)]
        responses = [await one.__aenter__() for one in opened]
        assert {response.status_code for response in responses} == {200}
        refused = await client.get("/events")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "60")
        await opened.pop().__aexit__(None, None, None)
        async with asyncio.timeout(10):
            while True:
                async with listening(client) as page:
                    if page.status == 200:
                        break
                await asyncio.sleep(0.01)
        for one in opened:
            await one.__aexit__(None, None, None)


async def test_an_open_page_does_not_hold_up_the_stop() -> None:
    loop = asyncio.get_running_loop()
    async with running_bot(serve=True) as bot, browser(bot) as client, client.stream("GET", "/events") as response:
        page = Listener(response)
        await looked(bot)
        began = loop.time()
        await bot.runtime.server.stop()
        assert loop.time() - began < STOP_WITHIN
        assert await page.event() is None, "it has ended, and was not cut off"
