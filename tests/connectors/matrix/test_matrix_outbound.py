"""What the bot sends, as the people in a room read it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parachute_core.connectors.matrix.connector import MAX_LENGTH
from parachute_core.connectors.matrix.content import edit, message
from parachute_core.connectors.matrix.markdown import MAX_HTML, json_units, render
from parachute_core.engine.splitting import split
from parachute_core.model.errors import NotDelivered, Rejected, Unreachable
from parachute_core.model.outgoing import CHAT_ITSELF, Place, SendKind
from parachute_core.testing.matrix import MatrixWorld
from tests.connectors.matrix.running import begun, connected, outgoing

EVENT = 65_536


@pytest.mark.parametrize(
    ("written", "plain", "html"),
    [
        ("just text", "just text", None),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4", None),
        ("two\nlines", "two\nlines", None),
        ("**bold** and *slanted*", "bold and slanted", "<p><strong>bold</strong> and <em>slanted</em></p>"),
        ("~~gone~~", "gone", "<p><del>gone</del></p>"),
        ("`a < b`", "a < b", "<p><code>a &lt; b</code></p>"),
        ("```python\nx = 1\n```", "x = 1", '<pre><code class="language-python">x = 1\n</code></pre>'),
        ("[here](https://a.example/b)", "here (https://a.example/b)", '<p><a href="https://a.example/b">here</a></p>'),
        ("[run](javascript:alert(1))", "[run](javascript:alert(1))", None),
        ("[run](data:text/html,x)", "[run](data:text/html,x)", None),
        ("<b>raw</b> & <script>x</script>", "<b>raw</b> & <script>x</script>", None),
        ("**x** <img src=x onerror=y>", "x <img src=x onerror=y>", "<p><strong>x</strong> &lt;img src=x onerror=y&gt;</p>"),
        ("- one\n- two", "- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
        ("1. one\n2. two", "1. one\n2. two", "<ol>\n<li>one</li>\n<li>two</li>\n</ol>"),
        ("- one\n- two\n\nafter", "- one\n- two\n\nafter", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n<p>after</p>"),
        ("- one\n  - in\n- two", "- one\n  - in\n- two", "<ul>\n<li>one\n<ul>\n<li>in</li>\n</ul>\n</li>\n<li>two</li>\n</ul>"),
        ("> quoted", "> quoted", "<blockquote>\n<p>quoted</p>\n</blockquote>"),
        ("# Title\n\ntext", "Title\n\ntext", "<h1>Title</h1>\n<p>text</p>"),
        ("**\n", "**", None),
        ("\u8fd9\u662f**\u91cd\u70b9**\u5185", "\u8fd9\u662f\u91cd\u70b9\u5185", "<p>\u8fd9\u662f<strong>\u91cd\u70b9</strong>\u5185</p>"),
        ("a\n\n\n\nb", "a\n\nb", None),
    ],
)
def test_both_bodies_say_the_same(written: str, plain: str, html: str | None) -> None:
    assert render(written) == (plain, html)


def test_what_follows_a_table_stands_apart_from_it() -> None:
    assert render("| a | b |\n|---|---|\n| 1 | 2 |\n\nafter").plain.split("\n\n")[-1] == "after"


@given(st.text(alphabet=st.sampled_from("*_`~[]()<>#>-1.!|\n ab&\"':/\u00e9\U0001f600\ud800"), max_size=300))
def test_no_text_breaks_the_rendering_or_brings_in_a_tag_of_its_own(text: str) -> None:
    rendered = render(text)
    allowed = {"p", "br", "strong", "em", "del", "code", "pre", "a", "ul", "ol", "li", "blockquote", "hr"}
    allowed |= {"table", "thead", "tbody", "tr", "th", "td", *(f"h{number}" for number in range(1, 7))}
    tags = {piece.split(">")[0].strip("/").split(" ")[0] for piece in (rendered.html or "").split("<")[1:]}
    assert tags <= allowed
    json.dumps(rendered).encode()


@pytest.mark.parametrize(
    "text",
    [
        "word " * 40_000,
        "\U0001f600" * 5000,
        "\u65e5\u672c " * 20_000,
        ">" * 60_000,
        "- " * 40_000,
        "*a* " * 8000,
        "`a`" * 20_000,
        '<>&"' * 20_000,
        "# a\n" * 5000,
        "[a](https://a.example) " * 5000,
        "```\n" + "x < y & z\n" * 9000 + "```",
        "a\n" * 8000,
        "\x00\x01" * 20_000,
    ],
)
def test_no_part_of_any_answer_is_too_large_for_an_event_also_encrypted_and_edited(text: str) -> None:
    for part in split(text, MAX_LENGTH, json_units):
        for content in (message(part, Place("$" + "r" * 43, "$" + "t" * 43)), edit(part, "$" + "e" * 43)):
            plaintext = json.dumps({"type": "m.room.message", "room_id": "!" + "r" * 43, "content": content})
            assert len(plaintext) * 4 / 3 + 3000 < EVENT
        assert json_units(render(part).html or "") <= MAX_HTML


async def test_a_long_answer_comes_in_parts_each_with_its_own_html(world: MatrixWorld) -> None:
    ann = await world.person()
    answer = "\n\n".join(f"**Point {number}** {'word ' * 300}" for number in range(40))
    async with connected(world) as bot:
        room = await begun(bot, world, ann)
        for number, part in enumerate(split(answer, MAX_LENGTH, json_units)):
            await bot.connector.send(outgoing(room, part, key=f"k.{number}"))
        await ann.until(lambda: "Point 39" in "".join(ann.texts(room, world.bot.user_id)))

    parts = ann.messages(room, world.bot.user_id)
    assert len(parts) > 3
    assert "".join("".join(one.text for one in parts).split()) == "".join(answer.replace("**", "").split())
    for one in parts:
        assert one.html is not None
        assert [one.html.count(f"<strong>Point {number}</strong>") for number in range(40)] == [
            one.text.count(f"Point {number} ") for number in range(40)
        ]


async def test_a_message_is_changed_and_stays_where_it_was(world: MatrixWorld) -> None:
    ann = await world.person()
    me = world.bot.user_id
    async with connected(world) as bot:
        room = await begun(bot, world, ann)
        receipt = await bot.connector.send(outgoing(room, "the *answer*"))
        edited = await bot.connector.send(outgoing(room, "the **answer** is 42", SendKind.EDIT, key="k2.0", target_id=receipt.message_id))
        await ann.reads(room, "the answer is 42", by=me)

    assert edited == receipt
    (shown,) = ann.messages(room, me)
    assert (shown.id, shown.html) == (receipt.message_id, "<p>the <strong>answer</strong> is 42</p>")


async def test_answers_stand_in_their_thread_and_beside_their_question(world: MatrixWorld) -> None:
    ann = await world.person()
    async with connected(world) as bot:
        room = await begun(bot, world, ann)
        root = await ann.say(room, "one")
        inner = await ann.say(room, "two", **{"m.relates_to": {"rel_type": "m.thread", "event_id": root}})
        places = [CHAT_ITSELF, Place(root), Place(None, root), Place(inner, root), Place("interaction-1", "nothing")]
        for number, place in enumerate(places):
            await bot.connector.send(outgoing(room, str(number), key=f"k.{number}", place=place))
        await ann.reads(room, "0", "1", "2", "3", "4", by=world.bot.user_id)

    thread = {"rel_type": "m.thread", "event_id": root}
    assert [one.relation for one in ann.messages(room, world.bot.user_id)] == [
        {},
        {"m.in_reply_to": {"event_id": root}},
        {**thread, "is_falling_back": True, "m.in_reply_to": {"event_id": root}},
        {**thread, "is_falling_back": False, "m.in_reply_to": {"event_id": inner}},
        {},
    ]


async def test_nobody_is_notified_by_what_an_answer_quotes(world: MatrixWorld) -> None:
    ann = await world.person()
    async with connected(world) as bot:
        room = await begun(bot, world, ann)
        await bot.connector.send(outgoing(room, f"@room and {ann.id}"))
        await ann.until(lambda: ann.messages(room, world.bot.user_id))

    assert ann.messages(room, world.bot.user_id)[0].content["m.mentions"] == {}


async def test_what_the_bot_cannot_reach_is_refused(world: MatrixWorld) -> None:
    ann = await world.person()
    async with connected(world) as bot:
        room = await begun(bot, world, ann)
        with pytest.raises(NotDelivered, match="not in this room"):
            await bot.connector.send(outgoing("!elsewhere:parachute.test", "hello"))
        with pytest.raises(Rejected, match="names no message"):
            await bot.connector.send(outgoing(room, "hello", SendKind.EDIT))
        await ann.kick(room, world.bot.user_id)
        with pytest.raises(Unreachable, match="does not let"):
            await bot.connector.send(outgoing(room, "hello"))
