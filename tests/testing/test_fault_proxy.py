"""The fault proxy passes everything on unchanged, and goes wrong exactly where it is told to."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from parachute_core.testing.http import Answer, Fault, JsonServer, Request
from parachute_core.testing.proxy import FaultProxy


@pytest.fixture
async def server() -> AsyncIterator[JsonServer]:
    async def echo(request: Request) -> Answer:
        body = request.body.decode()
        return 201, {"X-Seen": request.headers.get("authorization", "")}, {"target": request.target, "body": body, "method": request.method}

    async with JsonServer() as counterpart:
        for method in ("GET", "PUT"):
            counterpart.route(method, "/things/{name}", echo)
        yield counterpart


@pytest.fixture
async def proxy(server: JsonServer) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(server.url) as between:
        yield between


async def test_everything_is_passed_on_as_it_was_sent(server: JsonServer, proxy: FaultProxy) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.put(
            f"{proxy.url}/things/a%2Fb?via=x&via=y%20z", content="ä body".encode(), headers={"Authorization": "Bearer t"}
        )

    assert answer.status_code == 201
    assert answer.headers["x-seen"] == "Bearer t"
    assert answer.json() == {"target": "/things/a%2Fb?via=x&via=y%20z", "body": "ä body", "method": "PUT"}
    assert proxy.paths("things") == server.paths("things") == ["/things/a%2Fb"]


@pytest.mark.parametrize(
    ("fault", "acted"),
    [(Fault("things", reset=True), 0), (Fault("things", lost=True), 1), (Fault("things", cut=5), 1), (Fault("things", hang=True), 0)],
)
async def test_a_fault_happens_before_or_after_the_counterpart_acts(
    server: JsonServer, proxy: FaultProxy, fault: Fault, acted: int
) -> None:
    proxy.faults.append(fault)
    async with httpx.AsyncClient(trust_env=False, timeout=1.0) as client:
        with pytest.raises(httpx.TransportError):
            await client.get(f"{proxy.url}/things/1")
        assert len(server.requests) == acted
        assert (await client.get(f"{proxy.url}/things/1", timeout=15.0)).status_code == 201


async def test_a_status_is_answered_in_place_of_the_counterpart_and_only_where_it_is_due(server: JsonServer, proxy: FaultProxy) -> None:
    proxy.faults.append(Fault("things/2", status=429, headers={"Retry-After": "7"}, body={"no": "no"}, skip=1))
    async with httpx.AsyncClient(trust_env=False) as client:
        got = [await client.get(f"{proxy.url}/things/{name}") for name in "12223"]

    assert [one.status_code for one in got] == [201, 201, 429, 201, 201]
    assert (got[2].headers["retry-after"], got[2].json()) == ("7", {"no": "no"})
    assert len(server.requests) == 4


async def test_a_counterpart_that_is_gone_is_an_outage_and_one_that_waits_is_waited_for(server: JsonServer, proxy: FaultProxy) -> None:
    go_on = asyncio.Event()

    async def slow(_: Request) -> Answer:
        await go_on.wait()
        return 200, {}, b"raw"

    server.route("GET", "/slow", slow)
    async with httpx.AsyncClient(trust_env=False, timeout=15.0) as client:
        asked = asyncio.create_task(client.get(f"{proxy.url}/slow"))
        await server.asked("slow")
        go_on.set()
        assert (await asked).content == b"raw"
        await server.stop()
        assert (await client.get(f"{proxy.url}/things/1")).status_code == 502
