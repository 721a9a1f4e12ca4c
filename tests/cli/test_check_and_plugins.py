"""`check` and `plugins`: everything is looked at, nothing is started."""

import json
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from parachute_core.cli import main
from parachute_core.testing import fake_distribution


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: socket.socket, address: Any) -> None:
        raise AssertionError(f"connected to {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)], env={"NO_COLOR": "1"})


def test_a_config_that_is_fine(home: Path) -> None:
    before = {one.name: one.read_bytes() for one in home.iterdir()}
    done = invoke("check", "--home", home)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "pairing" in done.stdout
    assert {one.name: one.read_bytes() for one in home.iterdir()} == before


def test_every_problem_is_told_with_its_place(home: Path) -> None:
    (home / "bots.yaml").write_text(
        "web:\n  enabled: true\norchestrator:\n  use: ehco\nplugins:\n  ratelimit: {limits: 3}\n  pairing: {ttl: 2}\n  nonsense: {}\n"
    )
    done = invoke("check", "--home", home, "--json")
    assert done.exit_code == 78
    told = json.loads(done.stdout)
    assert told["ok"] is False
    assert [line for line in done.stderr.splitlines() if line.startswith("error: ")] == [f"error: {one}" for one in told["problems"]]
    for place, word in (("bots.yaml:4:", "echo"), ("bots.yaml:6:", "limits"), ("bots.yaml:7:", "ttl"), ("bots.yaml:8:", "nonsense")):
        assert [one for one in told["problems"] if one.startswith(place) and word in one], (place, told["problems"])


def test_what_is_wrong_with_the_transcriber_is_told_with_its_place(home: Path) -> None:
    text = (home / "bots.yaml").read_text()
    for section, problem in (
        ("{use: command, argv: [no-such-listener]}", "bots.yaml:9:29: transcriber.argv: 'no-such-listener' is not an executable file"),
        (f"{{use: command, argv: [{sys.executable}], argvs: x}}", "transcriber.argvs: unknown key (did you mean argv?)"),
        (f"{{use: command, argv: [{sys.executable}], timeout: 121}}", "transcriber.timeout: expected less than or equal to 120"),
        ("{use: comand}", "bots.yaml:9:15: transcriber.use: no transcriber named 'comand' is installed (did you mean 'command'?)"),
    ):
        (home / "bots.yaml").write_text(f"{text}transcriber: {section}\n")
        done = invoke("check", "--home", home)
        assert done.exit_code == 78
        assert problem in done.stderr
        # Also when something before it is wrong, and once only.
        (home / "bots.yaml").write_text(f"{text}transcriber: {section}\n".replace("use: echo", "use: ehco"))
        done = invoke("check", "--home", home)
        assert (done.stderr.count(problem), done.stderr.count("did you mean 'echo'?")) == (1, 1)
    (home / "bots.yaml").write_text(f"{text}transcriber: {{use: command, argv: [{sys.executable}]}}\n")
    assert invoke("check", "--home", home).exit_code == 0


def test_problems_of_the_sections_come_all_at_once(home: Path) -> None:
    (home / "bots.yaml").write_text("web: {enabled: 7}\ntelegram: {enabled: true, bot_tokn: x}\nadmin: {port: high}\n")
    done = invoke("check", "--home", home)
    assert (done.exit_code, done.stdout) == (78, "")
    assert {line.split(":")[2] for line in done.stderr.splitlines() if line.startswith("error: bots.yaml:")} == {"1", "2", "3"}


def test_a_platform_without_a_connector_is_a_problem(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import parachute_core.cli.examine as examine

    monkeypatch.setattr(examine, "entry_points", lambda group: ())
    done = invoke("check", "--home", home)
    assert done.exit_code == 78
    assert "error: bots.yaml:2:1: web: is enabled, and no connector for it is installed" in done.stderr


def test_no_config_is_a_problem(tmp_path: Path) -> None:
    done = invoke("check", "--home", tmp_path / "nowhere")
    assert done.exit_code == 78
    assert "no such file" in done.stderr
    assert not (tmp_path / "nowhere").exists()


def test_secrets_are_not_told(home: Path) -> None:
    (home / "bots.yaml").write_text(
        "telegram: {enabled: true, bot_token: '123456:very-secret-token'}\nadmin: {key: 'another-very-secret'}\n"
    )
    done = invoke("check", "--home", home, "--json")
    assert "very-secret" not in done.output


def test_a_plugin_that_cannot_be_imported_is_named(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_distribution(
        tmp_path / "site",
        "parachute-broken",
        "3.2.1",
        {"parachute_core.plugins": {"broken": "broken_plugin_of_check:make_plugin"}},
        {"broken_plugin_of_check": "1 / 0"},
    )
    monkeypatch.syspath_prepend(tmp_path / "site")
    for command in ("check", "plugins"):
        done = invoke(command, "--home", home)
        assert done.exit_code == 78
        assert "broken" in done.stderr
        assert "parachute-broken 3.2.1" in done.stderr


def test_plugins_shows_order_distribution_and_what_is_off(home: Path) -> None:
    with (home / "bots.yaml").open("a") as config:
        config.write("  ratelimit: {}\n  strictstate: {enabled: false}\n")
    told = json.loads(invoke("plugins", "--home", home, "--json").stdout)
    on = [one["name"] for one in told["plugins"] if one["enabled"]]
    assert on[:2] == ["pairing", "ratelimit"]
    off = [one for one in told["plugins"] if not one["enabled"]]
    assert [(one["name"], one["distribution"]) for one in off] == [("strictstate", "parachute-strictstate")]
    assert told["order"]["before_dispatch"][:2] == ["pairing", "ratelimit"]
    text = invoke("plugins", "--home", home)
    assert (text.exit_code, text.stderr) == (0, "")
    assert "parachute-strictstate" in text.stdout
    assert "before_dispatch" in text.stdout


def test_plugins_before_the_first_run_shows_what_it_would_have(tmp_path: Path) -> None:
    done = invoke("plugins", "--home", tmp_path / "nowhere", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["plugins"][0]["name"] == "ratelimit"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("group", ["plugins", "sessions", "deliveries"])
def test_a_command_that_there_is_not_is_told_as_such(group: str) -> None:
    done = invoke(group, "lsit")
    assert done.exit_code == 2
    assert "No such command 'lsit'" in done.stderr
