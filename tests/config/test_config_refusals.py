"""What is wrong in the file is told with its place, all of it at once, and never with the value."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from parachute_core.config.file import ConfigFile
from parachute_core.config.read import read_config
from parachute_core.model.errors import ConfigError

MakeFile = Callable[..., ConfigFile]


def problems(file: ConfigFile) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        file.load()
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "bots.yaml:1:1: the file holds no settings"),
        ("# nothing but a comment\n", "bots.yaml:1:1: the file holds no settings"),
        ("null\n", "bots.yaml:1:1: the file holds no settings"),
        ("- telegram\n", "bots.yaml:1:1: expected sections at the top"),
        ("telegram\n", "bots.yaml:1:1: expected sections at the top"),
        ("web:\n\tenabled: true\n", "bots.yaml:2:1: not valid YAML: a tab; indent with spaces"),
        ("web: [\n", "bots.yaml:2:1: not valid YAML"),
        ("web: {}\n---\nweb: {}\n", "bots.yaml:2:1: not valid YAML"),
        ("web: {}\nx: \x07\n", "bots.yaml:2:4: the character U+0007"),
        ("web:\n  enabled: true\n  enabled: false\n", "bots.yaml:3:3: web.enabled: stands here twice; the first is on line 2"),
        ("web: {}\nweb: {}\n", "bots.yaml:2:1: web: stands here twice"),
        ("1: {}\n", "bots.yaml:1:1: a key must be text"),
        ("telegramm: {}\n", "bots.yaml:1:1: telegramm: unknown section (did you mean telegram?)"),
        ("web: true\n", "bots.yaml:1:1: web: expected keys with values"),
        ("web: []\n", "bots.yaml:1:1: web: expected keys with values"),
        ("web: !thing {}\n", "bots.yaml:1:6: web: the tag !thing is not supported"),
        ("web: !!python/object/apply:os.system [x]\n", "bots.yaml:1:6: web: the tag tag:yaml.org,2002:python/object/apply:os.system"),
        ("web:\n  enable: true\n", "bots.yaml:2:3: web.enable: unknown key (did you mean enabled?)"),
        ("web:\n  qqq: true\n", "bots.yaml:2:3: web.qqq: unknown key; known here: ack_emoji, allowed_users"),
        ("web: {enabled: 'yes'}\n", "bots.yaml:1:7: web.enabled: expected true or false"),
        ("web: {enabled: 1}\n", "bots.yaml:1:7: web.enabled: expected true or false"),
        ("telegram: {dm_trust_level: }\n", "bots.yaml:1:12: telegram.dm_trust_level: expected direct or sandboxed"),
        ("telegram: {group_trust_level: root}\n", "bots.yaml:1:12: telegram.group_trust_level: expected direct or sandboxed"),
        ("telegram: {group_mention_mode: all}\n", "bots.yaml:1:12: telegram.group_mention_mode: expected mention_only or all_messages"),
        ("telegram: {bot_token: 12345}\n", "bots.yaml:1:12: telegram.bot_token: expected text; write it in quotes"),
        ("telegram: {bot_token: [a]}\n", "bots.yaml:1:12: telegram.bot_token: expected text"),
        ("telegram: {base_url: localhost}\n", "bots.yaml:1:12: telegram.base_url: expected an address such as"),
        ("telegram: {base_url: 'http://a:99999'}\n", "bots.yaml:1:12: telegram.base_url: expected an address such as"),
        ("telegram: {webhook_url: bot.example.org}\n", "bots.yaml:1:12: telegram.webhook_url: expected an address such as"),
        ("telegram: {webhook_url: 'http://bot.example.org'}\n", "bots.yaml:1:12: telegram.webhook_url: expected an https address"),
        ("telegram: {webhook_url: 'http://127.0.0.1.example.org'}\n", "bots.yaml:1:12: telegram.webhook_url: expected an https address"),
        ("telegram: {webhook_url: 'https://a:b@bot.example.org'}\n", "bots.yaml:1:12: telegram.webhook_url: expected an address without"),
        ("telegram: {webhook_url: 'https://bot.example.org/#x'}\n", "bots.yaml:1:12: telegram.webhook_url: expected an address without"),
        ("telegram: {allowed_users: 5}\n", "bots.yaml:1:12: telegram.allowed_users: expected a list"),
        (
            "telegram:\n  allowed_users:\n  - 1\n  - '@bob'\n",
            "bots.yaml:4:5: telegram.allowed_users[1]: expected a numeric Telegram user id",
        ),
        ("telegram: {allowed_users: [1.5]}\n", "bots.yaml:1:28: telegram.allowed_users[0]: expected a numeric Telegram"),
        ("telegram: {allowed_users: [true]}\n", "bots.yaml:1:28: telegram.allowed_users[0]: expected a numeric Telegram"),
        ("telegram: {allowed_users: [010]}\n", "bots.yaml:1:28: telegram.allowed_users[0]: expected a numeric Telegram"),
        ("discord: {allowed_users: [bob#1]}\n", "bots.yaml:1:27: discord.allowed_users[0]: expected a numeric Discord"),
        (
            "matrix: {allowed_users: ['!r:s']}\n",
            "bots.yaml:1:26: matrix.allowed_users[0]: this is a room's id; rooms belong in allowed_rooms",
        ),
        ("matrix: {allowed_rooms: [room]}\n", "bots.yaml:1:26: matrix.allowed_rooms[0]: expected a Matrix room"),
        ("matrix: {homeserver_url: example.org}\n", "bots.yaml:1:10: matrix.homeserver_url: expected an address"),
        ("transcriber: {argv: [x]}\n", "bots.yaml:1:1: transcriber.use: is required"),
        ("transcriber: {use: ''}\n", "bots.yaml:1:15: transcriber.use: expected the name of a transcriber, such as command"),
        ("transcriber: false\n", "bots.yaml:1:1: transcriber: expected keys with values"),
        ("transcribers: {}\n", "bots.yaml:1:1: transcribers: unknown section (did you mean transcriber?)"),
        ("orchestrator: {use: }\n", "bots.yaml:1:16: orchestrator.use: expected the name of an orchestrator"),
        ("plugins: [ratelimit]\n", "bots.yaml:1:1: plugins: expected names of plugins with their settings"),
        ("plugins: {retry: false}\n", "bots.yaml:1:11: plugins.retry: expected settings, such as {enabled: false}"),
        ("plugins:\n  retry: {enabled: 0}\n", "bots.yaml:2:11: plugins.retry.enabled: expected true or false"),
        ("required: pairing\n", "bots.yaml:1:1: required: expected a list"),
        ("admin: {port: 70000}\n", "bots.yaml:1:9: admin.port: expected less than or equal to 65535"),
        ("admin: {port: true}\n", "bots.yaml:1:9: admin.port: expected a whole number"),
        ("admin: {host: ''}\n", "bots.yaml:1:9: admin.host: expected an address to listen on"),
        ("admin: {key: fifteen-letters}\n", "bots.yaml:1:9: admin.key: expected at least 16 ASCII characters"),
        ("admin: {host: 0.0.0.0}\n", "bots.yaml:1:9: admin.host: anyone on the network could reach 0.0.0.0: set admin.key"),
        ("admin: {host: '::'}\n", "bots.yaml:1:9: admin.host: anyone on the network"),
        ("admin: {host: bot.example.org}\n", "bots.yaml:1:9: admin.host: anyone on the network"),
    ],
)
def test_a_problem_has_its_place_and_says_what_was_expected(config_file: MakeFile, text: str, line: str) -> None:
    found = problems(config_file(text))
    assert len(found) == 1
    assert found[0].startswith(line)


def test_all_problems_are_told_at_once_in_the_order_of_the_file(config_file: MakeFile) -> None:
    text = (
        "telegram:\n  bot_token: ${NOWHERE}\n  alowed_users: [1]\n  dm_trust_level: none\n"
        "plugins:\n  retry: 5\nadmin: {port: -1}\nwep: {}\n"
    )
    found = problems(config_file(text))
    assert [one.split(": ")[0:2] for one in found] == [
        ["bots.yaml:2:3", "telegram.bot_token"],
        ["bots.yaml:3:3", "telegram.alowed_users"],
        ["bots.yaml:4:3", "telegram.dm_trust_level"],
        ["bots.yaml:6:3", "plugins.retry"],
        ["bots.yaml:7:9", "admin.port"],
        ["bots.yaml:8:1", "wep"],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "telegram: {bot_token: [SECRET-VALUE]}\n",
        "telegram:\n  bot_token: 'SECRET-VALUE\n",
        "telegram:\n  bot_token: SECRET-VALUE: x: y\n",
        "telegram: {bot_token: !SECRET x}\n".replace("!SECRET x", "SECRET-VALUE, enabled: SECRET-VALUE"),
        "admin: {key: ' SECRET-VALUE'}\n",
    ],
)
def test_no_value_stands_in_an_error(config_file: MakeFile, text: str) -> None:
    assert not any("SECRET-VALUE" in one for one in problems(config_file(text)))


def test_aliases_cannot_blow_up_or_turn_in_circles(config_file: MakeFile) -> None:
    levels = "".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 20)}]\n" for n in range(1, 9))
    assert "aliases that stand for too much" in problems(config_file("x0: &x0 [1]\n" + levels))[0]
    assert "nested too deeply" in problems(config_file("plugins: &x {a: *x}\n"))[0]
    assert "nested too deeply" in problems(config_file("plugins: " + "[" * 5000))[0]


def test_no_file_is_an_error_and_not_a_default(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        read_config(tmp_path / "bots.yaml", {})


def test_what_is_no_readable_text_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "bots.yaml"
    path.mkdir()
    with pytest.raises(ConfigError, match="not a file"):
        read_config(path, {})
    path.rmdir()
    os.mkfifo(path)
    with pytest.raises(ConfigError, match="not a file"):
        read_config(path, {})
    path.unlink()
    path.write_bytes(b"web: {}\n# caf\xe9\n")
    with pytest.raises(ConfigError, match=r"bots\.yaml:2:1: not UTF-8 text"):
        read_config(path, {})


def test_the_last_good_config_stays_when_the_file_goes_bad(config_file: MakeFile) -> None:
    file = config_file("web: {enabled: true}\n")
    with pytest.raises(ConfigError, match="was not read yet"):
        _ = file.current
    good = file.load()
    file.path.write_text("web: [")
    with pytest.raises(ConfigError):
        file.load()
    assert file.current is good
