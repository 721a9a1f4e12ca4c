"""A homeserver that refuses, falls silent or vanishes: what each failure counts as, and what it costs in requests."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from parachute_core.connectors.matrix.faults import Refused, Unanswered, connection_error, retry_after, send_error
from parachute_core.model.errors import Ambiguous, ConnectionLost, CredentialsRefused, NotDelivered, Rejected
from parachute_core.testing.http import Fault
from parachute_core.testing.matrix import MatrixWorld
from parachute_core.testing.proxy import FaultProxy
from parachute_core.testing.sockets import FakeLink
from tests.connectors.matrix.running import SHORT, begun, connected, connector_for, direct, outgoing

SEND = r"/send/m\.room\.message/"
SYNC = r"/sync$"
NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


@pytest.fixture
async def proxy(world: MatrixWorld) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(world.homeserver.url) as between:
        yield between


def limited(**headers: str) -> Fault:
    return Fault(SEND, status=429, headers=headers, body={"errcode": "M_LIMIT_EXCEEDED", "error": "slow", "retry_after_ms": 2500})


def code(status: int, errcode: str) -> Fault:
    return Fault(SEND, status=status, body={"errcode": errcode, "error": "my secret words"})


@pytest.mark.parametrize(
    ("fault", "kind", "wait"),
    [
        (limited(), NotDelivered, 2.5),
        (limited(**{"Retry-After": "7"}), NotDelivered, 7.0),
        (Fault(SEND, status=429, body="<html></html>"), NotDelivered, None),
        (Fault(SEND, status=502, body="<html></html>"), Ambiguous, None),
        (code(500, "M_UNKNOWN"), Ambiguous, None),
        (Fault(SEND, status=200, body="<html>a captive portal</html>"), Ambiguous, None),
        (Fault(SEND, status=403, body="<html>a proxy</html>"), NotDelivered, None),
        (Fault(SEND, reset=True), Ambiguous, None),
        (Fault(SEND, lost=True), Ambiguous, None),
        (Fault(SEND, cut=5), Ambiguous, None),
        (code(403, "M_FORBIDDEN"), Rejected, None),
        (code(404, "M_NOT_FOUND"), Rejected, None),
        (code(413, "M_TOO_LARGE"), Rejected, None),
        (Fault(SEND, status=413, body="<html></html>"), Rejected, None),
        (code(400, "M_BAD_JSON"), Rejected, None),
        (code(401, "M_UNKNOWN_TOKEN"), Rejected, None),
        (Fault(SEND, status=401, body="<html>a proxy</html>"), NotDelivered, None),
    ],
)
async def test_each_failure_is_what_it_is_and_one_request(
    world: MatrixWorld, proxy: FaultProxy, fault: Fault, kind: type[Exception], wait: float | None
) -> None:
    ann = await world.person()
    async with connected(world, url=proxy.url) as bot:
        room = await begun(bot, world, ann)
        proxy.faults.append(fault)
        with pytest.raises(kind) as raised:
            await bot.connector.send(outgoing(room, "hello"))
        assert len(proxy.paths(SEND)) == 1
        assert "secret" not in str(raised.value)
        assert getattr(raised.value, "retry_after", None) == wait
        await bot.connector.send(outgoing(room, "hello"))
        await ann.reads(room, "hello", by=world.bot.user_id)

    assert len(set(proxy.paths(SEND))) == 1


async def test_a_call_that_is_never_answered_is_given_up(world: MatrixWorld, proxy: FaultProxy) -> None:
    ann = await world.person()
    async with connected(world, url=proxy.url, timeouts=SHORT) as bot:
        room = await begun(bot, world, ann)
        proxy.faults.append(Fault(SEND, hang=True))
        with pytest.raises(Ambiguous):
            await bot.connector.send(outgoing(room, "hello"))


async def test_a_homeserver_that_is_gone_is_proof_that_nothing_was_sent(world: MatrixWorld, proxy: FaultProxy) -> None:
    ann = await world.person()
    async with connected(world, url=proxy.url) as bot:
        room = await begun(bot, world, ann)
        await proxy.stop()
        with pytest.raises(NotDelivered):
            await bot.connector.send(outgoing(room, "hello"))
        with pytest.raises(ConnectionLost):
            await bot.running
        with pytest.raises(NotDelivered):
            await bot.connector.send(outgoing(room, "hello"))
        await proxy.start()
        await bot.connector.send(outgoing(room, "hello"))  # also while nothing syncs
        await ann.reads(room, "hello", by=world.bot.user_id)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(SYNC, None, status=502, body="<html></html>"),
        Fault(SYNC, None, status=200, body={"next_batch": 5}),
        Fault(SYNC, None, status=401, body="<html>a proxy</html>"),
        Fault(SYNC, None, status=200, body="<html>a captive portal</html>"),
        Fault(SYNC, None, cut=20),
        Fault(SYNC, None, reset=True),
        Fault(SYNC, None, status=400, body={"errcode": "M_UNKNOWN", "error": "odd"}),
    ],
)
async def test_a_sync_that_fails_gives_the_connection_up_at_once(world: MatrixWorld, proxy: FaultProxy, fault: Fault) -> None:
    proxy.faults.append(fault)
    with pytest.raises(ConnectionLost):
        await connector_for(world, url=proxy.url).run(FakeLink())
    assert len(proxy.paths(SYNC)) == 1


async def test_a_sync_that_is_never_answered_is_given_up(world: MatrixWorld, proxy: FaultProxy) -> None:
    proxy.faults.append(Fault(SYNC, None, hang=True))
    with pytest.raises(ConnectionLost, match="TimeoutError"):
        await connector_for(world, url=proxy.url, timeouts=SHORT).run(FakeLink())


async def test_a_server_that_never_waits_is_asked_once_a_second(world: MatrixWorld, proxy: FaultProxy) -> None:
    async with connected(world, url=proxy.url) as bot:
        proxy.faults.append(Fault(SYNC, None, status=200, body={"next_batch": "always"}))
        await (await world.person()).create(world.bot.user_id, direct=True)
        await bot.clock.sleeping(1.0)
        before = len(proxy.paths(SYNC))
        for _ in range(3):
            await bot.clock.advance(1.0)
            await bot.clock.sleeping(1.0)
        assert len(proxy.paths(SYNC)) == before + 3


async def test_a_homeserver_that_forgot_where_the_bot_was_begins_anew(world: MatrixWorld, proxy: FaultProxy) -> None:
    async with connected(world, url=proxy.url) as bot:
        proxy.faults.append(Fault(SYNC, status=400, body={"errcode": "M_UNKNOWN", "error": "Invalid stream token"}))
        ann = await world.person()
        await ann.create(world.bot.user_id, direct=True)  # ends the sync under way, and the next one meets the fault
        room = await direct(world, ann)
        await ann.say(room, "still there?")
        assert "still there?" in await bot.link.texts(1)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"errcode": "M_UNKNOWN_TOKEN", "error": "gone"}, "does not know the access token"),
        ({"errcode": "M_UNKNOWN_TOKEN", "error": "gone", "soft_logout": True}, "with the same device_id"),
        ({"errcode": "M_USER_DEACTIVATED", "error": "gone"}, "deactivated"),
        ({"errcode": "M_MISSING_TOKEN", "error": "gone"}, "does not know the access token"),
    ],
)
async def test_a_refused_token_is_told_with_what_to_do(
    world: MatrixWorld, proxy: FaultProxy, body: dict[str, object], sentence: str
) -> None:
    proxy.faults.append(Fault(SYNC, None, status=401, body=body))
    with pytest.raises(CredentialsRefused, match=sentence):
        await connector_for(world, url=proxy.url).run(FakeLink())
    assert len(proxy.requests) < 5


async def test_a_device_that_is_taken_away_ends_the_connection(world: MatrixWorld) -> None:
    async with connected(world) as bot:
        await world.accounts.delete_device(world.bot)
        with pytest.raises(CredentialsRefused):
            await asyncio.wait_for(bot.running, 40.0)


@pytest.mark.parametrize("key", ["user_id", "device_id"])
async def test_a_token_of_somebody_else_is_refused(world: MatrixWorld, key: str) -> None:
    other = {key: "@somebody:parachute.test"}
    connector = connector_for(world, settings=other)
    with pytest.raises(CredentialsRefused, match="belongs to"):
        await connector.run(FakeLink())
    with pytest.raises(CredentialsRefused, match="belongs to"):
        await connector.test()


async def test_the_credentials_are_tested_without_a_sync(world: MatrixWorld, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert await connector_for(world, url=proxy.url + "/", settings={"device_id": world.bot.device_id}).test() == {
        "user_id": world.bot.user_id
    }
    assert len(proxy.requests) == 1


async def test_a_limit_that_the_homeserver_itself_sets_is_known(world: MatrixWorld) -> None:
    ann = await world.person()
    async with connected(world) as bot:
        room = await begun(bot, world, ann)
        await world.accounts.limit(world.bot, 1, 1)
        sends = [bot.connector.send(outgoing(room, "hello", key=f"k.{number}")) for number in range(4)]
        refused = [one for one in await asyncio.gather(*sends, return_exceptions=True) if isinstance(one, BaseException)]

    assert refused
    for error in refused:
        assert isinstance(error, NotDelivered)
        assert error.retry_after is not None
        assert 0 < error.retry_after < 10


def test_the_time_to_wait_may_be_a_date() -> None:
    date = format_datetime(NOW + timedelta(seconds=90), usegmt=True)
    assert retry_after({"Retry-After": date}, 1, NOW) == 90.0
    assert retry_after({"Retry-After": "soon"}, 1500, NOW) == 1.5
    assert retry_after({}, "odd", NOW) is None


def test_a_connection_that_was_never_made_is_told_from_one_that_broke() -> None:
    assert isinstance(send_error(Unanswered("A", never_sent=True)), NotDelivered)
    assert isinstance(send_error(Unanswered("B", never_sent=False)), Ambiguous)
    assert "B" in str(connection_error(Unanswered("B", never_sent=False)))
    assert "evil" not in str(Refused(400, "evil \n text"))
