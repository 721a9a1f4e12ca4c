"""Voice messages on Discord: what the core gets, and where they are fetched from."""

import asyncio

import pytest

from parachute_core.connectors.base import Connector
from parachute_core.connectors.discord.voices import HOSTS
from parachute_core.engine import texts
from parachute_core.model.errors import ConnectorError
from parachute_core.model.message import LARGEST_VOICE, Voice
from parachute_core.model.turn import Audio
from parachute_core.testing.discord import FakeDiscord
from parachute_core.testing.discord.payloads import attachment
from parachute_core.testing.http import Fault, JsonServer
from tests.connectors.discord.running import connected, connector_for, whole_bot
from tests.connectors.running import Connected, until

FILES = "^/attachments/"


class Typist:
    def __init__(self) -> None:
        self.audios: list[Audio] = []

    async def transcribe(self, audio: Audio) -> str:
        self.audios.append(audio)
        return "what was said"


async def spoken(discord: FakeDiscord, bot: Connected[Connector], content: bytes = b"OggS") -> Voice:
    discord.speak(content)
    await bot.link.texts(1)
    voice = bot.link.received[0].voice
    assert voice is not None
    return voice


async def test_a_voice_message_is_handed_over_with_what_it_is_found_by(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        voice = await spoken(discord, bot)
        assert (voice.mime_type, voice.seconds, voice.size) == ("audio/ogg", 2.5, 4)
        assert "http" not in voice.reference
        assert (bot.link.received[0].text, bot.link.received[0].attachments) == ("", ())
        discord.world.files.expire()
        assert await bot.connector.fetch(voice) == b"OggS"
        discord.world.files.expire()
        assert await bot.connector.fetch(voice) == b"OggS"


async def test_an_audio_file_with_a_duration_is_spoken_and_one_without_is_a_file(discord: FakeDiscord) -> None:
    file = attachment("5", "a.ogg", "audio/ogg", 3)
    async with connected(discord) as bot:
        discord.say("", attachments=[{**file, "duration_secs": 4.0}])
        discord.say("", attachments=[file])
        await bot.link.texts(2)

    assert [one.voice.seconds if one.voice else None for one in bot.link.received] == [4.0, None]
    assert [one.attachments for one in bot.link.received] == [(), ("audio",)]


async def test_the_agent_gets_what_was_said(discord: FakeDiscord) -> None:
    typist = Typist()
    async with whole_bot(discord, transcriber=typist):
        discord.speak(b"OggS spoken")
        await until(lambda: discord.texts(discord.direct("1")) == ["what was said"])

    assert typist.audios == [Audio(b"OggS spoken", "audio/ogg")]


async def test_without_ears_the_bot_says_so_and_of_a_picture_too(discord: FakeDiscord) -> None:
    async with whole_bot(discord) as bot:
        discord.speak(b"OggS")
        await until(lambda: discord.texts(discord.direct("1")) == [texts.CANNOT_HEAR])
        discord.attach(("a.png", "image/png", b"PNG"))
        await until(lambda: discord.texts(discord.direct("1")) == [texts.CANNOT_HEAR, texts.ONLY_TEXT])
        await bot.settled()
        assert bot.orchestrator.turns == []


async def test_a_voice_message_that_is_gone_is_not_understood(discord: FakeDiscord) -> None:
    async with whole_bot(discord, transcriber=Typist()):
        discord.server.faults.append(Fault(FILES, status=404))
        discord.speak(b"OggS")
        await until(lambda: discord.texts(discord.direct("1")) == [texts.NOT_UNDERSTOOD])


async def test_nothing_is_fetched_from_anywhere_else(discord: FakeDiscord) -> None:
    async with JsonServer() as elsewhere, connected(discord) as bot:
        voice = await spoken(discord, bot)
        places = (elsewhere.url, discord.server.url.replace("127.0.0.1", "localhost"), "http://cdn.discordapp.com", "file://", "http://[")
        for place in places:
            discord.world.files.elsewhere = place
            with pytest.raises(ConnectorError, match="where Discord keeps"):
                await bot.connector.fetch(voice)
        discord.world.files.elsewhere = None
        to_elsewhere = {"Location": f"{elsewhere.url}/attachments/1/a?hm=1"}
        discord.server.faults.append(Fault(FILES, status=302, headers=to_elsewhere, body=b""))
        with pytest.raises(ConnectorError, match="302"):
            await bot.connector.fetch(voice)
        assert elsewhere.requests == []
    assert {scheme for scheme, _ in HOSTS} == {"https"}


async def test_a_file_is_read_no_further_than_the_limit(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        voice = await spoken(discord, bot, bytes(LARGEST_VOICE + 1))
        with pytest.raises(ConnectorError, match="larger"):
            await bot.connector.fetch(voice)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(FILES, status=500), "500"),
        (Fault(FILES, reset=True, count=None), "could not be fetched"),
        (Fault(FILES, cut=2), "could not be fetched"),
        (Fault(r"/messages/\d+$", status=500), "500"),
        (Fault(r"/messages/\d+$", status=403, body={"message": "Missing Access", "code": 50001}), "50001"),
    ],
)
async def test_a_fetch_that_fails_says_why_and_names_no_address(discord: FakeDiscord, fault: Fault, words: str) -> None:
    async with connected(discord) as bot:
        voice = await spoken(discord, bot)
        discord.server.faults.append(fault)
        with pytest.raises(ConnectorError, match=words) as failed:
            await bot.connector.fetch(voice)
        assert "127.0.0.1" not in str(failed.value)


async def test_what_is_gone_or_not_connected_cannot_be_fetched(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        voice = await spoken(discord, bot)
        channel, message, _ = voice.reference.split("/")
        with pytest.raises(ConnectorError, match="any more"):
            await bot.connector.fetch(Voice(f"{channel}/{message}/1"))
        del discord.world.channels[channel].messages[message]
        with pytest.raises(ConnectorError, match="10008"):
            await bot.connector.fetch(voice)
    with pytest.raises(ConnectorError, match="not connected"):
        await connector_for(discord).fetch(voice)


async def test_a_fetch_that_is_cancelled_ends(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        voice = await spoken(discord, bot)
        discord.server.faults.append(Fault(FILES, hang=True))
        fetching = asyncio.create_task(bot.connector.fetch(voice))
        await discord.server.asked(FILES)
        fetching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetching
