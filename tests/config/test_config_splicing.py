"""An edit changes the one place that it is about, whatever form the owner gave the file."""

from collections.abc import Callable

import pytest

from parachute_core.config.file import ConfigFile
from parachute_core.model.errors import ConfigError

MakeFile = Callable[..., ConfigFile]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("telegram:\n  allowed_users: [1, 2]\n", "telegram:\n  allowed_users: [1, 2, 77]\n"),
        ("telegram: {allowed_users: [ 1 ] }", "telegram: {allowed_users: [ 1, 77 ] }"),
        ("telegram:\n  allowed_users: []  # nobody\n", "telegram:\n  allowed_users: [77]  # nobody\n"),
        ("telegram:\n  allowed_users: null\n", "telegram:\n  allowed_users: [77]\n"),
        ("telegram:\n  allowed_users: # none\n  ack_emoji: x\n", "telegram:\n  allowed_users: [77] # none\n  ack_emoji: x\n"),
        ("telegram:\n  allowed_users:\n\n# end", "telegram:\n  allowed_users: [77]\n\n# end"),
        ("telegram:\n  allowed_users:\n  - 1\n  - 2", "telegram:\n  allowed_users:\n  - 1\n  - 2\n  - 77"),
        ("telegram:\n    allowed_users:\n      -  1 # a\n", "telegram:\n    allowed_users:\n      -  1 # a\n      -  77\n"),
        (
            "telegram:\n  allowed_users:\n    - 1\n    # between\n    - 2 # b\n    # after\nweb:\n",
            "telegram:\n  allowed_users:\n    - 1\n    # between\n    - 2 # b\n    - 77\n    # after\nweb:\n",
        ),
        ("telegram:\r\n  allowed_users:\r\n  - 1\r\nweb:\r\n", "telegram:\r\n  allowed_users:\r\n  - 1\r\n  - 77\r\nweb:\r\n"),
        ("telegram:\r\n  enabled: true", "telegram:\r\n  enabled: true\r\n  allowed_users: [77]"),
        (
            "telegram:\n  allowed_users: [\n    1, # one, first\n    2, # two\n  ]\n",
            "telegram:\n  allowed_users: [\n    1, # one, first\n    2, 77, # two\n  ]\n",
        ),
        ("telegram:\n  enabled: true\n  # note\nweb:\n", "telegram:\n  enabled: true\n  allowed_users: [77]\n  # note\nweb:\n"),
        ("telegram: # t\n  # note\nweb:\n", "telegram: # t\n  allowed_users: [77]\n  # note\nweb:\n"),
        ("telegram:", "telegram:\n  allowed_users: [77]"),
        ("telegram: {}\n", "telegram: {allowed_users: [77]}\n"),
        ("telegram: ~\n", "telegram: {allowed_users: [77]}\n"),
        ("telegram: {enabled: true,}\n", "telegram: {enabled: true, allowed_users: [77],}\n"),
        (
            "web:\n    enabled: true\n    # of the web\n",
            "web:\n    enabled: true\n    # of the web\ntelegram:\n    allowed_users: [77]\n",
        ),
        ("web: {enabled: true}", "web: {enabled: true}\ntelegram:\n  allowed_users: [77]\n"),
        ("---\nweb: {}\n...\n# after\n", "---\nweb: {}\ntelegram:\n  allowed_users: [77]\n...\n# after\n"),
        ("{web: {enabled: true}}\n", "{web: {enabled: true}, telegram: {allowed_users: [77]}}\n"),
        ('{"telegram": {"allowed_users": ["1"]}}', '{"telegram": {"allowed_users": ["1", 77]}}'),
        ("{}", "{telegram: {allowed_users: [77]}}"),
        ("\ufeffweb: {}\n", "\ufeffweb: {}\ntelegram:\n  allowed_users: [77]\n"),
        ("  web: {}\n", "  web: {}\n  telegram:\n    allowed_users: [77]\n"),
        (
            "telegram:\n  bot_token: |\n    abc\n  enabled: true\n  device: x\n".replace("  device: x\n", ""),
            "telegram:\n  bot_token: |\n    abc\n  enabled: true\n  allowed_users: [77]\n",
        ),
        (
            "telegram:\n  enabled: true\n  bot_token: |\n    abc\n",
            "telegram:\n  enabled: true\n  allowed_users: [77]\n  bot_token: |\n    abc\n",
        ),
        (
            "plugins: {retry: &r {jitter: 0}, x: *r}\ntelegram:\n  allowed_users: [1]\n",
            "plugins: {retry: &r {jitter: 0}, x: *r}\ntelegram:\n  allowed_users: [1, 77]\n",
        ),
        ("telegram: !!map\n  allowed_users: !!seq [1]\n", "telegram: !!map\n  allowed_users: !!seq [1, 77]\n"),
        ("'telegram':\n  'allowed_users':\n  - 1\n", "'telegram':\n  'allowed_users':\n  - 1\n  - 77\n"),
    ],
)
def test_adding_touches_nothing_else(config_file: MakeFile, before: str, after: str) -> None:
    file = config_file(before)
    loaded = file.add_allowed("telegram", "77")
    assert file.path.read_bytes().decode() == after
    assert loaded.config.telegram
    assert "77" in loaded.config.telegram.allowed_users
    assert file.load().revision == loaded.revision
    assert file.remove_allowed("telegram", "77")
    assert file.current.config.telegram
    assert "77" not in file.current.config.telegram.allowed_users


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[77]", "[]"),
        ("[1, 77]", "[1]"),
        ("[77, 1]", "[1]"),
        ("[1,77,2]", "[1,2]"),
        ("[1, 77, 2, '77', 3]", "[1, 2, 3]"),
        ("[77, 77]", "[]"),
        ("[1, 77,]", "[1,]"),
        ("[ 77, ]", "[ ]"),
        ("[\n    77, # x, y\n    1\n  ]", "[\n     # x, y\n    1\n  ]"),
        ("[\n    1, # a\n    77 # b\n  ]", "[\n    1, # a\n     # b\n  ]"),
        ("[\n    1,\n    77\n  ]", "[\n    1,\n  ]"),
        ("[\n    1,\n    77,\n    2\n  ]", "[\n    1,\n    2\n  ]"),
        ("[\n    1\n    , 77\n    , 2\n  ]", "[\n    1\n    , 2\n  ]"),
        ("[77 # x, y\n  , 1]", "[ # x, y\n   1]"),
        ("\n  - 77", " []"),
        ("  # c\n  - 77\n  # d\n", " []  # c\n  # d\n"),
        ("\n  - 1\n  - 77", "\n  - 1"),
        ("\r\n  - 1\r\n  - 77", "\r\n  - 1"),
        ("\r\n  - 77", " []"),
        ("\n  - 77\n  - 1", "\n  - 1"),
        ("\n  - 1\n  - 77  # note\n  - 2\n", "\n  - 1\n  # note\n  - 2\n"),
        ("\n    # head\n    - '77'\n    # tail\n    - 1\n", "\n    # head\n    # tail\n    - 1\n"),
        ("\r\n  - 1\r\n  - 77\r\n", "\r\n  - 1\r\n"),
    ],
)
def test_removing_takes_the_item_and_leaves_every_comment(config_file: MakeFile, before: str, after: str) -> None:
    file = config_file(f"telegram:\n  allowed_users:{' ' if before[0] == '[' else ''}{before}")
    assert file.remove_allowed("telegram", "77")
    assert file.path.read_bytes().decode() == f"telegram:\n  allowed_users:{' ' if after[0] == '[' else ''}{after}"


@pytest.mark.parametrize(
    "text",
    [
        "telegram: &t\n  allowed_users: [1]\ndiscord: *t\n",
        "telegram:\n  allowed_users: &l [1]\ndiscord:\n  allowed_users: *l\n",
        "discord:\n  allowed_users: &l [1]\ntelegram:\n  allowed_users: *l\n",
        "discord: &b\n  allowed_users: [1]\ntelegram:\n  <<: *b\n",
        "discord: &b\n  allowed_users: [1]\ntelegram:\n  <<: *b\n  enabled: true\n",
        "discord: &b {allowed_users: [1]}\ntelegram: *b\n",
        "discord: {allowed_users: [&one 1]}\ntelegram: {allowed_users: [*one]}\n",
        "telegram:\n  allowed_users:\n  - # first\n    1\n",
        "? telegram\n: allowed_users: [1]\n  ack_emoji: |\n    x\n".replace("allowed_users: [1]\n  ", ""),
        "telegram:\n  bot_token: >\n    abc\n",
        "telegram:\n  allowed_users: &empty\ndiscord:\n  allowed_users: *empty\n",
    ],
)
def test_what_cannot_be_edited_safely_is_left_alone(config_file: MakeFile, text: str) -> None:
    file = config_file(text)
    file.load()
    with pytest.raises(ConfigError, match=r"bots\.yaml:\d+:\d+: .*\n?.*(changed|edited)"):
        file.add_allowed("telegram", "77")
    assert file.path.read_text() == text
    assert sorted(one.name for one in file.path.parent.iterdir()) == ["bots.yaml", "bots.yaml.lock"]


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("discord: {allowed_users: [&one 1]}\ntelegram: {allowed_users: [*one]}\n", "1"),
        ("telegram:\n  allowed_users: &l\n  - 1\ndiscord:\n  allowed_users: [2]\n", "1"),
    ],
)
def test_a_removal_that_is_not_safe_is_refused_too(config_file: MakeFile, text: str, user: str) -> None:
    file = config_file(text)
    with pytest.raises(ConfigError):
        file.remove_allowed("telegram", user)
    assert file.path.read_text() == text


@pytest.mark.parametrize(
    ("platform", "user", "line"),
    [
        ("telegram", "5", "allowed_users: [5]"),
        ("discord", "123456789012345678", 'allowed_users: ["123456789012345678"]'),
        ("matrix", "@u:example.org", 'allowed_users: ["@u:example.org"]'),
        ("matrix", "!r:example.org", 'allowed_rooms: ["!r:example.org"]'),
        ("matrix", "#a:example.org", 'allowed_rooms: ["#a:example.org"]'),
        ("web", "web-Ab_1", 'allowed_users: ["web-Ab_1"]'),
        ("web", 'a"b\\c: #x,[]{}', None),
        ("web", 'a"b\\c:#,[]{}é\u00a0'.strip(), 'allowed_users: ["a\\"b\\\\c:#,[]{}é"]'),
    ],
)
def test_each_platform_has_its_form(config_file: MakeFile, platform: str, user: str, line: str | None) -> None:
    file = config_file("admin: {}\n")
    if line is None:
        with pytest.raises(ConfigError, match="expected an id without spaces"):
            file.add_allowed(platform, user)
        return
    loaded = file.add_allowed(platform, user)
    assert file.path.read_text() == f"admin: {{}}\n{platform}:\n  {line}\n"
    assert loaded.config.sections()[platform].allowed_ids == (user,)
    assert file.remove_allowed(platform, user)


@pytest.mark.parametrize(
    ("platform", "user"),
    [
        ("telegram", "@bob"),
        ("telegram", "5 "),
        ("telegram", "05"),
        ("telegram", "٣"),
        ("telegram", ""),
        ("discord", "bob#1"),
        ("discord", "-5"),
        ("matrix", "bob"),
        ("matrix", "@bob"),
        ("matrix", "@bob:x\n- y"),
        ("web", ""),
        ("web", "a\x00b"),
        ("irc", "bob"),
    ],
)
def test_an_id_that_does_not_fit_is_refused(config_file: MakeFile, platform: str, user: str) -> None:
    file = config_file("web: {}\n")
    with pytest.raises(ConfigError):
        file.add_allowed(platform, user)
    assert file.path.read_text() == "web: {}\n"


def test_nothing_is_written_when_there_is_nothing_to_do(config_file: MakeFile) -> None:
    file = config_file("telegram: {allowed_users: ['5']}\n")
    before = file.path.stat()
    assert file.add_allowed("telegram", "5").config.telegram
    assert not file.remove_allowed("telegram", "6")
    assert not file.remove_allowed("discord", "6")
    assert not file.remove_allowed("irc", "6")
    file.update({"telegram": {"allowed_users": [5], "enabled": False, "bot_token": ""}, "discord": {"enabled": False, "allowed_users": []}})
    after = file.path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("text", ["telegram: [", "telegram: {enabled: 3}\n", "", "telegramm: {}\n", "telegram:\n\tx: 1\n"])
def test_a_file_that_is_not_valid_is_never_written_over(config_file: MakeFile, text: str) -> None:
    file = config_file(text)
    for change in (
        lambda: file.add_allowed("telegram", "5"),
        lambda: file.remove_allowed("telegram", "5"),
        lambda: file.update({"telegram": {"enabled": True}}),
    ):
        with pytest.raises(ConfigError):
            change()
    assert file.path.read_text() == text
