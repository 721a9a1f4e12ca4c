"""What a command is given, and what it may say."""

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from parachute_core.model.turn import Done, HistoryEntry, Notice, TextDelta, Turn, Usage
from parachute_core.orchestrators.command import Settings

ENVIRONMENT = """
say(type="text", delta=json.dumps(dict(os.environ)))
say(type="done")
"""


async def test_it_gets_one_json_object_and_answers_in_pieces(ask: Callable[..., Any], make_turn: Callable[..., Turn]) -> None:
    turn = make_turn("grüß dich 🪂", history=(HistoryEntry("user", "a"), HistoryEntry("assistant", "b")))
    answer = await ask(
        """
request = json.load(sys.stdin)
assert request.pop("history") == [{"role": "user", "text": "a"}, {"role": "assistant", "text": "b"}]
assert request == {"session_id": "s1", "text": "grüß dich 🪂"}
say(type="text", delta="one ")
say(type="notice", text="beside")
print()
say(type="text", delta="")
say(type="text", delta="two")
say(type="done")
""",
        turn=turn,
    )
    assert answer.error is None
    assert answer.events == [TextDelta("one "), Notice("beside"), TextDelta("two"), Done()]


async def test_it_tells_what_it_used(ask: Callable[..., Any]) -> None:
    answer = await ask(
        """
say(type="usage", input_tokens=1200, output_tokens=80, cached_tokens=900)
say(type="text", delta="well")
say(type="usage", input_tokens=0, output_tokens=3)
say(type="done")
"""
    )
    assert answer.error is None
    assert answer.events == [Usage(1200, 80, 900), TextDelta("well"), Usage(0, 3, 0), Done()]


async def test_pieces_arrive_while_it_runs(make_command: Callable[..., Any], make_turn: Callable[..., Turn], tmp_path: Any) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    orchestrator = make_command(f"say(type='text', delta='now'); open({str(gate)!r}).read(); say(type='done')")
    events = orchestrator.answer(make_turn())
    assert await anext(events) == TextDelta("now")
    os.close(os.open(gate, os.O_WRONLY))
    assert await anext(events) == Done()
    await events.aclose()


async def test_a_command_that_closes_its_stdin_unread_is_fine(ask: Callable[..., Any], make_turn: Callable[..., Turn]) -> None:
    answer = await ask("os.close(0); say(type='text', delta='ok'); say(type='done')", turn=make_turn("x" * 3_000_000))
    assert (answer.text, answer.error) == ("ok", None)


async def test_a_long_request_arrives_whole(ask: Callable[..., Any], make_turn: Callable[..., Turn]) -> None:
    answer = await ask("say(type='text', delta=str(len(json.load(sys.stdin)['text']))); say(type='done')", turn=make_turn("x" * 3_000_000))
    assert answer.text == "3000000"


async def test_much_stderr_neither_blocks_it_nor_shows(ask: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG", "tests.command"):
        answer = await ask("sys.stderr.write('noise ' * 200_000); say(type='text', delta='ok'); say(type='done')")
    assert (answer.text, answer.error) == ("ok", None)
    (record,) = [one for one in caplog.records if "stderr" in one.message]
    assert record.levelname == "DEBUG"
    assert len(record.message) < 10_000


async def test_half_a_surrogate_pair_becomes_a_question_mark(ask: Callable[..., Any]) -> None:
    answer = await ask(r"""print('{"type": "text", "delta": "a\\ud83dz"}'); say(type="done")""")
    assert answer.text == "a?z"


async def test_the_bots_secrets_are_not_inherited(ask: Callable[..., Any]) -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "TELEGRAM_BOT_TOKEN": "123:abcdefgh",
        "URL": "https://api/bot123:abcdefgh/getMe",
        "PARACHUTE_HOME": "/home/x",
        "SHORT": "abc",
        "HARMLESS": "abcd",
        "EMPTY": "",
    }
    secrets = frozenset({"123:abcdefgh", "abc", ""})
    answer = await ask(ENVIRONMENT, environ=environ, secrets=secrets, env={"EXTRA": "1"})
    seen = json.loads(answer.text)
    seen.pop("LC_CTYPE", None)  # Python's own doing.
    assert seen == {
        "PATH": os.environ["PATH"],
        "HARMLESS": "abcd",
        "EMPTY": "",
        "EXTRA": "1",
        "PARACHUTE_TRUST_LEVEL": "sandboxed",
    }


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "argv"),
        ({"argv": []}, "argv"),
        ({"argv": [""]}, "argv"),
        ({"argv": ["no-such-command-anywhere"]}, "no-such-command-anywhere"),
        ({"argv": [sys.executable, 5]}, "argv"),
        ({"argv": "python3 agent.py"}, "argv"),
        ({"argv": [sys.executable], "timeout": 0}, "timeout"),
        ({"argv": [sys.executable], "env": {"A=B": "x"}}, "env"),
        ({"argv": [sys.executable], "arg": 1}, "arg"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Settings.model_validate(settings)
