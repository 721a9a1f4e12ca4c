"""Discord's ids as the core writes them."""

from parachute_core.model.errors import Rejected


def is_snowflake(text: str | None) -> bool:
    """Whether it can be an id of a channel or a message."""
    return text is not None and text.isascii() and text.isdecimal()


def snowflake(text: str | None) -> int:
    """The number that it stands for. Raises `Rejected`."""
    if text is None or not is_snowflake(text):
        raise Rejected("that is no id of Discord's")
    return int(text)
