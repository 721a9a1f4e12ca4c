"""What a stranger chose stands in the owner's notice as code, whatever it is made of."""

from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st
from parachute_pairing.notices.wording import notice
from parachute_pairing.request import PairingRequest

from parachute_core import plain_name, plain_text
from parachute_core.connectors.telegram.markdown import render

MARKUP = st.text(alphabet="`*_~[]()<>|\\!#-=+.{}& ab@/:\n\u202e\u200b", max_size=100) | st.text(max_size=100)


@given(MARKUP, MARKUP)
@example("\\", "\\`")
@example("``", "```")
@example("a\\", "[b](http://evil.example)")
def test_no_name_and_no_text_is_markup(name: str, text: str) -> None:
    shown, said = plain_name(name) or None, plain_text(text, 80) or None
    request = PairingRequest("bcdf2345", "telegram", "42", "42", datetime(2026, 1, 5, tzinfo=UTC), shown, preview=said)
    rendered = render(notice([request], 1, 0)[0])
    assert {one.kind for one in rendered.spans} == {"code"}
    assert len(rendered.spans) == 1 + (shown is not None) + (said is not None)
    assert len(rendered.text.splitlines()) == 2
