"""Over random layouts: adding and removing gives the data that was meant and keeps every word of the owner."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from parachute_core.config.file import ConfigFile
from parachute_core.config.quote import write_value
from parachute_core.model.errors import ConfigError

USERS = st.lists(st.integers(1, 10**12).map(str), max_size=5, unique=True)
WORDS = st.text(st.sampled_from("ab ,:#[]{}'\"-&*${é👀"), max_size=8)


@contextmanager
def on_disk(text: str) -> Iterator[ConfigFile]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "bots.yaml"
        path.write_bytes(text.encode())
        path.chmod(0o600)
        yield ConfigFile(path, {})


@st.composite
def comments(draw: st.DrawFn) -> str:
    """Nothing, or a comment beside a value."""
    return draw(st.one_of(st.just(""), WORDS.map(lambda text: f"  # {text}".rstrip())))


@st.composite
def whole_lines(draw: st.DrawFn, indent: str) -> str:
    return "".join(f"{indent}# {one}".rstrip() + "\n" if one != "" else "\n" for one in draw(st.lists(WORDS, max_size=2)))


@st.composite
def user_lists(draw: st.DrawFn, indent: str, users: list[str]) -> str:
    """The key `allowed_users` with these users, in any form that an owner may write."""
    key = f"{indent}allowed_users:"
    if not users:
        return key + draw(st.sampled_from(["", " []", " null", " ~", " [ ]", " [\n  " + indent + "]"])) + draw(comments()) + "\n"
    items = [draw(st.sampled_from([one, f"'{one}'", f'"{one}"'])) for one in users]
    form = draw(st.sampled_from(["block", "line", "lines"]))
    if form == "line":
        end = draw(st.sampled_from(["", ",", " ", " ,"]))
        return f"{key} [{draw(st.sampled_from([',', ', ', ' , '])).join(items)}{end}]{draw(comments())}\n"
    deeper = indent + draw(st.sampled_from(["", "  ", "    "]))
    if form == "lines":
        deeper += "  "
        rows = [deeper + one + ("," if number < len(items) - 1 else draw(st.sampled_from(["", ","]))) for number, one in enumerate(items)]
        return (
            f"{key} [{draw(comments())}\n"
            + "".join(f"{row}{draw(comments())}\n{draw(whole_lines(deeper))}" for row in rows)
            + f"{deeper}]\n"
        )
    gap = draw(st.sampled_from([" ", "   "]))
    return key + draw(comments()) + "\n" + "".join(f"{draw(whole_lines(deeper))}{deeper}-{gap}{one}{draw(comments())}\n" for one in items)


@st.composite
def files(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A file and the users that it allows on Telegram."""
    users = draw(USERS)
    indent = draw(st.sampled_from(["  ", "    ", " "]))
    keys = [f"{indent}enabled: true{draw(comments())}\n", f"{indent}dm_trust_level: direct\n", f'{indent}ack_emoji: "x # y"\n']
    body = draw(st.lists(st.sampled_from(keys), max_size=3, unique=True))
    with_list = bool(users) or draw(st.booleans())
    if with_list:
        body.insert(draw(st.integers(0, len(body))), draw(user_lists(indent, users)))
    sections = [f"web:{draw(comments())}\n{draw(whole_lines(indent))}{indent}enabled: false\n", "plugins: {retry: {jitter: 0}}\n"]
    has_section = bool(body) or draw(st.booleans())
    if has_section:
        text = f"telegram:{draw(comments())}\n" + "".join(draw(whole_lines(indent)) + one for one in body)
        sections.insert(draw(st.integers(0, 2)), text)
    text = draw(whole_lines("")) + "".join(one + draw(whole_lines("")) for one in sections)
    if draw(st.booleans()):
        text = text.removesuffix("\n")
    return (text.replace("\n", "\r\n") if draw(st.booleans()) else text), users


def words(text: str) -> list[str]:
    """What the owner wrote in comments, in order."""
    found = []
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            found.append(line.strip())
        elif "  # " in line:
            found.append(line[line.index("  # ") + 2 :].strip())
        elif line.endswith("  #"):
            found.append("#")
    return found


def users_of(file: ConfigFile) -> list[str]:
    section = file.load().config.telegram
    return list(section.allowed_users) if section else []


@given(files(), st.integers(10**13, 10**14).map(str))
@settings(max_examples=150, deadline=None)
def test_adding_then_removing_gives_the_same_file_or_the_same_data(made: tuple[str, list[str]], user: str) -> None:
    text, users = made
    with on_disk(text) as file:
        assert users_of(file) == users
        file.add_allowed("telegram", user)
        assert users_of(file) == [*users, user]
        assert sorted(words(file.path.read_bytes().decode())) == sorted(words(text))
        assert file.remove_allowed("telegram", user)
        after = file.path.read_bytes().decode()
        assert users_of(file) == users
        assert words(after) == words(text)
        if users:
            assert after == text


@given(files(), st.data())
@settings(max_examples=150, deadline=None)
def test_removing_any_of_them_keeps_every_comment_and_the_others(made: tuple[str, list[str]], data: st.DataObject) -> None:
    text, users = made
    gone = data.draw(st.lists(st.sampled_from(users), unique=True)) if users else []
    stay = [one for one in users if one not in gone]
    with on_disk(text) as file:
        file.update({"telegram": {"allowed_users": stay}})
        after = file.path.read_bytes().decode()
        assert users_of(file) == stay
        assert words(after) == words(text)
        assert ("\r\n" in text) <= ("\n" not in after.replace("\r\n", ""))


@given(files(), st.text(max_size=20))
@settings(max_examples=150, deadline=None)
def test_any_text_is_written_so_that_it_is_read_back(made: tuple[str, list[str]], token: str) -> None:
    text, _ = made
    with on_disk(text) as file:
        try:
            loaded = file.update({"telegram": {"bot_token": token}})
        except ConfigError:
            assert file.path.read_bytes().decode() == text
            return
        section = loaded.config.telegram
        assert (section.bot_token if section else "") == token.strip()


@given(st.text(max_size=20).map(lambda text: text.encode(errors="replace").decode()))
@settings(max_examples=100, deadline=None)
def test_text_means_the_same_in_every_context(text: str) -> None:
    written = write_value(text.replace("${", "$${"))
    whole = f"plugins:\n  a:\n    x: {written}\n  b: {{x: {written}, y: [{written}, 1]}}\n"
    with on_disk(whole) as file:
        plugins = file.load().config.plugins
    assert plugins == {"a": {"x": text}, "b": {"x": text, "y": [text, 1]}}
