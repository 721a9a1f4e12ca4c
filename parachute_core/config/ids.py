"""What an id looks like on each platform, and how it is written in `bots.yaml`."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IdForm:
    """The form of one kind of id. In memory every id is text, whatever it was in the file."""

    pattern: re.Pattern[str]
    expected: str
    """What an owner should have written, for the error."""
    number: bool = False
    """True: written into the file as a number; False: as quoted text."""
    hints: tuple[tuple[str, str], ...] = ()
    """A start that a wrong id may have, and what to say then."""

    def fits(self, text: str) -> bool:
        """Whether `text` is such an id."""
        return self.pattern.fullmatch(text) is not None

    def read(self, value: object) -> str:
        """The id as text; raises `ValueError` saying what was expected."""
        if isinstance(value, bool) or not isinstance(value, (int, str)):
            raise ValueError(f"expected {self.expected}")
        text = str(value).strip()
        for start, hint in self.hints:
            if text.startswith(start):
                raise ValueError(hint)
        if not self.fits(text):
            raise ValueError(f"expected {self.expected}")
        return text


TELEGRAM_USER = IdForm(
    # A group's id is negative; old files may hold one.
    re.compile(r"-?[1-9][0-9]{0,18}", re.ASCII),
    "a numeric Telegram user id such as 123456789",
    number=True,
    hints=(("@", "expected a numeric Telegram user id such as 123456789; an @name can be changed by its owner, so it identifies nobody"),),
)
DISCORD_USER = IdForm(re.compile(r"[1-9][0-9]{0,19}", re.ASCII), 'a numeric Discord user id such as "123456789012345678"')
MATRIX_USER = IdForm(
    re.compile(r"@[^\s:]+:[^\s/]+"),
    'a Matrix user id such as "@user:example.org"',
    hints=(("!", "this is a room's id; rooms belong in allowed_rooms"), ("#", "this is a room's alias; rooms belong in allowed_rooms")),
)
MATRIX_ROOM = IdForm(
    # Rooms of newer versions have no server in their id. `@` is what old versions wrote here by mistake: loaded with a warning.
    re.compile(r"![^\s]+|#[^\s:]+:[^\s/]+|@[^\s:]+:[^\s/]+"),
    'a Matrix room such as "!room:example.org" or "#alias:example.org"',
)
ANY_ID = IdForm(re.compile(r"[^\s\x00-\x1f\x7f]{1,255}"), "an id without spaces")
