"""The owner's page in a real browser: what the owner sees and does. An error on the browser's console fails a test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from parachute_core import Rejected
from parachute_core.admin.desk.views import VIEWS
from parachute_core.testing import RunningBot, running_bot
from tests.admin.browsing import CHROMIUM, SHOTS, opened
from tests.admin.desk.trials import ALL, TRIALS, decided

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page, Route

NASTY = ("<img src=x onerror=alert(1)><script>alert(2)</script>", "\u202eDrawkcab\u2066\u200b", "W" * 10_000)
"""Names that strangers chose."""

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
    pytest.mark.asyncio(loop_scope="module"),  # one browser for all of them
]


@pytest_asyncio.fixture(loop_scope="module")
async def complaints() -> AsyncIterator[list[str]]:
    """What the browser complained about, but for a bot that has ended."""
    found: list[str] = []
    yield found
    assert not [one for one in found if "ERR_CONNECTION_REFUSED" not in one]


@pytest_asyncio.fixture(loop_scope="module")
async def context(browser: "Browser", complaints: list[str]) -> "AsyncIterator[BrowserContext]":
    async with opened(browser, complaints, viewport={"width": 1200, "height": 800}) as context:
        yield context


@asynccontextmanager
async def living_bot() -> AsyncIterator[RunningBot]:
    """A bot with people, strangers of all kinds, conversations, and two answers that did not arrive."""
    async with running_bot(ALL, serve=True, allowed=("1", "2", "3")) as bot:
        bot.connector.outcomes += [Rejected("the chat is gone"), Rejected("the chat is gone")]
        for user in ("1", "2", "3"):
            await bot.ask("hello", user)
        for number, name in enumerate(("Ada", *NASTY)):
            await bot.say("let me in", str(100 + number), name=name)
        await bot.settled()
        await bot.request("POST", "/api/bots/pairing/invites", {})
        await bot.request("POST", "/api/bots/pairing/telegram/666/block")
        await bot.request("POST", "/api/plugins/retry/disable")
        yield bot


async def log_in(context: "BrowserContext", bot: RunningBot, path: str = "") -> "Page":
    page = await context.new_page()
    await page.goto(bot.url + bot.runtime.services.logins.link_path())
    await page.wait_for_url(f"{bot.url}/")
    if path:
        await page.goto(bot.url + path)
    return page


async def press(page: "Page", name: str, *, sure: str | None = None) -> str:
    """Press the button of this name, and `sure` where it asks; returns what the page says then."""
    await page.evaluate("document.querySelector('#notice').textContent = ''")
    if sure:
        await page.locator(f"summary[aria-label='{name}']").click()
    await page.get_by_role("button", name=sure or name, exact=True).click()
    await page.wait_for_function("() => document.querySelector('#notice').textContent.trim()")
    return (await page.inner_text("#notice")).strip()


async def test_the_link_logs_in_and_leaves_no_trace_of_its_token(context: "BrowserContext") -> None:
    async with running_bot(serve=True) as bot:
        asked: list[str] = []
        page = await context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(f"{bot.url}/")
        await page.wait_for_url(f"{bot.url}/login")
        path = bot.runtime.services.logins.link_path()
        await page.goto(bot.url + path)  # on the same page: nothing is loaded anew
        await page.wait_for_url(f"{bot.url}/")
        assert await page.inner_text("h1") == "Overview"
        token = path.partition("#")[2]
        assert not [url for url in asked if token in url]
        assert all(url.startswith(bot.url) for url in asked), "nothing is asked of anybody else"
        assert await page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]
        await page.get_by_role("button", name="Log out").click()
        await page.wait_for_url(f"{bot.url}/login")
        await page.fill("#key", bot.runtime.key)
        await page.press("#key", "Enter")
        await page.wait_for_url(f"{bot.url}/")


async def test_every_action_is_done_without_loading_the_page_anew(context: "BrowserContext") -> None:
    first, last = ("delivery-retry", "delivery-discard"), ("person-revoke", "person-block", "connector-start", "login-end-all")
    order = [*first, *(name for name in TRIALS if name not in (*first, *last)), *last]  # none takes away what the next one needs
    async with living_bot() as bot:
        await bot.runtime.services.logins.open_with_key(bot.runtime.key, "another browser")
        await bot.clock.advance(1)
        page = await log_in(context, bot)
        for name in order:
            trial = TRIALS[name]
            await page.goto(bot.url + trial.page)
            await page.evaluate("document.body.classList.add('same')")
            before = await decided(bot, trial.what)
            form = page.locator(f"form[action='/act/{name}']").nth(trial.number)
            if await form.locator("xpath=ancestor::details").count():
                await form.locator("xpath=ancestor::details/summary").click()
            await form.get_by_role("button").click()
            if name == "login-end-all":
                await page.wait_for_url(f"{bot.url}/login")
            else:
                await page.wait_for_selector("#notice .notice")
                assert await page.locator("#notice .good").count(), (name, await page.inner_text("#notice"))
                assert await page.evaluate("document.body.classList.contains('same')"), name
                assert "said=" not in page.url
            assert await decided(bot, trial.what) > before, name


async def test_requests_are_approved_and_denied_and_their_names_do_no_harm(context: "BrowserContext") -> None:
    async with living_bot() as bot:
        page = await log_in(context, bot, "/requests")
        assert await page.locator(".row .title").all_inner_texts() == ["W" * 63 + "…", "Drawkcab", NASTY[0], "Ada"]
        assert await page.locator("img, .row script").count() == 0
        await page.set_viewport_size({"width": 360, "height": 700})
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.locator(".row").last.get_by_label("Trust of Ada").select_option("direct")
        assert "Let in: 100 on telegram, direct." in await press(page, "Approve Ada")
        assert (await bot.ask("hello", "100"))[-1] == "hello"
        assert "Denied: 102" in await press(page, "Deny Drawkcab")
        assert await page.locator(".row").count() == 2


async def test_browsers_are_logged_out_from_another_one(context: "BrowserContext", browser: "Browser", complaints: list[str]) -> None:
    async with living_bot() as bot, opened(browser, complaints) as elsewhere:
        here, there = await log_in(context, bot, "/logins"), await log_in(elsewhere, bot)
        async with bot.clock.passing():
            await here.wait_for_function("() => document.querySelectorAll('.row').length == 2")
            other = await here.locator(".row:not(:has(.tag)) code").inner_text()
            assert "logged out" in await press(here, f"Log out browser {other}")
            await there.wait_for_url(f"{bot.url}/login")
            await there.get_by_label("Admin key").wait_for()
            await here.locator("summary").click()
            await here.get_by_role("button", name="Log out everywhere").click()
            await here.wait_for_url(f"{bot.url}/login")
        assert bot.runtime.services.logins.all() == []


async def test_what_one_window_does_the_other_shows_and_nothing_is_done_twice(context: "BrowserContext") -> None:
    async with living_bot() as bot:
        one, other = await log_in(context, bot, "/requests"), await context.new_page()
        await other.goto(one.url)
        await other.evaluate("document.body.classList.add('same')")
        stale = await other.evaluate("document.querySelector('.row:last-child .acts').innerHTML")
        await other.locator("#trust-" + await other.locator("code").first.inner_text()).select_option("direct")
        await other.locator("select").first.focus()
        await press(one, "Deny Ada")
        async with bot.clock.passing():
            await other.wait_for_function("() => document.querySelectorAll('.row').length == 3")
        assert await other.evaluate("document.body.classList.contains('same')"), "the page was not loaded anew"
        assert await other.evaluate("document.activeElement.value") == "direct", "who was choosing goes on"
        await other.evaluate("html => { document.querySelector('.row .acts').innerHTML = html }", stale)
        assert "not pending" in await press(other, "Approve Ada")
        assert not bot.runtime.access.is_allowed("telegram", "100")


async def test_a_form_whose_answer_is_lost_is_not_sent_again(context: "BrowserContext") -> None:
    sent: list[int] = []

    async def lose(route: "Route") -> None:
        sent.append((await route.fetch(max_redirects=0)).status)
        await route.abort("connectionrefused")

    async with living_bot() as bot:
        page = await log_in(context, bot, "/invitations")
        await page.route("**/act/invite-make", lose)
        async with page.expect_navigation():
            await page.get_by_role("button", name="Make an invitation").click()
        assert await page.locator("main .state.running").count() == 2, "the page shows what is so: one from before, and that one"
        assert sent == [303]


async def test_without_javascript_requests_are_decided_as_well(browser: "Browser", complaints: list[str]) -> None:
    async with living_bot() as bot, opened(browser, complaints, java_script_enabled=False) as context:
        page = await context.new_page()
        await page.goto(f"{bot.url}/requests")
        await page.get_by_label("Admin key").fill(bot.runtime.key)
        await page.get_by_role("button", name="Log in").click()
        await page.get_by_role("link", name="Requests").click()
        await page.get_by_role("button", name="Approve Ada").click()
        assert "Let in: 100 on telegram, sandboxed." in await page.inner_text("#notice")
        await page.get_by_role("button", name="Deny Drawkcab").click()
        assert "Denied: 102" in await page.inner_text("#notice")
        await page.reload()
        assert await page.inner_text("#notice") == "", "a notice is shown once"


async def test_everything_can_be_done_with_the_keyboard(context: "BrowserContext") -> None:
    async with living_bot() as bot:
        page = await log_in(context, bot)
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.textContent") == "Skip to the content"
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        while await page.evaluate("document.activeElement.getAttribute('aria-label')") != "Stop telegram":
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.textContent") == "Stop it"
        await page.keyboard.press("Escape")
        assert await page.evaluate("document.activeElement.getAttribute('aria-label')") == "Stop telegram"
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_function("() => document.querySelector('#notice').textContent.includes('stopped')")
        assert await page.evaluate("document.activeElement.id") == "main", "the button is gone, and the focus is not lost"


@pytest.mark.parametrize(("size", "scheme"), [((1280, 800), "light"), ((390, 844), "dark")], ids=["wide-light", "phone-dark"])
async def test_every_view_is_accessible_light_and_fits(
    browser: "Browser", complaints: list[str], size: tuple[int, int], scheme: Any
) -> None:
    """Keeps pictures of each, wide and narrow, light and dark, for whoever wants to look at them; nothing compares them."""
    axe = pytest.importorskip("axe_playwright_python.async_playwright", reason="axe-playwright-python is not installed").Axe()
    width, height = size
    shape = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
    async with living_bot() as bot, opened(browser, complaints, **shape) as context:
        page = await context.new_page()
        await judged(page, axe, bot.url, "login", "/login")
        await page.fill("#key", bot.runtime.key)
        await page.press("#key", "Enter")
        await page.wait_for_url(f"{bot.url}/")
        links = await page.locator("#views a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        assert len(links) == len(VIEWS)
        for link in links:
            await judged(page, axe, bot.url, link.strip("/") or "overview", link)


async def judged(page: "Page", axe: Any, url: str, name: str, path: str) -> None:
    assert await weighed(page, url + path) < 100_000, path
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    found = (await axe.run(page, options={"resultTypes": ["violations"]})).response["violations"]
    assert not [(one["id"], one["impact"], [node["html"] for node in one["nodes"]][:3]) for one in found], path
    before: Any = "dark" if await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
    size = "phone" if await page.evaluate("innerWidth < 500") else "wide"
    schemes: tuple[Any, ...] = ("light", "dark")
    for scheme in schemes:
        await page.emulate_media(color_scheme=scheme)
        await page.screenshot(path=SHOTS / f"desk-{name}-{size}-{scheme}.png", full_page=True, animations="disabled")
    await page.emulate_media(color_scheme=before)


async def weighed(page: "Page", url: str) -> int:
    """Bytes of everything that a first visit of the page brings, headers aside; nothing comes from elsewhere."""
    bodies: list[int] = []
    pending: list[Any] = []

    def note(response: Any) -> None:
        pending.append(response)

    page.on("response", note)
    await page.goto(url)
    page.remove_listener("response", note)
    for response in pending:
        assert response.url.startswith((url.partition("/")[0], "data:"))
        assert response.url.split("/")[2] == url.split("/")[2] or response.url.startswith("data:")
        if response.status == 200 and response.request.resource_type in ("document", "stylesheet", "script", "image", "font"):
            bodies.append(len(await response.body()))
    return sum(bodies)
