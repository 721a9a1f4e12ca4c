"""A voice message that comes in through a connector is turned into text by a program of the owner's."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from parachute_core.engine import texts
from tests.programs import is_gone
from tests.transcribers.running import ADMIN_KEY, PATIENCE, SOUND, TOKEN, answered, listening, speak, written


def noted(folder: Path, name: str = "note") -> str:
    return repr(str(folder / name))


async def test_what_was_said_is_what_the_agent_is_asked() -> None:
    async with listening("assert sys.stdin.buffer.read(); sys.stdout.buffer.write(' wie spät ist es? 🪂\\n'.encode())") as bot:
        await speak(bot)
        assert await answered(bot) == ["wie spät ist es? 🪂"]
        await speak(bot, text="for my diary")
        assert (await answered(bot))[1:] == ["for my diary\n\nwie spät ist es? 🪂"]


async def test_the_program_gets_the_sound_whole_and_its_type() -> None:
    async with listening("sound = sys.stdin.buffer.read(); print(sound.hex(), os.environ['PARACHUTE_AUDIO_TYPE'])") as bot:
        await speak(bot)
        assert await answered(bot) == [f"{SOUND.hex()} audio/ogg"]


async def test_a_large_recording_arrives_whole_and_need_not_be_read() -> None:
    async with listening("print(len(sys.stdin.buffer.read()))") as bot:
        bot.connector.recordings["file-1"] = b"x" * 5_000_000
        await speak(bot)
        assert await answered(bot) == ["5000000"]
    async with listening("os.close(0); print('I guess')") as bot:
        bot.connector.recordings["file-1"] = b"x" * 5_000_000
        await speak(bot)
        assert await answered(bot) == ["I guess"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (None, ""),
        ("Audio/OGG; codecs=opus", "audio/ogg"),
        ("audio/x-m4a", "audio/x-m4a"),
        ("audio/ogg\0", ""),
        ("audio/ogg\nX=1", ""),
        ("\ud83d/ogg", ""),
        ("$(reboot)", ""),
        ("audio/" + "x" * 200, ""),
    ],
)
async def test_a_type_that_is_none_is_not_passed_on(said: str | None, told: str) -> None:
    async with listening("print(os.environ['PARACHUTE_AUDIO_TYPE'], end='|')", env={"PARACHUTE_AUDIO_TYPE": "audio/pretended"}) as bot:
        await speak(bot, said)
        assert await answered(bot) == [f"{told}|"]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("print('the secret words'); sys.exit(1)", "exit code 1"),
        ("print('the secret words', flush=True); os.kill(os.getpid(), signal.SIGKILL)", "signal 9"),
        ("pass", "wrote no text"),
        ("print(' \\n ')", "wrote no text"),
        ("sys.stdout.write('secret words ' * 10_000)", "more than 65536 bytes"),
        ("while True: sys.stdout.write('secret words ')", "more than 65536 bytes"),
        ("sys.stdout.buffer.write(b'the secret words \\xff\\xfe')", "not UTF-8"),
        ("sys.stdout.buffer.write('secret words ü'.encode('utf-16'))", "not UTF-8"),
    ],
)
async def test_a_failure_is_one_sentence_to_the_user_and_no_turn(script: str, told: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "parachute_core")
    async with listening(script) as bot:
        await speak(bot)
        assert await answered(bot) == [texts.NOT_UNDERSTOOD]
        assert bot.orchestrator.turns == []
    [record] = [one for one in caplog.records if one.message == "a voice message was not understood"]
    assert told in vars(record)["error"]
    assert not [one for one in caplog.records if "secret words" in str(vars(one))]


async def test_the_longest_transcript_that_may_be_is_taken() -> None:
    async with listening("sys.stdout.write('x' * 65536)") as bot:
        await speak(bot)
        await answered(bot)
        assert [len(turn.text) for turn in bot.orchestrator.turns] == [65536]


async def test_a_program_that_vanished_is_a_failure(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    program = tmp_path / "listen"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    async with listening("", argv=[str(program)]) as bot:
        program.unlink()
        await speak(bot)
        assert await answered(bot) == [texts.NOT_UNDERSTOOD]
    assert "cannot be started: No such file" in str([vars(one) for one in caplog.records])


WITH_CHILD = """
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
note({path}, f"{{os.getpid()}} {{child.pid}}")
time.sleep(300)
"""


async def test_silence_past_the_timeout_ends_it_and_its_children(tmp_path: Path) -> None:
    async with listening(WITH_CHILD.format(path=noted(tmp_path)), timeout=37) as bot:
        await speak(bot)
        pids = [int(one) for one in (await written(tmp_path / "note")).split()]
        await bot.clock.sleeping(37)
        await bot.clock.advance(36)
        assert bot.texts() == []
        await bot.clock.advance(1)
        assert await answered(bot) == [texts.NOT_UNDERSTOOD]
        assert all([await is_gone(pid) for pid in pids])
        assert await bot.ask("and in writing?") == ["and in writing?"]


async def test_the_bot_waits_no_longer_than_it_said(tmp_path: Path) -> None:
    async with listening(f"print('late', flush=True); os.close(1); note({noted(tmp_path)}, 1); time.sleep(300)") as bot:
        await speak(bot)
        await written(tmp_path / "note")
        await bot.clock.sleeping(100)
        await bot.clock.advance(100)
        assert await answered(bot) == [texts.NOT_UNDERSTOOD]


async def test_a_fresh_session_ends_what_listens(tmp_path: Path) -> None:
    async with listening(WITH_CHILD.format(path=noted(tmp_path))) as bot:
        await speak(bot)
        pids = [int(one) for one in (await written(tmp_path / "note")).split()]
        await bot.say("/new")
        assert await answered(bot) == [texts.NEW_SESSION]
        assert all([await is_gone(pid) for pid in pids])
        assert bot.orchestrator.turns == []
        assert await bot.ask("again") == ["again"]


async def test_a_stop_of_the_bot_ends_what_listens(tmp_path: Path) -> None:
    async with listening(WITH_CHILD.format(path=noted(tmp_path))) as bot:
        await speak(bot)
        pids = [int(one) for one in (await written(tmp_path / "note")).split()]
    assert all([await is_gone(pid) for pid in pids])
    assert bot.texts() == [texts.STOPPING]


async def test_what_it_leaves_running_is_ended_with_it() -> None:
    script = "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'], stdin=-3, stdout=-3, stderr=-3).pid)"
    async with listening(script) as bot:
        await speak(bot)
        [pid] = await answered(bot)
        assert await is_gone(int(pid))


async def test_the_bots_secrets_are_not_inherited(tmp_path: Path) -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "URL": f"https://api/bot{TOKEN}/getMe",
        "ADMIN_HEADER": f"Bearer {ADMIN_KEY}",
        "PARACHUTE_HOME": "/home/x",
        "HARMLESS": "abcd",
        "PARACHUTE_CLOUD": "voice-cloud-key",
    }
    async with listening(
        f"note({noted(tmp_path)}, json.dumps(dict(os.environ))); print('done')",
        environ,
        env={"CLOUD_KEY": "${PARACHUTE_CLOUD}"},
    ) as bot:
        await speak(bot)
        assert await answered(bot) == ["done"]
        assert bot.runtime.redactor("voice-cloud-key") == "[redacted]"
    seen = json.loads((tmp_path / "note").read_text())
    seen.pop("LC_CTYPE", None)  # Python's own doing.
    assert seen == {
        "PATH": os.environ["PATH"],
        "HARMLESS": "abcd",
        "CLOUD_KEY": "voice-cloud-key",
        "PARACHUTE_AUDIO_TYPE": "audio/ogg",
    }


async def test_chats_do_not_wait_for_each_other(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    async with listening(f"note({noted(tmp_path)}, 1); open({str(gate)!r}).read(); print('heard')") as bot:
        await speak(bot)
        await written(tmp_path / "note")
        await bot.say("hello", "1", "elsewhere")
        async with asyncio.timeout(PATIENCE):
            while not bot.texts("elsewhere"):
                await bot.clock.advance(0)
        assert bot.texts() == []
        os.close(os.open(gate, os.O_WRONLY))
        assert await answered(bot) == ["heard"]


async def test_a_program_that_is_not_there_keeps_the_bot_from_starting() -> None:
    with pytest.raises(Exception, match=r"bots\.yaml:\d+:\d+: transcriber\.argv: 'no-such-listener' is not an executable file"):
        async with listening("", argv=["no-such-listener", sys.executable]):
            pass
