"""`${NAME}` and `${file:}` are followed after parsing, and what they give is never written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from parachute_core.config.file import ConfigFile
from parachute_core.model.errors import ConfigError

MakeFile = Callable[..., ConfigFile]


def token(file: ConfigFile) -> str:
    section = file.load().config.telegram
    assert section
    return section.bot_token


def test_names_and_files_are_followed(config_file: MakeFile, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from-file\r\n")
    environ = {"NAME": "from: {env} # as it is", "A": "${B}"}
    assert token(config_file("telegram: {bot_token: '${NAME}'}", environ)) == "from: {env} # as it is"
    assert token(config_file("telegram:\n  bot_token: ${file:secret}", environ)) == "from-file"
    assert token(config_file(f"telegram:\n  bot_token: ${{file:{tmp_path}/secret}}", environ)) == "from-file"
    assert token(config_file("telegram:\n  bot_token: a-${A}-${file:secret}-$A", environ)) == "a-${B}-from-file-$A"
    assert token(config_file("telegram:\n  bot_token: $${NAME} $$", environ)) == "${NAME} $$"
    assert token(config_file("telegram:\n  bot_token: ${EMPTY}", {"EMPTY": ""})) == ""


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("${MISSING}", "the environment variable MISSING is not set"),
        ("${file:/nowhere/at/all}", "/nowhere/at/all cannot be read: No such file"),
        ("${file:.}", "is not a file"),
        ("${file:/dev/zero}", "is not a file"),
        ("${file:}", "not a reference"),
        ("${file:large}", "is larger than 64 KiB"),
        ("${file:binary}", "is not UTF-8 text"),
        ("${UNCLOSED", "a reference is not closed"),
        ("a ${", "a reference is not closed"),
        ("${}", "not a reference"),
        ("${1A}", "not a reference"),
        ("${A:-b}", "not a reference"),
        ("${A B}", "not a reference"),
    ],
)
def test_what_cannot_be_followed_is_an_error_with_its_place(config_file: MakeFile, tmp_path: Path, written: str, said: str) -> None:
    (tmp_path / "large").write_bytes(b"x" * 70_000)
    (tmp_path / "binary").write_bytes(b"\xff")
    file = config_file(f"telegram:\n  bot_token: '{written}'\nadmin:\n  port: '{written}'\n")
    with pytest.raises(ConfigError) as caught:
        file.load()
    assert len(caught.value.problems) == 2
    assert all(said in one for one in caught.value.problems)
    assert caught.value.problems[0].startswith("bots.yaml:2:3: telegram.bot_token: ")


def test_flags_numbers_and_ids_may_come_by_reference(config_file: MakeFile) -> None:
    environ = {"ON": "true", "PORT": "8080", "ME": "12345"}
    text = "web: {enabled: '${ON}'}\n"
    with pytest.raises(ConfigError, match="expected true or false"):
        config_file(text, environ).load()
    text = "web:\n  enabled: ${ON}\nadmin:\n  port: ${PORT}\ntelegram:\n  allowed_users:\n  - ${ME}\n"
    config = config_file(text, environ).load().config
    assert config.web
    assert config.web.enabled
    assert config.admin.port == 8080
    assert config.telegram
    assert config.telegram.allowed_users == ("12345",)


def test_every_secret_is_known_by_value_and_shown_by_nothing(config_file: MakeFile) -> None:
    text = (
        "telegram: {bot_token: telegram-token}\ndiscord: {bot_token: 'Bot ${D}'}\nmatrix: {access_token: syt_matrix, user_id: '${U}'}\n"
        "orchestrator: {use: anthropic, api_key: sk-model, model: opus, extra: {header: '${H}'}}\n"
        "transcriber: {use: cloud, api_key: sk-voice, env: {REGION: '${R}'}}\n"
        "plugins: {x: {webhook_secret: hush-hush, limit: 3}}\nadmin: {key: 0123456789abcdef}\n"
    )
    loaded = config_file(text, {"D": "discord-token", "U": "@me:a.b", "H": "header-token", "R": "region-token"}).load()
    secrets = {
        "telegram-token",
        "Bot discord-token",
        "discord-token",
        "syt_matrix",
        "sk-model",
        "header-token",
        "sk-voice",
        "region-token",
        "hush-hush",
        "0123456789abcdef",
    }
    assert loaded.secrets == secrets
    assert not [one for one in secrets if one in repr(loaded.config) or one in repr(loaded)]


def test_an_edit_leaves_references_as_they_are(config_file: MakeFile) -> None:
    file = config_file('telegram:\n  bot_token: ${T}\n  allowed_users: ["${ME}"]\n', {"T": "value", "ME": "5"})
    file.add_allowed("telegram", "5")
    file.add_allowed("telegram", "6")
    file.update({"telegram": {"bot_token": "value", "enabled": True}})
    assert file.path.read_text() == 'telegram:\n  bot_token: ${T}\n  allowed_users: ["${ME}", 6]\n  enabled: true\n'
    assert file.remove_allowed("telegram", "5")
    assert file.path.read_text() == "telegram:\n  bot_token: ${T}\n  allowed_users: [6]\n  enabled: true\n"


def test_what_is_written_never_becomes_a_reference(config_file: MakeFile) -> None:
    file = config_file("matrix: {}\n", {"HOME": "/root"})
    loaded = file.add_allowed("matrix", "@${HOME}:x")
    assert loaded.config.matrix
    assert loaded.config.matrix.allowed_users == ("@${HOME}:x",)
    loaded = file.update({"matrix": {"access_token": "${HOME}$${x"}})
    assert loaded.config.matrix
    assert loaded.config.matrix.access_token == "${HOME}$${x"
