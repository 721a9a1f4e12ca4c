"""The log: one line for each record, no secret in any of them."""

import io
import json
import logging
import threading
import warnings

import pytest

from parachute_core import logs
from parachute_core.model.redaction import Redactor

SECRET = 'to"ken-é-123456789'


def configured(form: str, level: str = "info") -> io.StringIO:
    stream = io.StringIO()
    logs.configure(stream, form=form, level=level, redactor=Redactor([SECRET]))
    return stream


def test_a_text_line_has_time_level_name_text_and_fields() -> None:
    stream = configured("text")
    logging.getLogger("parachute_core.x").info("it is %s", "so", extra={"platform": "web", "attempt": 2})
    at, rest = stream.getvalue().split(" ", 1)
    assert at.endswith("Z")
    assert rest == "INFO parachute_core.x: it is so platform=web attempt=2\n"


def test_nobody_can_forge_a_line() -> None:
    stream = configured("text")
    logging.getLogger("parachute_core.x").info("hello %s", "a\nb", extra={"user": "\x1b[31m\u202ered\rx"})
    assert stream.getvalue().count("\n") == 1
    assert "hello a\\nb user=\\x1b[31m\\u202ered\\rx" in stream.getvalue()


@pytest.mark.parametrize("form", ["text", "json"])
def test_secrets_are_masked_everywhere(form: str) -> None:
    stream = configured(form)
    log = logging.getLogger("parachute_core.x")
    try:
        raise ValueError(f"https://host/bot{SECRET}/getMe")
    except ValueError:
        log.exception("at %s", SECRET, extra={"url": SECRET, "nested": {"list": [SECRET]}, "object": ValueError(SECRET)})
    text = stream.getvalue()
    assert "123456789" not in text
    assert text.count("[redacted]") >= 5
    assert "Traceback" in text


def test_a_json_line_is_an_object_with_the_fields() -> None:
    stream = configured("json")
    logging.getLogger("parachute_core.x").warning("it is %s", "so", extra={"platform": "web", "attempt": 2})
    (line,) = stream.getvalue().splitlines()
    record = json.loads(line)
    assert record.pop("at").endswith("Z")
    assert record == {"level": "WARNING", "logger": "parachute_core.x", "message": "it is so", "platform": "web", "attempt": 2}


def test_debug_is_for_the_bot_alone() -> None:
    stream = configured("text", "debug")
    for name in ("parachute_core.plugins.x", "somebody.else", "httpx", "uvicorn.error"):
        logging.getLogger(name).debug("debug of %s", name)
        logging.getLogger(name).info("info of %s", name)
    told = [line.partition(": ")[2] for line in stream.getvalue().splitlines()]
    assert told == ["debug of parachute_core.plugins.x", "info of parachute_core.plugins.x", "info of somebody.else"]


def test_the_level_holds_for_libraries_too() -> None:
    stream = configured("text", "error")
    for name in ("parachute_core.x", "somebody.else", "httpx"):
        logging.getLogger(name).warning("no")
    assert stream.getvalue() == ""


def test_warnings_and_what_nobody_caught_go_the_same_way() -> None:
    stream = configured("text")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"careful with {SECRET}", UserWarning, stacklevel=1)

    def fail() -> None:
        raise ValueError(SECRET)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    text = stream.getvalue()
    assert "careful with [redacted]" in text
    assert "ValueError: [redacted]" in text
    assert "123456789" not in text
