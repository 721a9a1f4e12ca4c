"""A real browser for the tests of our pages."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page

CHROMIUM = shutil.which("chromium")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SHOTS = Path(__file__).parents[2] / "test-output"


@asynccontextmanager
async def started() -> "AsyncIterator[Browser]":
    """The machine's own Chromium."""
    playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
    async with playwright.async_playwright() as tools:
        browser = await tools.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        await browser.close()


@asynccontextmanager
async def opened(browser: "Browser", complaints: list[str], **options: Any) -> "AsyncIterator[BrowserContext]":
    """A window with cookies of its own; what the browser complains about in it is collected."""

    def listen(page: "Page") -> None:
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))

    context = await browser.new_context(locale="en-GB", **options)
    context.set_default_timeout(10_000)
    context.on("page", listen)
    yield context
    await context.close()
