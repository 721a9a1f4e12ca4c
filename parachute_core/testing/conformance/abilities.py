"""What a platform may be able to do. A counterpart says which of it its platform lacks, and why."""

from enum import StrEnum


class Ability(StrEnum):
    """One thing that not every platform can do; a scenario that needs it is not made for a platform that lacks it."""

    CREDENTIALS = "credentials"
    """The bot needs credentials, which the platform may refuse."""
    SERVER = "server"
    """The platform is a server of its own, which may be away while the bot runs."""
    FLOOD_CONTROL = "flood control"
    """Too many calls are refused for a while, and the platform says for how long."""
    GIVES_UP_SOON = "gives up soon"
    """The connector can be made (`Counterpart.hurried`) to give up a call that is not answered after about a real second."""
    REPEATS = "repeats"
    """The same message may be delivered twice."""
    MISSED = "missed"
    """What is written while the connection is down is delivered later."""
    EDITS = "edits"
    """People can change what they wrote."""
    BOTS = "bots"
    """Other bots can write where this one reads."""
    GROUPS = "groups"
    """Several people share a chat, and a message may be for the bot or not."""
    INTERACTIONS = "interactions"
    """Commands come as events of their own instead of as text."""
    VOICE = "voice"
    """People can send spoken messages."""
    ATTACHMENTS = "attachments"
    """People can send pictures, with a caption or without one."""
    REPLIES = "replies"
    """A message can be shown as a reply to another."""
    REACTIONS = "reactions"
    """The bot can put a reaction on a message, and take it off."""
    TYPING = "typing"
    """The bot can be shown typing."""
    STREAMING = "streaming"
    """Messages of the bot can be edited while an answer is being made."""
    BLOCKING = "blocking"
    """People can shut the bot out of their chat, and let it in again."""


class Flow(StrEnum):
    """Which of a platform's two halves is meant."""

    SENDING = "sending"
    """The calls that bring new messages into chats."""
    RECEIVING = "receiving"
    """The calls or the connection by which messages come."""


class Trouble(StrEnum):
    """What goes wrong on the way."""

    FLOOD = "flood"
    """Refused for a while: nothing was done."""
    BROKEN = "broken"
    """The server answers with an error of its own (5xx): nothing was done, which the bot cannot know."""
    RESET = "reset"
    """The connection is reset before the server acts."""
    LOST = "lost"
    """The server acts, and its answer is lost."""
    CUT = "cut"
    """The server acts, and its answer breaks off in the middle."""
    HANG = "hang"
    """The server never answers and does nothing."""
    REFUSED = "refused"
    """The server refuses just this call for good (4xx): nothing was done."""


class Oddity(StrEnum):
    """An event that no connector expects."""

    MALFORMED = "malformed"
    """Not of the form that the platform documents."""
    EMPTY = "empty"
    """Nothing in it."""
    HUGE = "huge"
    """A message of about 100,000 characters, from somebody who is allowed; if the bot takes it, it is answered like any other."""
