import pytest

from parachute_core.connectors.webchat.identity import Identities


def test_a_visitor_is_recognised_by_the_token_it_got() -> None:
    visitor = Identities(b"secret").create()
    assert Identities(b"secret").recognise(visitor.token) == visitor


def test_visitors_differ() -> None:
    identities = Identities(b"secret")
    assert len({identities.create().user_id for _ in range(100)}) == 100


def test_another_bots_token_means_nothing() -> None:
    assert Identities(b"other").recognise(Identities(b"secret").create().token) is None


@pytest.mark.parametrize("token", ["", ".", "web-", "web-me.00", "x" * 5000, "web-é" + "a" * 21 + "." + "0" * 64, "telegram-1." + "0" * 64])
def test_what_was_never_given_out_is_not_recognised(token: str) -> None:
    assert Identities(b"secret").recognise(token) is None


def test_a_token_for_one_visitor_does_not_prove_another() -> None:
    identities = Identities(b"secret")
    mine, theirs = identities.create(), identities.create()
    assert identities.recognise(f"{theirs.user_id}.{mine.token.partition('.')[2]}") is None
    assert identities.recognise(mine.token + "\n") is None


def test_a_token_never_shows_in_a_repr() -> None:
    visitor = Identities(b"secret").create()
    assert visitor.token not in repr(visitor)
