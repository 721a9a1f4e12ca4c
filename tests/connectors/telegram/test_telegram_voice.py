"""Spoken messages: taken over unfetched, fetched within bounds and into memory, and told in a sentence when that fails."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from parachute_core.engine import texts
from parachute_core.model.errors import ConnectorError
from parachute_core.model.message import LARGEST_VOICE, Voice
from parachute_core.model.turn import Audio
from parachute_core.testing.http import Fault
from parachute_core.testing.telegram import FakeBotApi
from tests.connectors.telegram.running import SHORT, connected, connector_for, whole_bot


class Typist:
    """Writes down that it heard so many bytes."""

    async def transcribe(self, audio: Audio) -> str:
        return f"{len(audio.content)} bytes of {audio.mime_type}"


def spoken(file_id: str) -> dict[str, Any]:
    return {"file_id": file_id, "file_unique_id": "u", "duration": 3, "mime_type": "audio/ogg", "file_size": 5}


def kept(folder: Path) -> bytes:
    """All that lies in the files below."""
    return b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())


async def test_it_is_taken_over_without_being_fetched(api: FakeBotApi) -> None:
    async with connected(api) as bot:
        api.say("", text=None, voice=spoken("file1"), caption="listen")
        await bot.link.texts(1)

    (message,) = bot.link.received
    assert message.voice == Voice("file1", "audio/ogg", seconds=3, size=5)
    assert (message.text, message.attachments) == ("listen", ())
    assert api.calls("getFile") == []


async def test_it_becomes_the_text_of_the_turn_and_no_file_on_the_disk(
    api: FakeBotApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    async with whole_bot(api, transcriber=Typist(), home=tmp_path / "home") as bot:
        api.say("", text=None, voice=spoken(api.files.add(b"sound")))
        await api.until(lambda: api.texts())
        await bot.settled()

    assert api.texts() == ["5 bytes of audio/ogg"]
    assert list((tmp_path / "cwd").iterdir()) == []
    assert kept(tmp_path)
    assert b"sound" not in kept(tmp_path)


async def test_one_that_cannot_be_fetched_gets_a_sentence(api: FakeBotApi) -> None:
    async with whole_bot(api, transcriber=Typist()) as bot:
        api.say("", text=None, voice=spoken("gone"))
        await api.until(lambda: api.texts())
        await bot.settled()

    assert api.texts() == [texts.NOT_UNDERSTOOD]
    assert bot.orchestrator.turns == []


async def test_without_a_transcriber_its_sender_is_told(api: FakeBotApi) -> None:
    async with whole_bot(api) as bot:
        api.say("", text=None, voice=spoken("file1"))
        await api.until(lambda: api.texts())
        await bot.settled()

    assert api.texts() == [texts.CANNOT_HEAR]
    assert api.calls("getFile") == []


async def test_the_largest_is_fetched_and_one_byte_more_is_not(api: FakeBotApi) -> None:
    fits, too_large = api.files.add(b"x" * LARGEST_VOICE), api.files.add(b"x" * (LARGEST_VOICE + 1))
    async with connected(api) as bot:
        assert len(await bot.connector.fetch(Voice(fits))) == LARGEST_VOICE
        with pytest.raises(ConnectorError):
            await bot.connector.fetch(Voice(too_large))
        api.files.hides_sizes = True
        with pytest.raises(ConnectorError, match="larger than"):
            await bot.connector.fetch(Voice(too_large))


@pytest.mark.parametrize(
    "fault",
    [
        Fault("/file/", status=404),
        Fault("/file/", status=302, headers={"Location": "http://127.0.0.1:1/"}),
        Fault("/file/", reset=True),
        Fault("/file/", cut=2),
        Fault("/file/", hang=True),
        Fault("getFile", status=502),
        Fault("getFile", status=401, body={"ok": False, "error_code": 401, "description": "Unauthorized"}),
        Fault("getFile", status=429, body={"ok": False, "error_code": 429, "description": "Too Many Requests"}),
        Fault("getFile", status=200, body={"ok": True, "result": {"file_id": "f", "file_unique_id": "u"}}),
        Fault("getFile", status=200, body={"ok": True, "result": {"file_id": "f", "file_unique_id": "u", "file_path": "/etc/passwd"}}),
    ],
)
async def test_whatever_goes_wrong_is_an_error_without_the_token(api: FakeBotApi, fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    api.server.faults.append(fault)
    file_id = api.files.add(b"sound")
    async with connected(api, timeouts=SHORT) as bot:
        with pytest.raises(ConnectorError) as caught:
            await bot.connector.fetch(Voice(file_id))
        assert await bot.connector.fetch(Voice(file_id)) == b"sound"

    assert api.token not in str(caught.value) + repr(caught.value.__cause__) + caplog.text


async def test_it_is_fetched_also_while_polls_fail(api: FakeBotApi) -> None:
    async with asyncio.timeout(10):
        assert await connector_for(api).fetch(Voice(api.files.add(b"sound"))) == b"sound"
