"""What Prometheus reads: counted where messages enter and leave, and shown to whoever has a key."""

import asyncio
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from parachute_core import ConnectionLost, Deny, Inbound, NotDelivered, Rejected, hookimpl
from parachute_core.admin.metrics import ABSENT
from parachute_core.model.turn import Done, TextDelta, Usage
from parachute_core.testing import RunningBot, ScriptedOrchestrator, running_bot

ROOT = Path(__file__).parents[2]
METRICS_KEY = "a-key-for-the-metrics-0123"

Sample = tuple[str, frozenset[tuple[str, str]]]


async def fetch(
    bot: RunningBot, headers: Mapping[str, str] | None = None, method: str = "GET", path: str = "/metrics"
) -> tuple[int, dict[str, str], str]:
    """One request over the socket; with the admin key unless `headers` says something else."""
    sent = {"Authorization": f"Bearer {bot.runtime.key}"} if headers is None else headers
    lines = "".join(f"{name}: {value}\r\n" for name, value in {"Host": "127.0.0.1", "Connection": "close", **sent}.items())
    reader, writer = await asyncio.open_connection("127.0.0.1", bot.runtime.server.port)
    writer.write(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode())
    async with asyncio.timeout(20):
        answer = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition("\r\n\r\n")
    first, *rest = head.split("\r\n")
    return int(first.split()[1]), {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)}, body


async def samples(bot: RunningBot) -> dict[Sample, float]:
    status, _, body = await fetch(bot)
    assert status == 200
    return {
        (one.name, frozenset(one.labels.items())): one.value for family in text_string_to_metric_families(body) for one in family.samples
    }


def value(found: Mapping[Sample, float], name: str, **labels: str) -> float | None:
    return found.get((name, frozenset(labels.items())))


class Moody:
    """Refuses whoever shouts."""

    @hookimpl
    async def before_dispatch(self, message: Inbound) -> Deny | None:
        return Deny("shouting") if message.text.isupper() else None


async def test_messages_refusals_turns_and_tokens_are_counted() -> None:
    orchestrator = ScriptedOrchestrator([TextDelta("hi"), Usage(7, 3, 2), Usage(1, 0), Done()], [TextDelta("again"), Done()])
    async with running_bot(orchestrator=orchestrator, extra_plugins={"moody": lambda _: Moody()}, serve=True) as bot:
        await bot.ask("hello")
        await bot.ask("SHOUT")
        await bot.ask("hello", "2")
        await bot.ask("/help")
        found = await samples(bot)
    messages = [value(found, "parachute_messages_total", platform="telegram", result=one) for one in ("turn", "command", "refused")]
    assert messages == [1, 1, 2]
    assert value(found, "parachute_refusals_total", platform="telegram", plugin="moody") == 1
    assert value(found, "parachute_refusals_total", platform="telegram", plugin="core") == 1
    assert value(found, "parachute_turn_seconds_count", platform="telegram", end="answered") == 1
    assert [value(found, "parachute_turn_tokens_total", platform="telegram", kind=one) for one in ("input", "output", "cached")] == [
        8,
        3,
        2,
    ]
    assert value(found, "parachute_deliveries_total", platform="telegram", outcome="delivered") == 3
    assert value(found, "parachute_connector_state", platform="telegram", state="running") == 1
    assert value(found, "parachute_connector_state", platform="telegram", state="failed") == 0
    assert value(found, "parachute_ready") == value(found, "parachute_store_usable") == 1
    assert value(found, "parachute_outbox_messages", state="queued") == value(found, "parachute_turns_running") == 0


async def test_a_turn_that_runs_and_one_that_waits_are_seen() -> None:
    orchestrator = ScriptedOrchestrator()
    orchestrator.hold()
    async with running_bot(orchestrator=orchestrator, serve=True) as bot:
        await bot.say("one")
        await bot.say("two")
        await bot.clock.advance(7)
        found = await samples(bot)
        assert (value(found, "parachute_turns_running"), value(found, "parachute_turns_waiting")) == (1, 1)
        orchestrator.release()
        await bot.settled()
        found = await samples(bot)
    assert value(found, "parachute_turns_running") == value(found, "parachute_turns_waiting") == 0
    assert value(found, "parachute_turn_seconds_bucket", platform="telegram", end="answered", le="5.0") == 1
    assert value(found, "parachute_turn_seconds_bucket", platform="telegram", end="answered", le="10.0") == 2
    assert value(found, "parachute_turn_seconds_sum", platform="telegram", end="answered") == 7


async def test_what_a_platform_does_not_take_is_counted_and_its_age_shown() -> None:
    async with running_bot(["retry"], serve=True) as bot:
        bot.connector.outcomes.extend([NotDelivered("busy", retry_after=500.0), Rejected("no")])
        await bot.say("hello")
        await bot.settled()
        await bot.clock.advance(100)
        found = await samples(bot)
        assert value(found, "parachute_platform_calls_total", platform="telegram", kind="message", outcome="not_delivered") == 1
        assert value(found, "parachute_deliveries_total", platform="telegram", outcome="not_delivered") == 1
        assert value(found, "parachute_outbox_messages", state="queued") == 1
        assert value(found, "parachute_outbox_oldest_age_seconds") == 100
        await bot.clock.advance(400)
        await bot.settled()
        found = await samples(bot)
    assert value(found, "parachute_deliveries_total", platform="telegram", outcome="rejected") == 1
    assert value(found, "parachute_outbox_messages", state="dead") == 1


async def test_no_id_and_no_word_of_anybody_is_in_it() -> None:
    async with running_bot(allowed=("424242",), serve=True) as bot:
        await bot.ask("xyzzy is secret", "424242", "535353")
        _, _, body = await fetch(bot)
        assert bot.runtime.key not in body
    assert not any(one in body for one in ("424242", "535353", "xyzzy"))


async def test_nobody_reads_it_without_a_key() -> None:
    async with running_bot(serve=True) as bot:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"X-API-Key": ""}):
            status, _, body = await fetch(bot, headers)
            assert (status, json.loads(body)["success"]) == (401, False)
        key = {"X-API-Key": bot.runtime.key}
        assert (await fetch(bot, key))[0] == 200
        assert (await fetch(bot, {**key, "Host": "evil.example"}))[0] == 421
        assert (await fetch(bot, {**key, "Origin": "https://evil.example"}))[0] == 403
        assert (await fetch(bot, {**key, "Sec-Fetch-Site": "same-origin"}))[0] == 200
        assert (await fetch(bot, key, "HEAD"))[0] == 200
        assert (await fetch(bot, key, "POST"))[0] == 405


async def test_the_metrics_key_opens_nothing_else(tmp_path: Path) -> None:
    off = {name: {"enabled": False} for name in ("ratelimit", "retry", "strictstate", "pairing", "budget", "sessionguard")}
    config = yaml.safe_dump({"web": {"enabled": True}, "plugins": off, "admin": {"metrics_key": METRICS_KEY}})
    async with running_bot(platform="web", config=config, serve=True) as bot:
        key = {"Authorization": f"Bearer {METRICS_KEY}"}
        status, headers, _ = await fetch(bot, key)
        assert (status, headers["cache-control"]) == (200, "no-store")
        assert (await fetch(bot, {**key, "Sec-Fetch-Site": "none"}))[0] == 200  # behind the front, too
        for path in ("/api/bots/status", "/api/health", "/metrics/x"):
            assert (await fetch(bot, key, path=path))[0] in (401, 404)
        assert (await fetch(bot, {}))[0] == 401
        assert bot.runtime.redactor(METRICS_KEY) == "[redacted]"


async def test_front_and_app_show_the_same_headers() -> None:
    async with running_bot(serve=True) as bot:
        key = {"X-API-Key": bot.runtime.key}
        _, front, _ = await fetch(bot, key)
        _, app, _ = await fetch(bot, {**key, "Sec-Fetch-Site": "none"})
    left_out = {"date", "content-length"}
    assert {one: front[one] for one in front.keys() - left_out} == {one: app[one] for one in app.keys() - left_out}


async def test_every_metric_of_the_dashboard_exists_and_so_do_its_labels() -> None:
    board = json.loads((ROOT / "deploy" / "grafana-dashboard.json").read_text("utf-8"))
    expressions = [one["expr"] for panel in board["panels"] for one in panel["targets"]]
    expressions.append(board["templating"]["list"][1]["query"]["query"])
    alarms = re.search(r"```promql\n(.*?)```", (ROOT / "docs" / "operations.md").read_text("utf-8"), re.DOTALL)
    assert alarms is not None
    expressions += [line.partition("#")[0] for line in alarms[1].splitlines()]
    async with running_bot(serve=True) as bot:
        await bot.ask("hello")
        await bot.ask("hello", "2")
        bot.runtime.services.tally.tokens["telegram", "input"] += 1
        found = await samples(bot)
    labels: dict[str, set[str]] = {}
    for name, named in found:
        labels.setdefault(name, {"instance", "job"}).update(one for one, _ in named)
    assert len(expressions) > 15
    for expression in expressions:
        used = re.findall(r"\b(?:parachute|process)_\w+", expression)
        assert used, expression
        assert set(used) <= labels.keys(), expression
        known = set().union(*(labels[one] for one in used))
        grouped = re.findall(r"(?:by|on) \(([^)]*)\)", expression)
        asked = {one.strip() for group in grouped for one in group.split(",")} | set(re.findall(r'(\w+)(?:=~|!=|=)"', expression))
        assert asked <= known, expression


async def test_the_page_lists_every_metric_and_no_other() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    async with running_bot(serve=True) as bot:
        await bot.ask("hello")
        status, _, body = await fetch(bot)
    shown = set(re.findall(r"^# HELP (parachute_\w+)", body, re.MULTILINE))
    assert status == 200
    assert set(re.findall(r"^\| `(parachute_\w+)`", page, re.MULTILINE)) == shown


async def test_without_the_extra_it_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)  # as if it were not installed
    async with running_bot(serve=True) as bot:
        assert (await fetch(bot, {}))[0] == 401
        status, _, body = await fetch(bot)
        assert (status, json.loads(body)["error"]) == (404, ABSENT)
        assert await bot.ask("hello") == ["hello"]


async def test_readiness_gives_reasons_to_whoever_has_the_key() -> None:
    async with running_bot() as bot:
        assert (await bot.request("GET", "/api/ready", key=False)).status == 401
        assert (await bot.request("GET", "/api/ready")).json == {"ready": True, "reasons": [], "degraded": []}
        await bot.runtime.fleet.stop("telegram")
        told = (await bot.request("GET", "/api/ready")).json
        assert (told["ready"], [one["code"] for one in told["degraded"]]) == (True, ["connector_stopped"])
        await bot.runtime.fleet.start("telegram")
        await bot.clock.advance(0)
        await bot.runtime.register.flush()
        await bot.runtime.store.execute("PRAGMA max_page_count = 1")  # no page more than there are
        with pytest.raises(ConnectionLost):
            await bot.say("word " * 20_000)
        told = (await bot.request("GET", "/api/ready")).json
        (reason,) = told["reasons"]
        assert (told["ready"], reason["code"], "full" in reason["detail"]) == (False, "store_unusable", True)
        terse = await bot.request("GET", "/readyz", key=False)
        assert (terse.status, terse.json["error"]) == (503, "not ready")
        await bot.runtime.store.execute("PRAGMA max_page_count = 1000000")
        async with asyncio.timeout(10):
            while bot.runtime.services.trouble() is not None:
                await bot.clock.advance(5)
                await asyncio.sleep(0.01)
        await bot.runtime.intake.close()
        assert [one["code"] for one in (await bot.request("GET", "/api/ready")).json["reasons"]] == ["not_taking_messages"]


@pytest.mark.parametrize("seconds", [0.0, 0.1, 599.9, 600.0, 601.0])
def test_a_duration_falls_in_the_first_class_that_holds_it(seconds: float) -> None:
    from parachute_core.engine.tally import BOUNDS, Durations

    durations = Durations()
    durations.add(seconds)
    (place,) = (number for number, count in enumerate(durations.counts) if count)
    assert place == sum(bound < seconds for bound in BOUNDS)
