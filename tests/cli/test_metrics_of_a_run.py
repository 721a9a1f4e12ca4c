"""A real bot, somebody in its web chat, and what Prometheus and a probe read of it."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

Start = Callable[..., Any]


def test_what_is_said_in_the_web_chat_is_in_the_metrics(home: Path, start: Start) -> None:
    bot = start(home).wait_until_up()
    before = bot.text("/metrics")
    assert 'parachute_messages_total{platform="web"' not in before
    with bot.visitor() as owner:
        for text in ("good morning", "good evening"):
            owner.say(text)
            owner.read(text)
        owner.say("/help")
        # A turn ends a moment after its answer is read.
        awaited = ('result="command"', 'parachute_turn_seconds_count{end="answered",platform="web"} 2.0')
        while not all(line in (after := bot.text("/metrics")) for line in awaited):
            pass
    assert 'parachute_messages_total{platform="web",result="turn"} 2.0' in after
    assert 'parachute_connector_state{platform="web",state="running"} 1.0' in after
    assert "process_resident_memory_bytes" in after
    assert "good" not in after
    assert bot.request("GET", "/metrics")[0] == 401
    assert bot.request("GET", "/api/ready", key=bot.key())[1] == {"ready": True, "reasons": [], "degraded": []}
    assert bot.end(signal.SIGTERM) == 0
