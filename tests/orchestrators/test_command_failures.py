"""Every way in which a command can fail, and that nothing of it is left running."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from parachute_core.model.errors import OrchestratorFault
from parachute_core.model.turn import TextDelta, Turn
from tests.programs import is_gone

PROTOCOL, INTERNAL, TIMEOUT = OrchestratorFault.PROTOCOL, OrchestratorFault.INTERNAL, OrchestratorFault.TIMEOUT


@pytest.mark.parametrize(
    ("script", "kind", "told"),
    [
        ("print('not json', flush=True)", PROTOCOL, "no JSON"),
        ("print('[1]', flush=True)", PROTOCOL, "no JSON object"),
        ("print('[' * 200_000, flush=True)", PROTOCOL, "no JSON"),
        ("os.write(1, b'\\xff\\xfe\\n')", PROTOCOL, "no JSON"),
        ("say(type='image', data='x')", PROTOCOL, "unknown type 'image'"),
        ("say(delta='x')", PROTOCOL, "no type"),
        ("say(type='usage', input_tokens=1)", PROTOCOL, "under 'output_tokens'"),
        ("say(type='usage', input_tokens=-1, output_tokens=1)", PROTOCOL, "under 'input_tokens'"),
        ("say(type='usage', input_tokens=True, output_tokens=1)", PROTOCOL, "under 'input_tokens'"),
        ("say(type='usage', input_tokens=1.5, output_tokens=1)", PROTOCOL, "under 'input_tokens'"),
        ("say(type='usage', input_tokens=1, output_tokens=10**12)", PROTOCOL, "under 'output_tokens'"),
        ("say(type='usage', input_tokens=1, output_tokens=1, cached_tokens=None)", PROTOCOL, "under 'cached_tokens'"),
        ("say(type='text')", PROTOCOL, "no text under 'delta'"),
        ("say(type='text', delta=5)", PROTOCOL, "no text under 'delta'"),
        ("say(type='text', delta='x' * 1_100_000)", PROTOCOL, "longer than"),
        ("os.write(1, b'x' * 3_000_000); time.sleep(60)", PROTOCOL, "longer than"),
        ("say(type='error', message='out of ideas')", INTERNAL, "out of ideas"),
        ("sys.exit(3)", INTERNAL, "exit code 3"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", INTERNAL, "signal 11"),
        ("pass", PROTOCOL, "without saying that it is done"),
        ("say(type='done'); sys.exit(4)", INTERNAL, "exit code 4"),
        ("say(type='done'); say(type='text', delta='more')", PROTOCOL, "goes on"),
        ("print('{\"type\": \"te', end='', flush=True)", PROTOCOL, "no JSON"),
    ],
)
async def test_it_ends_in_a_typed_error_with_the_text_so_far(
    ask: Callable[..., Any], script: str, kind: OrchestratorFault, told: str
) -> None:
    answer = await ask("say(type='text', delta='so far')\n" + script)
    assert answer.events == [TextDelta("so far")]
    assert answer.error is not None
    assert (answer.error.kind, answer.error.partial) == (kind, "so far")
    assert told in str(answer.error)


async def test_silence_past_the_deadline_is_a_timeout(ask: Callable[..., Any], make_turn: Callable[..., Turn]) -> None:
    answer = await ask("say(type='text', delta='so far'); time.sleep(60)", turn=make_turn(deadline=0.5))
    assert answer.error is not None
    assert (answer.error.kind, answer.error.partial) == (TIMEOUT, "so far")


async def test_talking_past_the_deadline_is_a_timeout_too(ask: Callable[..., Any]) -> None:
    answer = await ask("while True:\n    say(type='text', delta='x'); time.sleep(0.01)", timeout=0.5)
    assert answer.error is not None
    assert answer.error.kind is TIMEOUT


async def test_a_command_that_vanished_is_unavailable(
    make_command: Callable[..., Any], make_turn: Callable[..., Turn], tmp_path: Path
) -> None:
    program = tmp_path / "agent"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    orchestrator = make_command("", argv=[str(program)])
    program.unlink()
    with pytest.raises(Exception, match="cannot be started") as caught:
        await anext(orchestrator.answer(make_turn()))
    assert getattr(caught.value, "kind", None) is OrchestratorFault.UNAVAILABLE


async def first_child(events: Any) -> int:
    first = await anext(events)
    return int(first.text)


WITH_CHILD = """
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
say(type="text", delta=str(child.pid))
time.sleep(300)
"""
STUBBORN = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + WITH_CHILD


async def test_closing_the_iterator_ends_the_whole_group(make_command: Callable[..., Any], make_turn: Callable[..., Turn]) -> None:
    events = make_command(WITH_CHILD).answer(make_turn())
    child = await first_child(events)
    await events.aclose()
    assert await is_gone(child)


async def test_cancelling_ends_one_that_ignores_the_polite_request(
    make_command: Callable[..., Any], make_turn: Callable[..., Turn]
) -> None:
    events = make_command(STUBBORN).answer(make_turn())
    child = await first_child(events)
    waiting = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await is_gone(child)


async def test_cancelling_twice_still_ends_it(make_command: Callable[..., Any], make_turn: Callable[..., Turn]) -> None:
    events = make_command(STUBBORN).answer(make_turn())
    child = await first_child(events)
    waiting = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await is_gone(child)


async def test_what_it_leaves_running_is_ended_with_it(ask: Callable[..., Any]) -> None:
    answer = await ask(
        """
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], stdin=-3, stdout=-3, stderr=-3)
say(type="text", delta=str(child.pid))
say(type="done")
"""
    )
    assert answer.error is None
    assert await is_gone(int(answer.text))


async def test_many_at_once_leave_no_open_files(ask: Callable[..., Any]) -> None:
    await ask("say(type='done')")
    before = len(os.listdir("/proc/self/fd"))
    answers = await asyncio.gather(*(ask("say(type='text', delta='ok'); say(type='done')") for _ in range(8)))
    assert [answer.text for answer in answers] == ["ok"] * 8
    for _ in range(100):
        if len(os.listdir("/proc/self/fd")) <= before:
            break
        await asyncio.sleep(0.01)
    assert len(os.listdir("/proc/self/fd")) <= before
