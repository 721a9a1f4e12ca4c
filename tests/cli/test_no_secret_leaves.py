"""Known secrets are planted wherever the bot can have some; then everything that leaves the process is searched for them."""

import http.client
import http.server
import json
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

Start = Callable[..., Any]

TELEGRAM = "7654321:AAplanted-telegram-token-0123456789ab"
DISCORD = "MTplanted.discord.token-0123456789abcdef"
MATRIX = "syt_planted_matrix_token_0123456789"
KEY = "para_planted-admin-key-0123456789abcdef"
AGENT_KEY = "sk-ant-planted-api-key-0123456789abcdef"
SECRETS = (TELEGRAM, DISCORD, MATRIX, KEY)

AGENT = """
import json, os, sys
question = json.load(sys.stdin)
print(json.dumps({"type": "text", "delta": question["text"] + " " + json.dumps(dict(os.environ))}))
print(json.dumps({"type": "done"}))
print("to stderr: " + question["text"], file=sys.stderr)
"""

CONFIG = """
telegram: {{enabled: true, bot_token: "${{PLANTED_TELEGRAM}}", allowed_users: [1]}}
discord: {{enabled: true, bot_token: "${{file:{secret_file}}}"}}
matrix: {{enabled: true, homeserver_url: "http://127.0.0.1:9", user_id: "@bot:localhost", access_token: {matrix}}}
web: {{enabled: true}}
orchestrator: {{use: command, argv: [{python}, {agent}]}}
admin: {{key: {key}}}
"""


def requests_of_all_kinds() -> list[tuple[str, str, Any]]:
    """Every route, and every secret in every place where a client could put it."""
    routes: list[tuple[str, str, Any]] = [
        ("GET", path, None)
        for path in (
            "/",
            "/chat",
            "/healthz",
            "/readyz",
            "/api/health",
            "/api/openapi.json",
            "/api/bots/status",
            "/api/bots/config",
            "/api/bots/pairing",
            "/api/bots/pairing/count",
            "/api/plugins",
            "/api/sessions",
            "/api/nothing",
        )
    ]
    for platform in ("telegram", "discord", "matrix", "web", "irc"):
        routes += [("POST", f"/api/bots/{platform}/{action}", None) for action in ("test", "stop", "start", "start")]
    for secret in SECRETS:
        routes += [
            ("GET", f"/api/{secret}", None),
            ("POST", f"/api/bots/{secret}/start", None),
            ("POST", f"/api/bots/pairing/{secret}/approve", {"trust_level": secret}),
            ("DELETE", f"/api/bots/pairing/telegram/{secret}", None),
            ("PUT", "/api/bots/config", {"telegram": {"bot_tokn": secret}}),
            ("PUT", "/api/bots/config", {"telegram": {"allowed_users": [secret]}}),
            ("PUT", "/api/bots/config", {"telegram": {"dm_trust_level": secret}}),
            ("PUT", "/api/bots/config", {"matrix": {"homeserver_url": secret, "enabled": secret}}),
        ]
    return routes


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_leaves_the_process(home: Path, tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    (tmp_path / "agent.py").write_text(AGENT)
    (tmp_path / "discord-token").write_text(DISCORD + "\n")
    monkeypatch.setenv("PLANTED_TELEGRAM", TELEGRAM)
    config = CONFIG.format(
        secret_file=tmp_path / "discord-token", matrix=MATRIX, python=sys.executable, agent=tmp_path / "agent.py", key=KEY
    )
    (home / "bots.yaml").write_text(config)
    bot = start(home, "--log-level", "debug", "--log-format", form).wait_until_up()
    left: list[str] = [json.dumps(bot.facts)]
    for method, path, body in requests_of_all_kinds():
        for key in (KEY, None, KEY + "x"):
            left.append(raw_request(bot, method, path, body, key))
    with connect(bot.facts["url"].replace("http", "ws") + "/chat/socket", origin=bot.facts["url"]) as socket:
        socket.send(json.dumps({"type": "hello", "token": None, "owner": bot.facts["owner_link"].partition("owner=")[2]}))
        socket.send(json.dumps({"type": "message", "text": "say after me: " + " ".join(SECRETS)}))
        socket.send(json.dumps({"type": TELEGRAM}))
        answered = False
        while not answered:
            left.append(str(socket.recv(60)))
            frame = json.loads(left[-1])
            answered = "PATH" in frame.get("text", "")
    assert bot.end(signal.SIGTERM) == 0
    left.append(bot.errors)
    assert len(bot.errors) > 500
    everything = "\n".join(left)
    assert "[redacted]" in everything
    assert [secret for secret in SECRETS if secret in everything or json.dumps(secret)[1:-1] in everything] == []


EVENTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("message_start", {"message": {"usage": {"input_tokens": 1, "output_tokens": 0}}}),
    ("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": f"your key is {AGENT_KEY}"}}),
    ("message_delta", {"delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}}),
    ("message_stop", {}),
)


class Indiscreet(http.server.BaseHTTPRequestHandler):
    """A service that says the key again, wherever it can: first it refuses it, then it answers."""

    refuses = True

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        refused, Indiscreet.refuses = Indiscreet.refuses, False
        error = json.dumps({"type": "error", "error": {"type": "authentication_error", "message": f"bad key {AGENT_KEY}"}})
        stream = "".join(f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n" for kind, fields in EVENTS)
        body = (error if refused else stream).encode()
        self.send_response(401 if refused else 200)
        self.send_header("Content-Type", "application/json" if refused else "text/event-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """It is quiet."""


def test_the_key_of_the_agents_service_does_not_leave_either(home: Path, start: Start, command: Callable[..., Any]) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Indiscreet) as service:
        threading.Thread(target=service.serve_forever, daemon=True).start()
        agent = {"use": "anthropic", "model": "m", "api_key": AGENT_KEY, "base_url": f"http://127.0.0.1:{service.server_port}"}
        (home / "bots.yaml").write_text(f"web: {{enabled: true}}\norchestrator: {json.dumps(agent)}\nadmin: {{key: {KEY}}}\n")
        bot = start(home, "--log-level", "debug").wait_until_up()
        left: list[str] = []
        with connect(bot.facts["url"].replace("http", "ws") + "/chat/socket", origin=bot.facts["url"]) as socket:
            socket.send(json.dumps({"type": "hello", "token": None, "owner": bot.facts["owner_link"].partition("owner=")[2]}))
            for awaited in ("not set up correctly", "your key is"):
                socket.send(json.dumps({"type": "message", "text": "hello"}))
                while awaited not in (left[-1] if left else ""):
                    left.append(str(socket.recv(60)))
        left += [raw_request(bot, "GET", path, None, KEY) for path in ("/api/bots/status", "/api/bots/config", "/api/audit")]
        left.append(command("status", "--home", home).stdout)
        assert bot.end(signal.SIGTERM) == 0
        service.shutdown()
    everything = "\n".join([*left, bot.errors])
    assert "your key is [redacted]" in everything
    assert "bad key [redacted]" in everything
    assert AGENT_KEY not in everything


def raw_request(bot: Any, method: str, path: str, body: Any, key: str | None) -> str:
    """Status, headers and body as they came."""
    headers = {"X-API-Key": key} if key else {}
    with closing(http.client.HTTPConnection(bot.facts["url"].removeprefix("http://"), timeout=60)) as connection:
        connection.request(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        return f"{answer.status} {answer.getheaders()} {answer.read().decode()}"
