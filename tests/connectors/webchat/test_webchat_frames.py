import contextlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parachute_core.connectors.webchat.frames import LARGEST, Hello, Malformed, Said, outgoing_frame, read
from parachute_core.model.errors import Rejected
from parachute_core.model.outgoing import Outgoing, Purpose, SendKind

MESSAGE = Outgoing("web", "web-1", SendKind.MESSAGE, Purpose.REPLY, "key-1", "hello")


def test_frames_are_read() -> None:
    assert read('{"type": "hello", "token": null}') == Hello(None, None)
    assert read('{"type": "hello", "token": "t", "owner": "o"}') == Hello("t", "o")
    assert read('{"type": "message", "text": " hi\\n"}') == Said(" hi\n", None)
    assert read('{"type": "message", "text": "hi", "id": "7", "more": []}') == Said("hi", "7")


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00",
        b"{}",
        "",
        "{",
        "null",
        "[]",
        "{}",
        '"hello"',
        '{"type": 1}',
        '{"type": ["hello"]}',
        '{"type": "bye"}',
        '{"type": "hello", "token": 1}',
        '{"type": "hello", "owner": {}}',
        '{"type": "message"}',
        '{"type": "message", "text": null}',
        '{"type": "message", "text": 1}',
        '{"type": "message", "text": " \\n\\t "}',
        '{"type": "message", "text": "a", "id": 1}',
        '{"type": "message", "text": "a", "id": ""}',
        '{"type": "message", "text": "a", "id": "' + "i" * 65 + '"}',
        '{"type": "message", "text": "\\ud800"}',
        "[" * 60_000,
        "9" * 5_000,
        '{"type": "message", "text": "' + "a" * LARGEST + '"}',
        '{"type": "message", "text": "' + "é" * (LARGEST // 2) + '"}',
    ],
)
def test_whatever_is_wrong_is_one_plain_error(raw: str | bytes) -> None:
    with pytest.raises(Malformed) as problem:
        read(raw)
    assert str(problem.value).endswith((".", "JSON."))


def test_the_largest_frame_is_read() -> None:
    shell = '{"type":"message","text":""}'
    raw = shell[:-2] + "a" * (LARGEST - len(shell)) + shell[-2:]
    assert len(raw) == LARGEST
    assert isinstance(read(raw), Said)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["type", "text", "id", "token", "owner"]), inner | st.sampled_from(["hello", "message"]))
        ),
    )
)
def test_no_frame_breaks_the_reader(frame: object) -> None:
    with contextlib.suppress(Malformed):
        assert isinstance(read(json.dumps(frame)), Hello | Said)


def test_a_repeated_message_keeps_its_id_and_another_gets_another() -> None:
    frame, shown_id = outgoing_frame(MESSAGE)
    assert json.loads(frame) == {"type": "message", "id": shown_id, "text": "hello", "final": True}
    assert outgoing_frame(replace(MESSAGE, text="changed"))[1] == shown_id
    assert outgoing_frame(replace(MESSAGE, key="key-2"))[1] != shown_id
    assert "key-1" not in frame


def test_an_edit_names_the_message_it_changes() -> None:
    frame, shown_id = outgoing_frame(replace(MESSAGE, kind=SendKind.EDIT, target_id="m1", final=False))
    assert json.loads(frame) == {"type": "edit", "id": "m1", "text": "hello", "final": False}
    assert shown_id == "m1"
    with pytest.raises(Rejected):
        outgoing_frame(replace(MESSAGE, kind=SendKind.EDIT))


def test_typing_goes_on_and_off() -> None:
    on = replace(MESSAGE, kind=SendKind.TYPING, text="", final=False)
    assert json.loads(outgoing_frame(on)[0]) == {"type": "typing", "on": True}
    assert json.loads(outgoing_frame(replace(on, final=True))[0]) == {"type": "typing", "on": False}


def test_any_text_makes_a_frame_that_a_server_can_encode() -> None:
    frame, _ = outgoing_frame(replace(MESSAGE, text="half a pair: \ud800, \u2028"))
    assert json.loads(frame.encode())["text"] == "half a pair: \ud800, \u2028"
