"""Both orchestrators before a fake service that somebody else wrote: aimock, where node has it.

`npm install --prefix DIR @copilotkit/aimock`, then `PARACHUTE_AIMOCK=DIR/node_modules/.bin/llmock`.
"""

import asyncio
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parachute_core.clock import SystemClock
from parachute_core.model.errors import OrchestratorError, OrchestratorFault
from parachute_core.model.turn import Done, TextDelta, TurnEvent
from parachute_core.testing.agents import Make, Trial
from tests.orchestrators.test_agent_contract import make_claude, make_openai

PROGRAM = os.environ.get("PARACHUTE_AIMOCK") or shutil.which("llmock")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no aimock: see the head of this file; PARACHUTE_AIMOCK names its llmock")

ANSWER = "Hello from a third party, in many small pieces."
FIXTURES = [
    {"match": {"userMessage": "hello"}, "response": {"content": ANSWER}},
    {"match": {"userMessage": "cut"}, "response": {"content": ANSWER}, "truncateAfterChunks": 4, "latency": 30},
    {"match": {"userMessage": "busy"}, "response": {"error": {"message": "Rate limited", "type": "rate_limit_error"}, "status": 429}},
    {"match": {"userMessage": "over"}, "response": {"error": {"message": "Overloaded", "type": "overloaded_error"}, "status": 529}},
]
BOTH = pytest.mark.parametrize(("make", "base"), [(make_claude, ""), (make_openai, "/v1")], ids=["anthropic", "openai"])


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    assert PROGRAM is not None
    (tmp_path / "fixtures.json").write_text(json.dumps({"fixtures": FIXTURES}))
    arguments = ("-p", "0", "-f", str(tmp_path / "fixtures.json"), "-c", "8")
    process = await asyncio.create_subprocess_exec(PROGRAM, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            while not (found := re.search(rb"http://127\.0\.0\.1:\d+", await process.stdout.readline())):
                assert process.returncode is None
        yield found[0].decode()
    finally:
        process.kill()
        await process.communicate()


async def ask(make: Make, base_url: str, question: str) -> list[TurnEvent]:
    agent = make(base_url=base_url, api_key="some-key", model="claude-sonnet-5", silence=30, clock=SystemClock())
    return [event async for event in agent.answer(Trial.turn(question))]


@BOTH
async def test_a_whole_answer(url: str, make: Make, base: str) -> None:
    events = await ask(make, url + base, "hello")
    assert "".join(one.text for one in events if isinstance(one, TextDelta)) == ANSWER
    assert isinstance(events[-1], Done)


@BOTH
@pytest.mark.parametrize("question", ["busy", "over"])
async def test_overload(url: str, make: Make, base: str, question: str) -> None:
    with pytest.raises(OrchestratorError) as caught:
        await ask(make, url + base, question)
    assert (caught.value.kind, caught.value.retryable) == (OrchestratorFault.OVERLOADED, True)


@BOTH
async def test_a_stream_that_is_cut(url: str, make: Make, base: str) -> None:
    with pytest.raises(OrchestratorError) as caught:
        await ask(make, url + base, "cut")
    assert caught.value.kind is OrchestratorFault.PROTOCOL
    assert ANSWER.startswith(caught.value.partial)
    assert caught.value.partial
