"""A client's PUT changes what the client changed, and nothing that somebody else did meanwhile."""

from collections.abc import Callable, Mapping

import pytest

from parachute_core.config.file import ConfigFile
from parachute_core.model.errors import ConfigError
from parachute_core.model.trust import TrustLevel

MakeFile = Callable[..., ConfigFile]
Lists = Mapping[str, Mapping[str, object]]


@pytest.mark.parametrize(
    ("present", "base", "sent", "result"),
    [
        ("[1, 2]", None, [1, 2, 3], "[1, 2, 3]"),
        ("[1, 2]", None, [2], "[2]"),
        ("[1, 2]", None, [], "[]"),
        ("[1, 2, 9]", [1, 2], [1, 2], "[1, 2, 9]"),
        ("[1, 2, 9]", [1, 2], [1, 3], "[1, 9, 3]"),
        ("[1]", [1, 2], [1, 2], "[1]"),
        ("[1]", [1], ["1", "1", 4, 4], "[1, 4]"),
        ("[1, 4]", [1], [1, 4], "[1, 4]"),
        ("[1]", [1, 2], [2], "[]"),
    ],
)
def test_lists_are_merged_against_what_the_client_had_read(
    config_file: MakeFile, present: str, base: list[int] | None, sent: list[object], result: str
) -> None:
    file = config_file(f"telegram:\n  allowed_users: {present} # ours\n")
    file.update({"telegram": {"allowed_users": sent}}, None if base is None else {"telegram": {"allowed_users": base}})
    assert file.path.read_text() == f"telegram:\n  allowed_users: {result} # ours\n"


def test_a_list_that_base_does_not_name_is_taken_from_the_file(config_file: MakeFile) -> None:
    file = config_file("matrix:\n  allowed_users: ['@a:x', '@b:x']\n  allowed_rooms: ['!r:x']\n")
    changes: Lists = {"matrix": {"allowed_users": ["@b:x"], "allowed_rooms": ["#s:x"]}}
    file.update(changes, {"matrix": {"allowed_rooms": []}})
    assert file.path.read_text() == "matrix:\n  allowed_users: ['@b:x']\n  allowed_rooms: ['!r:x', \"#s:x\"]\n"


def test_values_are_changed_in_place_and_missing_sections_are_made(config_file: MakeFile) -> None:
    file = config_file("# mine\nweb:\n  enabled: yes # on\n  dm_trust_level: Vault\n")
    loaded = file.update(
        {
            "web": {"enabled": False, "dm_trust_level": "direct", "group_trust_level": TrustLevel.DIRECT, "ack_emoji": "🪂"},
            "telegram": {"enabled": True, "bot_token": '1:a"\\b #c', "allowed_users": [5], "base_url": "http://localhost:8081/bot"},
            "discord": {"enabled": False, "allowed_users": [], "dm_trust_level": "sandboxed", "bot_token": None},
        }
    )
    assert file.path.read_text() == (
        '# mine\nweb:\n  enabled: false # on\n  dm_trust_level: Vault\n  group_trust_level: direct\n  ack_emoji: "🪂"\n'
        'telegram:\n  enabled: true\n  allowed_users: [5]\n  bot_token: "1:a\\"\\\\b #c"\n  base_url: "http://localhost:8081/bot"\n'
    )
    assert loaded.config.discord is None
    assert loaded.secrets == {'1:a"\\b #c'}


def test_an_empty_token_keeps_the_old_one_and_a_new_one_replaces_it(config_file: MakeFile) -> None:
    file = config_file("matrix:\n  access_token: ${M}\n", {"M": "old-token"})
    file.update({"matrix": {"access_token": ""}})
    file.update({"matrix": {"access_token": "old-token"}})
    assert file.path.read_text() == "matrix:\n  access_token: ${M}\n"
    file.update({"matrix": {"access_token": "true"}})
    assert file.path.read_text() == 'matrix:\n  access_token: "true"\n'


def test_an_optional_value_can_be_taken_away(config_file: MakeFile) -> None:
    file = config_file("telegram:\n  ack_emoji: x\n  base_url: http://a\n")
    loaded = file.update({"telegram": {"ack_emoji": "", "base_url": ""}})
    assert loaded.config.telegram
    assert (loaded.config.telegram.ack_emoji, loaded.config.telegram.base_url) == (None, None)


def test_a_value_that_the_client_had_read_does_not_undo_what_changed_meanwhile(config_file: MakeFile) -> None:
    file = config_file("web:\n  enabled: true\n  dm_trust_level: direct\n")
    file.update({"web": {"enabled": False, "dm_trust_level": "sandboxed"}}, {"web": {"enabled": False, "dm_trust_level": "direct"}})
    assert file.path.read_text() == "web:\n  enabled: true\n  dm_trust_level: sandboxed\n"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"web": {"dm_trust_level": "root"}}, "web.dm_trust_level: expected direct or sandboxed"),
        ({"web": {"enabled": "on"}}, "web.enabled: expected true or false"),
        ({"web": {"enable": True}}, "web.enable: unknown key (did you mean enabled?)"),
        ({"telegram": {"allowed_users": [1, "@bob"]}}, "telegram.allowed_users[1]: expected a numeric Telegram user id"),
        ({"admin": {"key": "x"}}, "admin: unknown section"),
        ({"discord": {"allowed_guilds": [1]}}, "discord.allowed_guilds: can only be changed by hand"),
    ],
)
def test_a_change_that_is_not_valid_changes_nothing(config_file: MakeFile, changes: Lists, said: str) -> None:
    file = config_file("web: {}\n")
    with pytest.raises(ConfigError) as caught:
        file.update({"matrix": {"enabled": True}, **changes})
    assert caught.value.problems[0].startswith(said)
    assert file.path.read_text() == "web: {}\n"


def test_long_lists_are_changed_in_one_go(config_file: MakeFile) -> None:
    users = "".join(f"    - {one} # user {one}\n" for one in range(1, 1001))
    file = config_file(f"telegram:\n  allowed_users:\n{users}")
    file.update({"telegram": {"allowed_users": [*range(501, 1001), *range(2001, 2501)]}})
    text = file.path.read_text()
    assert file.current.config.telegram
    assert len(file.current.config.telegram.allowed_users) == 1000
    assert text.count("#") == 1000
