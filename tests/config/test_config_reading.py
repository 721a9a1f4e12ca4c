"""What owners and older versions wrote is read with the meaning that they expect."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, ConfigDict

from parachute_core.config.file import ConfigFile
from parachute_core.config.read import read_config
from parachute_core.config.schema import MentionMode, PlatformSection, is_loopback
from parachute_core.model.errors import ConfigError
from parachute_core.model.trust import TrustLevel

MakeFile = Callable[..., ConfigFile]

OLD = {
    "telegram": {
        "enabled": True,
        "bot_token": "123456:ABC-DEF",
        "allowed_users": [12345, 67890],
        "default_trust_level": "vault",
        "dm_trust_level": "Full",
        "group_trust_level": "UNTRUSTED",
        "group_mention_mode": "all_messages",
        "ack_emoji": "👀",
    },
    "discord": {
        "enabled": False,
        "bot_token": "",
        "allowed_users": ["111222333444555666"],
        "allowed_guilds": ["99"],
        "default_trust_level": "sandboxed",
        "dm_trust_level": "trusted",
        "group_trust_level": "direct",
        "group_mention_mode": "mention_only",
        "ack_emoji": None,
    },
    "matrix": {
        "enabled": False,
        "homeserver_url": "",
        "user_id": "",
        "access_token": "",
        "device_id": "PARACHUTE01",
        "allowed_rooms": ["!r:example.org", "#a:example.org", "@ghost:example.org"],
        "dm_trust_level": "sandboxed",
        "group_trust_level": "sandboxed",
        "group_mention_mode": "mention_only",
        "ack_emoji": "👀",
    },
}


def test_the_file_of_the_original_loads_as_it_is(config_file: MakeFile) -> None:
    text = yaml.safe_dump(OLD)
    assert "\\U0001F440" in text
    loaded = config_file(text).load()
    telegram, discord, matrix = loaded.config.telegram, loaded.config.discord, loaded.config.matrix
    assert telegram is not None
    assert discord is not None
    assert matrix is not None
    assert telegram.allowed_users == ("12345", "67890")
    assert (telegram.dm_trust_level, telegram.group_trust_level) == (TrustLevel.DIRECT, TrustLevel.SANDBOXED)
    assert telegram.default_trust_level is TrustLevel.DIRECT
    assert (telegram.group_mention_mode, telegram.ack_emoji) == (MentionMode.ALL_MESSAGES, "👀")
    assert (discord.ack_emoji, discord.has_token) == (None, False)
    assert matrix.allowed_rooms == ("!r:example.org", "#a:example.org", "@ghost:example.org")
    assert list(loaded.config.sections()) == ["telegram", "discord", "matrix"]
    assert loaded.config.web is None
    assert len(loaded.warnings) == 2
    assert "discord.allowed_guilds: has no effect; it is kept" in loaded.warnings[0]
    assert "matrix.allowed_rooms: holds ids of users" in loaded.warnings[1]


def test_a_section_with_nothing_in_it_has_the_defaults(config_file: MakeFile) -> None:
    text = "telegram:\ndiscord: ~\nmatrix: {}\nweb:\norchestrator:\ntranscriber:\nplugins:\nrequired:\nadmin:\n"
    config = config_file(text).load().config
    assert all(not one.enabled and one.allowed_ids == () for one in config.sections().values())
    assert (config.orchestrator.use, config.transcriber, config.plugins, config.required) == ("echo", None, {}, ())
    assert (config.admin.host, config.admin.port, config.admin.key) == ("127.0.0.1", 3333, None)
    assert config.telegram
    assert (config.telegram.bot_token, config.telegram.base_url, config.telegram.ack_emoji) == ("", None, "👀")
    assert config.web
    assert config.web.has_token


def test_keys_with_nothing_behind_them_are_empty_but_trust_is_not(config_file: MakeFile) -> None:
    config = config_file("telegram:\n  bot_token:\n  allowed_users:\n  ack_emoji: ''\n  base_url:\n").load().config
    assert config.telegram
    assert (config.telegram.bot_token, config.telegram.allowed_users, config.telegram.ack_emoji) == ("", (), None)


def test_ids_are_text_whatever_they_were_and_stand_there_once(config_file: MakeFile) -> None:
    text = "telegram: {allowed_users: [5, '5', ' 6 ', -100123]}\ndiscord: {allowed_users: [123456789012345678, '9']}\n"
    config = config_file(text).load().config
    assert config.telegram
    assert config.telegram.allowed_users == ("5", "6", "-100123")
    assert config.discord
    assert config.discord.allowed_users == ("123456789012345678", "9")


def test_matrix_takes_users_and_rooms_and_both_are_allowed(config_file: MakeFile) -> None:
    text = "matrix: {allowed_users: ['@a:b.c'], allowed_rooms: ['!x:b.c', '#y:b.c', '!newer-rooms-have-no-server']}\n"
    config = config_file(text).load().config
    assert config.matrix
    assert config.matrix.allowed_ids == ("@a:b.c", "!x:b.c", "#y:b.c", "!newer-rooms-have-no-server")


def test_a_transcriber_is_there_when_it_is_named(config_file: MakeFile) -> None:
    config = config_file("transcriber: {use: command, argv: [c]}\n").load().config
    assert config.transcriber
    assert (config.transcriber.use, config.transcriber.settings) == ("command", {"argv": ["c"]})
    assert config_file("transcriber: {}\n").load().config.transcriber is None


def test_settings_of_plugins_and_of_the_orchestrator_stay_as_they_are(config_file: MakeFile) -> None:
    text = "orchestrator: {use: command, argv: [a, b]}\nplugins: {zeta: {x: [1, {y: z}]}, alpha: , retry: {enabled: false}}\n"
    config = config_file(text).load().config
    assert config.orchestrator.settings == {"argv": ["a", "b"]}
    assert list(config.plugins.items()) == [("zeta", {"x": [1, {"y": "z"}]}), ("alpha", None), ("retry", {"enabled": False})]


def test_anchors_and_merge_keys_are_understood(config_file: MakeFile) -> None:
    text = "telegram: &base\n  enabled: false\n  ack_emoji: x\ndiscord:\n  <<: *base\n  enabled: true\n"
    config = config_file(text).load().config
    assert config.discord
    assert (config.discord.enabled, config.discord.ack_emoji) == (True, "x")


def test_numbers_and_dates_that_yaml_would_change_stay_text(config_file: MakeFile) -> None:
    text = "plugins: {x: {a: 010, b: 1:30, c: 2024-01-02, d: 1_000, e: 12, f: 1.5, g: -.inf, h: 0x10, i: 1e3}}\n"
    settings = config_file(text).load().config.plugins["x"]
    wanted = {"a": "010", "b": "1:30", "c": "2024-01-02", "d": "1_000", "e": 12, "f": 1.5, "g": float("-inf"), "h": "0x10", "i": "1e3"}
    assert settings == wanted


def test_a_section_of_another_distribution_is_checked_by_its_own_model(tmp_path: Path) -> None:
    class IrcSection(PlatformSection):
        nick: str = "bot"

    path = tmp_path / "bots.yaml"
    path.write_text("irc: {enabled: true, nick: fred, allowed_users: [joe, 7]}\n")
    path.chmod(0o600)
    loaded = read_config(path, {}, {"irc": IrcSection})
    section = loaded.config.sections()["irc"]
    assert isinstance(section, IrcSection)
    assert (section.nick, section.allowed_users) == ("fred", ("joe", "7"))
    path.write_text("irc: {nic: fred}\n")
    with pytest.raises(ConfigError, match=r"bots.yaml:1:7: irc.nic: unknown key \(did you mean nick\?\)"):
        read_config(path, {}, {"irc": IrcSection})
    with pytest.raises(ConfigError, match="irc: unknown section"):
        read_config(path, {})


def test_the_revision_follows_the_bytes(config_file: MakeFile) -> None:
    file = config_file("web: {}\n")
    first = file.load().revision
    assert file.load().revision == first
    file.path.write_text("web: {} \n")
    assert file.load().revision != first


def test_a_file_that_others_can_read_is_pointed_out(config_file: MakeFile) -> None:
    file = config_file("web: {}\n")
    assert file.load().warnings == ()
    file.path.chmod(0o644)
    assert "other users of this machine can read it (mode 0644)" in file.load().warnings[0]


def test_a_platform_that_is_on_without_a_token_is_pointed_out(config_file: MakeFile) -> None:
    assert config_file("telegram: {enabled: true}\nweb: {enabled: true}\n").load().warnings == (
        "bots.yaml:1:12: telegram.enabled: is on, but bot_token is empty: it cannot be started",
    )


@pytest.mark.parametrize(
    ("host", "answer"),
    [("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False), ("bot.lan", False)],
)
def test_loopback(host: str, answer: bool) -> None:
    assert is_loopback(host) is answer


def test_another_address_needs_the_key_too(config_file: MakeFile) -> None:
    bare = config_file("admin: {port: 1}\n").load().config.admin
    assert bare.at(None) == bare
    assert bare.at("::1").host == "::1"
    with pytest.raises(ConfigError, match=r"set admin\.key"):
        bare.at("0.0.0.0")
    keyed = config_file("admin: {host: 0.0.0.0, key: 0123456789abcdef}\n").load().config.admin
    assert keyed.at("10.0.0.1").host == "10.0.0.1"


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    size: int = 1


class Settings(BaseModel):
    limit: int = 10
    inner: Inner = Inner()
    tags: list[int] = []


def test_a_part_is_validated_by_a_model_of_somebody_else(config_file: MakeFile) -> None:
    text = "plugins:\n  a: {enabled: false, limit: 3}\n  b:\n    limt: x\n    limit: many\n    inner: {sise: 2}\n    tags: [1, x]\n"
    document = config_file(text).load().document
    assert document.validate(Settings, "plugins", "a").limit == 3
    assert document.validate(Settings, "plugins", "not-there") == Settings()
    with pytest.raises(ConfigError) as caught:
        document.validate(Settings, "plugins", "b")
    assert caught.value.problems == (
        "bots.yaml:4:5: plugins.b.limt: unknown key (did you mean limit?)",
        "bots.yaml:5:5: plugins.b.limit: expected a whole number",
        "bots.yaml:6:13: plugins.b.inner.sise: unknown key (did you mean size?)",
        "bots.yaml:7:15: plugins.b.tags[1]: expected a whole number",
    )


def test_where_gives_the_place_or_the_nearest_one_above(config_file: MakeFile) -> None:
    document = config_file("web:\n  allowed_users:\n  - a\n  -  b\n").load().document
    assert document.where("web", "allowed_users") == "bots.yaml:2:3"
    assert document.where("web", "allowed_users", 1) == "bots.yaml:4:6"
    assert document.where("web", "enabled") == "bots.yaml:1:1"
    assert document.where("plugins", "x") == "bots.yaml:1:1"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://bot.example.org", "https://bot.example.org"),
        ("https://bot.example.org:8443/telegram", "https://bot.example.org:8443/telegram"),
        ("http://127.0.0.1:3333", "http://127.0.0.1:3333"),
        ("http://localhost:3333", "http://localhost:3333"),
        ("''", None),
    ],
)
def test_where_telegram_brings_updates(config_file: MakeFile, written: str, read: str | None) -> None:
    section = config_file(f"telegram:\n  webhook_url: {written}\n").load().config.telegram
    assert section is not None
    assert section.webhook_url == read
