import pytest
from hypothesis import given
from hypothesis import strategies as st
from parachute_ratelimit.wording import in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.000001, "1 second"),
        (1.0, "1 second"),
        (1.000001, "2 seconds"),
        (12.0, "12 seconds"),
        (59.2, "60 seconds"),
        (90.0, "90 seconds"),
        (120.0, "120 seconds"),
        (120.5, "3 minutes"),
        (600.0, "10 minutes"),
        (7200.0, "120 minutes"),
        (7201.0, "3 hours"),
        (86_400.0, "24 hours"),
    ],
)
def test_a_wait_in_the_unit_that_suits_it(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


@given(st.floats(min_value=1e-6, max_value=86_400))
def test_the_words_never_promise_less_than_the_wait(seconds: float) -> None:
    number, unit = in_words(seconds).split()
    assert int(number) * {"second": 1, "minute": 60, "hour": 3600}[unit.rstrip("s")] >= seconds
