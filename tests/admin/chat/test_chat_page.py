"""The page in a real browser: what a visitor sees and does. An error on the browser's console fails a test."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from parachute_core.model.outgoing import SendKind
from tests.admin.browsing import CHROMIUM, SHOTS, opened

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page

    from tests.admin.chat.conftest import ChatServer

LONG = "\n\n".join(f"Paragraph {number} of an answer that needs some room on the screen." for number in range(30))
ANSWER = """Three ways to read a file, from plain to careful:

1. **Path.read_text**, for small ones
2. `open()` in a `with` block
3. streaming, see https://docs.python.org/3/library/io.html.

```python
from pathlib import Path

def first_line(path: Path) -> str:
    with path.open(encoding="utf-8") as lines:
        return next(lines, "").rstrip()
```

The last one never holds more than a line in memory."""

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
    pytest.mark.asyncio(loop_scope="module"),  # one browser for all of them
]


@pytest_asyncio.fixture(loop_scope="module")
async def complaints() -> AsyncIterator[list[str]]:
    """What the browser complained about, but for a server that is away on purpose."""
    found: list[str] = []
    yield found
    assert not [one for one in found if "/chat/socket' failed" not in one]


@pytest_asyncio.fixture(loop_scope="module")
async def context(browser: "Browser", complaints: list[str]) -> "AsyncIterator[BrowserContext]":
    async with opened(browser, complaints, viewport={"width": 1100, "height": 780}) as context:
        yield context


async def visit(context: "BrowserContext", server: "ChatServer", fragment: str = "") -> "Page":
    page = await context.new_page()
    await page.goto(f"{server.url}/chat{fragment}")
    await connected(page)
    return page


async def connected(page: "Page") -> None:
    await page.wait_for_selector("#state[data-state=on]")


async def write(page: "Page", text: str) -> None:
    await page.fill("#text", text)
    await page.press("#text", "Enter")


async def shown(page: "Page") -> list[str]:
    return await page.locator(".entry .bubble").all_inner_texts()


async def shoot(page: "Page", name: str) -> None:
    """A picture for whoever wants to look at it; nothing compares it."""
    await page.screenshot(path=SHOTS / name, animations="disabled")


async def stored(page: "Page", key: str) -> Any:
    return await page.evaluate("key => JSON.parse(localStorage.getItem(key))", f"parachute.chat.{key}")


async def test_a_visitor_writes_and_reads_the_answer_as_it_is_written(context: "BrowserContext", server: "ChatServer") -> None:
    page = await visit(context, server)
    assert await page.locator("#empty").is_visible()
    assert "stranger" in await page.inner_text("#empty")
    await write(page, "How do I read a file?")
    await page.wait_for_selector(".entry.me .mark-taken")
    assert await server.link.texts(1) == ["How do I read a file?"]
    assert not await page.locator("#empty").is_visible()
    await server.send(SendKind.TYPING, final=False)
    await page.wait_for_selector("#typing:visible")
    await shoot(page, "chat-typing.png")
    receipt = await server.send(SendKind.MESSAGE, "Three", final=False)
    await page.wait_for_selector(".entry.bot.open")
    assert not await page.locator("#typing").is_visible()
    await server.send(SendKind.EDIT, "Three ways", target_id=receipt.message_id)
    await server.send(SendKind.TYPING)
    await page.wait_for_selector("#typing", state="hidden")
    assert await shown(page) == ["How do I read a file?", "Three ways"]
    assert await page.locator(".entry.bot.open").count() == 0


async def test_keys(context: "BrowserContext", server: "ChatServer") -> None:
    page = await visit(context, server)
    await page.focus("#text")
    await page.keyboard.press("Enter")
    await page.keyboard.type("one")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("two")
    await page.keyboard.press("Escape")
    assert await page.evaluate("document.activeElement.id") == "log"
    await page.keyboard.press("Escape")
    assert await page.evaluate("document.activeElement.id") == "text"
    await page.keyboard.press("Enter")
    assert await server.link.texts(1) == ["one\ntwo"]
    await page.click("[data-say='/new']")
    assert await server.link.texts(2) == ["one\ntwo", "/new"]


async def test_text_is_never_read_as_markup(context: "BrowserContext", server: "ChatServer") -> None:
    page = await visit(context, server)
    await write(page, "x")
    await server.link.texts(1)
    hostile = (
        "<img src=x onerror=alert(1)> <script>alert(2)</script> [click](javascript:alert(3)) javascript:alert(4) "
        '[ok](https://example.org/a?b="c) https://example.org/"onmouseover=alert(5) `<b>`\n```<i>\n<u>not underlined</u>\n```'
    )
    await server.send(SendKind.MESSAGE, hostile)
    await page.wait_for_selector(".entry.bot")
    bubble = page.locator(".entry.bot .bubble")
    assert await bubble.locator("img, script, b, i, u").count() == 0
    links = await bubble.locator("a").all()
    assert [await one.get_attribute("href") for one in links] == ["https://example.org/a?b=", "https://example.org/"]
    assert {await one.get_attribute("rel") for one in links} == {"noopener noreferrer"}
    assert "<u>not underlined</u>" in await bubble.inner_text()


async def test_a_text_made_to_slow_the_page_down_does_not(context: "BrowserContext", server: "ChatServer") -> None:
    page = await visit(context, server)
    await write(page, "x")
    await server.link.texts(1)
    for trap in ("[" * 16_000, "**a" + " " * 15_000, "https://" + "." * 15_000, "```\n" * 4_000, "`" * 16_000, "**" * 8_000):
        await server.send(SendKind.MESSAGE, trap)
    async with asyncio.timeout(5):
        await page.wait_for_function("() => document.querySelectorAll('.entry.bot').length === 6")


async def test_after_a_restart_the_page_comes_back_as_the_same_visitor_and_sends_what_waited(
    context: "BrowserContext", server: "ChatServer"
) -> None:
    page = await visit(context, server)
    identity = await stored(page, "identity")
    await write(page, "before")
    await page.wait_for_selector(".entry.me .mark-taken")
    await server.stop()
    await page.wait_for_selector("#state[data-state=lost]")
    assert await page.locator("#banner").is_visible()
    await write(page, "written while it was away")
    assert await page.locator(".mark-waiting").count() == 1
    await shoot(page, "chat-reconnecting.png")
    await server.start()
    await connected(page)
    assert await server.link.texts(2) == ["before", "written while it was away"]
    await page.wait_for_function("() => document.querySelectorAll('.mark-taken').length === 2")
    assert {one.user_id for one in server.link.received} == {identity["userId"]}
    assert await stored(page, "identity") == identity
    assert not await page.locator("#banner").is_visible()


async def test_the_conversation_and_the_identity_outlive_a_reload(context: "BrowserContext", server: "ChatServer") -> None:
    page = await visit(context, server)
    await write(page, "x")
    await server.link.texts(1)
    await server.send(SendKind.MESSAGE, "an answer")
    await page.wait_for_selector(".entry.bot")
    identity = await stored(page, "identity")
    await page.reload()
    await connected(page)
    assert await shown(page) == ["x", "an answer"]
    assert await stored(page, "identity") == identity
    assert len(server.link.received) == 1


async def test_an_owners_link_lets_in_and_leaves_no_trace_of_its_token(context: "BrowserContext", server: "ChatServer") -> None:
    server.link.owner_tokens.update({"tok-EN_1", "tok-EN_2"})
    page = await visit(context, server, "#owner=tok-EN_1")
    await page.wait_for_selector(".notice.calm")
    identity = await stored(page, "identity")
    assert server.link.redeemed == [identity["userId"]]
    assert page.url == f"{server.url}/chat"
    assert await page.evaluate("history.length") <= 2
    assert await page.inner_text("#empty-title") == "You are in"
    # A link that is opened in a page which is already there.
    await page.evaluate("location.hash = '#owner=tok-EN_2'")
    await page.wait_for_function("() => document.querySelectorAll('.notice.calm').length === 2")
    assert page.url == f"{server.url}/chat"
    assert server.link.redeemed == [identity["userId"]] * 2
    await page.evaluate("location.hash = '#owner=tok-EN_1'")
    await page.wait_for_selector(".notice:not(.calm)")
    assert "used once" in await page.inner_text(".notice:not(.calm)")


async def test_tabs_of_one_browser_show_the_same(context: "BrowserContext", server: "ChatServer") -> None:
    one = await visit(context, server)
    two = await visit(context, server)
    await write(one, "from the first")
    await two.wait_for_selector(".entry.me .mark-taken")
    await server.send(SendKind.MESSAGE, "to both")
    for page in (one, two):
        await page.wait_for_selector(".entry.bot")
        assert await shown(page) == ["from the first", "to both"]
    await write(two, "from the second")
    await one.wait_for_function("() => document.querySelectorAll('.mark-taken').length === 2")
    assert await server.link.texts(2) == ["from the first", "from the second"]
    assert len({message.user_id for message in server.link.received}) == 1


async def test_forget_me(context: "BrowserContext", server: "ChatServer") -> None:
    page = await visit(context, server)
    await write(page, "remember me")
    await page.wait_for_selector(".mark-taken")
    before = await stored(page, "identity")
    await page.click("#forget")
    await shoot(page, "chat-forget.png")
    await page.click("#forget-no")
    assert await stored(page, "identity") == before
    await page.click("#forget")
    async with page.expect_navigation():
        await page.click("#forget-yes")
    await connected(page)
    assert await shown(page) == []
    assert (await stored(page, "identity"))["userId"] != before["userId"]


async def test_an_error_marks_the_message_and_it_can_be_sent_again(context: "BrowserContext", server: "ChatServer") -> None:
    page = await visit(context, server)
    server.link.failures.append(RuntimeError("broken"))
    await write(page, "try")
    await page.wait_for_selector(".entry.failed")
    await shoot(page, "chat-failed.png")
    await page.click(".entry.failed .link")
    await page.wait_for_selector(".mark-taken")
    assert await server.link.texts(1) == ["try"]
    await page.fill("#text", "é" * 40_000)
    await page.press("#text", "Enter")
    await page.wait_for_selector("text=This message is too long")
    assert len(await page.input_value("#text")) == 40_000


async def test_a_chat_that_is_switched_off_says_so(context: "BrowserContext", server: "ChatServer") -> None:
    chat, server.chat = server.chat, None
    page = await context.new_page()
    await page.goto(f"{server.url}/chat")
    await page.wait_for_selector("#state[data-state=off]")
    assert "switched off" in await page.inner_text("#banner")
    server.chat = chat
    await page.click("#retry")
    await connected(page)
    assert not await page.locator("#banner").is_visible()


async def test_who_reads_further_up_is_not_pulled_down(context: "BrowserContext", server: "ChatServer") -> None:
    page = await visit(context, server)
    await write(page, "x")
    await server.link.texts(1)
    await server.send(SendKind.MESSAGE, LONG)
    await page.wait_for_selector(".entry.bot")
    await page.evaluate("document.getElementById('log').scrollTop = 0")
    await page.wait_for_function("() => document.getElementById('log').scrollTop === 0")
    await asyncio.sleep(0.1)
    await server.send(SendKind.MESSAGE, "news")
    await page.click("#latest")
    assert await page.evaluate("(log => log.scrollHeight - log.scrollTop - log.clientHeight < 2)(document.getElementById('log'))")
    assert await page.locator("#latest").is_hidden()


async def test_a_screen_reader_finds_its_way(context: "BrowserContext", server: "ChatServer") -> None:
    page = await visit(context, server)
    await write(page, "hello")
    await page.wait_for_selector(".mark-taken")
    receipt = await server.send(SendKind.MESSAGE, "hi", final=False)
    log = page.get_by_role("log", name="Conversation")
    await page.wait_for_selector(".entry.bot .bubble[aria-busy=true]")
    await server.send(SendKind.EDIT, "hi there", target_id=receipt.message_id)
    await page.wait_for_selector(".entry.bot .bubble[aria-busy=false]")
    assert re.search(r"You:.*hello.*Taken by the bot.*Bot:.*hi there", await log.inner_text(), re.DOTALL)
    assert await page.get_by_role("textbox", name="Your message").count() == 1
    assert await page.get_by_role("button", name="Send", exact=True).count() == 1
    assert "Connected" in await page.get_by_role("status").first.inner_text()


@pytest.mark.parametrize(
    ("name", "width", "height", "scheme"),
    [("light", 1100, 780, "light"), ("dark", 1100, 780, "dark"), ("phone", 390, 800, "light"), ("phone-dark", 390, 800, "dark")],
)
async def test_it_fits_every_screen(
    browser: "Browser", complaints: list[str], server: "ChatServer", name: str, width: int, height: int, scheme: Any
) -> None:
    async with opened(browser, complaints, viewport={"width": width, "height": height}, color_scheme=scheme) as context:
        page = await visit(context, server)
        await shoot(page, f"chat-empty-{name}.png")
        await write(page, "Hello!")
        await write(page, "How do I read a file in Python, without holding all of it in memory at once?")
        await server.link.texts(2)
        await server.send(SendKind.MESSAGE, ANSWER)
        await write(page, "Thanks, that `with` block is what I was looking for 👍")
        await server.link.texts(3)
        await server.send(SendKind.MESSAGE, "You are welcome. Is there anything", final=False)
        await page.wait_for_selector(".entry.open")
        await shoot(page, f"chat-{name}.png")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight")
