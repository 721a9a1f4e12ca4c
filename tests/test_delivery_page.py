"""docs/delivery.md says what the code does: traits, meanings of errors, defaults."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import hikari
import httpx
import pytest
from parachute_retry.plugin import Settings
from telegram.error import BadRequest, Forbidden, NetworkError, TelegramError, TimedOut

from parachute_core.connectors.discord import errors as of_discord
from parachute_core.connectors.discord.connector import Discord
from parachute_core.connectors.matrix import faults as of_matrix
from parachute_core.connectors.matrix.connector import Matrix
from parachute_core.connectors.telegram import faults as of_telegram
from parachute_core.connectors.telegram.api import FloodControl, NoAnswer
from parachute_core.connectors.telegram.connector import Telegram
from parachute_core.connectors.webchat import make_connector
from parachute_core.connectors.webchat.connector import WebChat
from parachute_core.model import errors
from parachute_core.model.outgoing import Outgoing, Purpose, SendKind
from parachute_core.testing.memory import connector_context

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "delivery.md").read_text("utf-8")


def rows(head: str) -> list[list[str]]:
    """The rows of the table whose heading begins like this."""
    lines = PAGE.splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith(f"| {head} |")) + 2
    table = lines[begin : lines.index("", begin) if "" in lines[begin:] else None]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in table]


def test_each_platforms_row_says_what_its_connector_states() -> None:
    said = {row[0]: row[1:3] for row in rows("platform")}
    for name, traits in {"web": WebChat.traits, "telegram": Telegram.traits, "discord": Discord.traits, "matrix": Matrix.traits}.items():
        seconds = "for ever" if traits.idempotent_seconds is None else f"{traits.idempotent_seconds:g}"
        assert said[name] == (["yes", seconds] if traits.idempotent_messages else ["no", "-"])
    assert len(said) == 4


def caused(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


def telegram(error: TelegramError) -> errors.SendError:
    return of_telegram.send_error(error)


def discord(status: int) -> errors.SendError:
    kind = hikari.InternalServerError if status >= 500 else hikari.ForbiddenError if status == 403 else hikari.BadRequestError
    fields: dict[str, Any] = {"url": "http://localhost", "headers": {}, "raw_body": b""}
    if status >= 500:
        fields["status"] = status
    return of_discord.send_error(kind(**fields))


def discord_broke(cause: Exception) -> errors.SendError:
    error = hikari.HTTPError("broke")
    error.__cause__ = cause
    return of_discord.send_error(error)


def refused_connection() -> aiohttp.ClientConnectorError:
    key: Any = SimpleNamespace(host="localhost", port=1, ssl=True, is_ssl=False)
    return aiohttp.ClientConnectorError(key, OSError())


EXAMPLES: dict[tuple[str, str], list[Callable[[], errors.SendError]]] = {
    ("telegram", "429"): [lambda: telegram(FloodControl(7.0))],
    ("telegram", "no connection was made"): [lambda: telegram(caused(NetworkError("x"), httpx.ConnectError("x")))],
    ("telegram", "5xx"): [lambda: telegram(NoAnswer(502)), lambda: telegram(NetworkError("Internal Server Error"))],
    ("telegram", "reset, cut or no answer"): [
        lambda: telegram(caused(NetworkError("x"), httpx.ReadError("x"))),
        lambda: telegram(caused(NetworkError("x"), httpx.RemoteProtocolError("x"))),
        lambda: telegram(TimedOut()),
    ],
    ("telegram", "400"): [lambda: telegram(BadRequest("chat not found"))],
    ("telegram", "403"): [lambda: telegram(Forbidden("bot was blocked by the user"))],
    ("discord", "429"): [lambda: of_discord.send_error(of_discord.RateLimited(3.0))],
    ("discord", "no connection was made"): [lambda: discord_broke(refused_connection())],
    ("discord", "5xx"): [lambda: discord(500), lambda: discord(502)],
    ("discord", "reset, cut or no answer"): [
        lambda: discord_broke(aiohttp.ServerDisconnectedError()),
        lambda: discord_broke(TimeoutError()),
        lambda: of_discord.send_error(ValueError()),
    ],
    ("discord", "400"): [lambda: discord(400)],
    ("discord", "403"): [lambda: discord(403)],
    ("matrix", "429"): [lambda: of_matrix.send_error(of_matrix.Refused(429, "M_LIMIT_EXCEEDED", retry_after=2.0))],
    ("matrix", "no connection was made"): [lambda: of_matrix.send_error(of_matrix.Unanswered("x", never_sent=True))],
    ("matrix", "5xx"): [lambda: of_matrix.send_error(of_matrix.Refused(502))],
    ("matrix", "reset, cut or no answer"): [lambda: of_matrix.send_error(of_matrix.Unanswered("x", never_sent=False))],
    ("matrix", "M_TOO_LARGE"): [lambda: of_matrix.send_error(of_matrix.Refused(413, "M_TOO_LARGE"))],
    ("matrix", "M_FORBIDDEN"): [lambda: of_matrix.send_error(of_matrix.Refused(403, "M_FORBIDDEN"))],
}


@pytest.mark.parametrize(("platform", "what", "named"), rows("on"))
async def test_each_error_means_what_the_page_says(platform: str, what: str, named: str) -> None:
    if platform == "web":
        with pytest.raises(errors.SendError) as raised:
            await make_connector(connector_context("web", None)).send(Outgoing("web", "1", SendKind.MESSAGE, Purpose.REPLY, "k", "hi"))
        assert raised.type is getattr(errors, named)
        return
    assert [type(example()) for example in EXAMPLES[platform, what]] == [getattr(errors, named)] * len(EXAMPLES[platform, what])


def test_every_class_of_the_first_table_is_one_and_none_is_missing() -> None:
    layers_own = {errors.Postponed, errors.Held, errors.SendError}
    known = {one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.SendError)}
    assert {getattr(errors, row[0]) for row in rows("class")} == known - layers_own


def test_the_defaults_are_those_of_the_plugin() -> None:
    defaults = json.loads(Settings().model_dump_json())
    said = {row[0]: row[1] if row[0] == "ambiguous" else json.loads(row[1]) for row in rows("key")}
    assert said == defaults
