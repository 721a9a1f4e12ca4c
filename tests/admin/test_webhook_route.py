"""`POST /webhook/<platform>`, with any connector behind it: who is let in, and what it is answered."""

from collections.abc import Mapping

from parachute_core.admin.webhook import LARGEST_DELIVERY
from parachute_core.model.errors import ConnectionLost
from parachute_core.testing import FakeConnector, RunningBot, running_bot
from parachute_core.testing.bot import Response

FOREIGN = {"Host": "bot.example.org"}
KNOWN = {**FOREIGN, "X-Secret": "open sesame"}


class Webhooked(FakeConnector):
    """Takes deliveries from whoever knows the word."""

    def __init__(self) -> None:
        super().__init__()
        self.delivered: list[bytes] = []
        self.failure: Exception | None = None

    def knows_sender(self, headers: Mapping[str, str]) -> bool | None:
        return headers.get("X-Secret") == "open sesame"

    async def deliver(self, body: bytes) -> None:
        if self.failure is not None:
            raise self.failure
        self.delivered.append(body)


async def post(bot: RunningBot, headers: Mapping[str, str], platform: str = "telegram", json: object = None) -> Response:
    return await bot.request("POST", f"/webhook/{platform}", json or {"a": 1}, headers, key=False)


async def test_a_delivery_needs_neither_the_key_nor_a_listed_host() -> None:
    connector = Webhooked()
    async with running_bot(connector=connector) as bot:
        answer = await post(bot, KNOWN)
    assert (answer.status, answer.json) == (200, {"success": True})
    assert connector.delivered == [b'{"a": 1}']


async def test_every_other_answer_is_an_error_object() -> None:
    connector = Webhooked()
    async with running_bot(connector=connector) as bot:
        refused = await post(bot, FOREIGN)
        unknown = await post(bot, KNOWN, "nothing")
        connector.failure = ConnectionLost("not now")
        not_taken = await post(bot, KNOWN)
        connector.failure = RuntimeError("secret words")
        broken = await post(bot, KNOWN)
        await bot.runtime.fleet.stop("telegram")
        stopped = await post(bot, KNOWN)
    answers = (refused, unknown, not_taken, broken, stopped)
    assert [one.status for one in answers] == [401, 404, 503, 500, 503]
    assert all(one.json["success"] is False and one.json["error"] == one.json["detail"] for one in answers)
    assert "secret words" not in str(broken.json)
    assert connector.delivered == []


async def test_a_connector_that_takes_none_is_not_there() -> None:
    async with running_bot() as bot:
        assert (await post(bot, KNOWN)).status == 404


async def test_the_size_is_bounded_and_larger_than_the_apis() -> None:
    connector = Webhooked()
    async with running_bot(connector=connector) as bot:
        fits = await post(bot, KNOWN, json={"a": "x" * 200_000})
        too_large = await post(bot, KNOWN, json={"a": "x" * LARGEST_DELIVERY})
        api = await bot.request("PUT", "/api/bots/config", {"a": "x" * 200_000})
    assert [one.status for one in (fits, too_large, api)] == [200, 413, 413]
    assert len(connector.delivered) == 1


async def test_the_host_is_checked_for_every_other_path_and_method() -> None:
    async with running_bot(connector=Webhooked()) as bot:
        for method, path in (
            ("GET", "/webhook/telegram"),
            ("PUT", "/webhook/telegram"),
            ("POST", "/webhook/telegram/"),
            ("POST", "/webhook/telegram/more"),
            ("POST", "/webhook/"),
            ("POST", "/webhook/../api/bots/telegram/stop"),
            ("POST", "/webhook/%2e%2e%2fapi"),
            ("POST", "/api/bots/telegram/stop"),
        ):
            answer = await bot.request(method, path, headers=KNOWN)
            assert answer.status == 421, (method, path)
        assert (await bot.request("GET", "/webhook/telegram")).status == 405
