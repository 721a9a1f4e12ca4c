"""A browser without JavaScript: keeps its cookies, sends forms, reads what it is shown."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from parachute_core.testing import RunningBot

PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Host": "localhost"}
FORM = re.compile(r'<form method="post" action="/act/([\w-]+)".*?</form>', re.DOTALL)
FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


class Shown:
    """One answer."""

    def __init__(self, status: int, headers: Mapping[str, str], text: str) -> None:
        self.status = status
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.text = text

    def forms(self, action: str) -> list[dict[str, str]]:
        """The fields of every form that does this."""
        found = [one.group(0) for one in FORM.finditer(self.text) if one.group(1) == action]
        return [{name: unescape(value) for name, value in FIELD.findall(one)} for one in found]

    @property
    def notice(self) -> str:
        found = re.search(r'id="notice" role="status"><p class="notice \w+">(.*?)</p>', self.text, re.DOTALL)
        return re.sub(r"\s+", " ", unescape(re.sub("<[^>]+>", "", found[1]))).strip() if found else ""


class Visitor:
    """Whoever has a browser and perhaps a login."""

    def __init__(self, bot: RunningBot) -> None:
        self._client: Any = bot.runtime.server.app.test_client()
        self._bot = bot

    async def get(self, path: str, **headers: str) -> Shown:
        return await self._ask("GET", path, headers, None)

    async def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Shown:
        return await self.send("POST", path, fields, **headers)

    async def send(self, method: str, path: str, fields: Mapping[str, str], **headers: str) -> Shown:
        sent = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", **headers}
        return await self._ask(method, path, sent, urlencode(fields).encode())

    async def log_in(self) -> "Visitor":
        shown = await self.post("/login", {"key": self._bot.runtime.key})
        assert (shown.status, shown.headers["location"]) == (303, "/")
        return self

    async def act(self, action: str, path: str, number: int = 0, **more: str) -> Shown:
        """Load the page, send the form of this action on it, and read the page that follows."""
        fields = (await self.get(path)).forms(action)[number]
        done = await self.post(f"/act/{action}", {**fields, **more})
        assert done.status == 303, done.text
        return await self.get(done.headers["location"])

    async def _ask(self, method: str, path: str, headers: Mapping[str, str], data: bytes | None) -> Shown:
        parts = urlsplit(path)
        sent = {**PAGE, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if data is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        answer = await self._client.open(
            parts.path, method=method, query_string=dict(parse_qsl(parts.query)), headers=sent, data=data, follow_redirects=False
        )
        return Shown(answer.status_code, dict(answer.headers), await answer.get_data(as_text=True))
