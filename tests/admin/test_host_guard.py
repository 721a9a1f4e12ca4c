"""Which hosts and pages may call the admin app: the rule, then every kind of request through the whole app."""

import pytest

from parachute_core.admin.guard import Authority, Guard, means_this_machine, parse_authority
from parachute_core.testing import running_bot

EVIL_PAGES = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:8080"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "file://"},
    {"Origin": "not an origin"},
    {"Origin": "http://[::1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
]

OWN_PAGES: list[dict[str, str]] = [
    {},
    {"Origin": "http://localhost"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
    {"Host": "127.0.0.1:3333", "Origin": "http://127.0.0.1:3333"},
    {"Host": "localhost:80", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": "none"},
]
CALLS = [
    ("GET", "/api/bots/status"),
    ("GET", "/api/nothing"),
    ("POST", "/api/bots/telegram/stop"),
    ("PUT", "/api/bots/config"),
    ("POST", "/healthz"),
]


@pytest.mark.parametrize(
    ("text", "authority"),
    [
        ("localhost", Authority("localhost", None)),
        ("LocalHost:3333", Authority("localhost", 3333)),
        ("127.0.0.1:1", Authority("127.0.0.1", 1)),
        ("[::1]:3333", Authority("::1", 3333)),
        ("[::1]", Authority("::1", None)),
        ("::1", Authority("::1", None)),
        ("bots.example.:80", Authority("bots.example", 80)),
        ("", None),
        (":80", None),
        ("host:", None),
        ("host:port", None),
        ("host:99999", None),
        ("host:٣", None),
        ("[::1", None),
        ("[evil]", None),
        ("[::1]x", None),
        ("user@localhost", None),
        ("localhost/evil", None),
        ("localhost, evil.example", None),
    ],
)
def test_reads_what_names_a_host(text: str, authority: Authority | None) -> None:
    assert parse_authority(text) == authority


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("chat.localhost", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
    ],
)
def test_knows_loopback_without_a_name_server(host: str, loopback: bool) -> None:
    assert means_this_machine(host) is loopback


@pytest.mark.parametrize(
    ("bound", "allowed", "named", "answers"),
    [
        ("127.0.0.1", (), "localhost:99", True),
        ("127.0.0.1", (), "192.168.1.5:3333", False),
        ("127.0.0.1", (), "evil.example", False),
        ("127.0.0.1", ("bots.example",), "bots.example:8443", True),
        ("127.0.0.1", ("bots.example:8443",), "bots.example:8443", True),
        ("127.0.0.1", ("bots.example:8443",), "bots.example", False),
        ("127.0.0.1", ("bots.example",), "evil.bots.example", False),
        ("192.168.1.5", (), "192.168.1.5:3333", True),
        ("0.0.0.0", (), "192.168.1.5:3333", True),
        ("0.0.0.0", (), "evil.example:3333", False),
        ("::", (), "[fd00::5]:3333", True),
        ("bots.internal", (), "BOTS.internal", True),
    ],
)
def test_answers_to_its_own_names(bound: str, allowed: tuple[str, ...], named: str, answers: bool) -> None:
    authority = parse_authority(named)
    assert authority is not None
    assert Guard(bound, lambda: allowed).answers_to(authority) is answers


async def test_refuses_a_foreign_host_everywhere() -> None:
    async with running_bot() as bot:
        for host in ("evil.example", "evil.example:3333", "", "localhost@evil.example", "2130706433"):
            for path in ("/", "/healthz", "/chat", "/api/bots/status", "/api/nothing", "/nothing"):
                answer = await bot.request("GET", path, headers={"Host": host})
                assert answer.status == 421, (host, path)
                assert answer.json["success"] is False
                assert "host not allowed" in answer.json["error"]
                assert answer.json["error"] == answer.json["detail"]


async def test_refuses_a_foreign_page() -> None:
    async with running_bot() as bot:
        for headers in EVIL_PAGES:
            for method, path in CALLS:
                answer = await bot.request(method, path, headers=headers)
                assert (answer.status, answer.json["success"]) == (403, False), (headers, path)
        assert bot.runtime.fleet.status("telegram")["running"] is True


async def test_lets_its_own_pages_and_programs_in() -> None:
    async with running_bot() as bot:
        for headers in OWN_PAGES:
            assert (await bot.request("GET", "/api/bots/status", headers=headers)).status == 200, headers


async def test_a_person_may_follow_a_link_to_the_page() -> None:
    async with running_bot() as bot:
        answer = await bot.request("GET", "/chat", headers={"Sec-Fetch-Site": "cross-site"}, key=False)
    assert answer.status == 200


async def test_a_listed_host_is_allowed_behind_a_proxy() -> None:
    config = "web: {enabled: false}\nadmin: {allowed_hosts: [bots.example]}\n"
    async with running_bot(config=config) as bot:
        direct = await bot.request("GET", "/api/bots/status", headers={"Host": "bots.example", "Origin": "https://bots.example"})
        rewritten = await bot.request("GET", "/api/bots/status", headers={"Origin": "https://bots.example"})
        other = await bot.request("GET", "/api/bots/status", headers={"Origin": "https://other.example"})
    assert (direct.status, rewritten.status, other.status) == (200, 200, 403)
