"""What a message on Discord holds besides its own words. Pure."""

from collections.abc import Iterable

import hikari

from parachute_core.model.message import Attachment, Voice

KINDS = {"image": Attachment.PICTURE, "video": Attachment.VIDEO, "audio": Attachment.AUDIO}
"""By the first half of the media type; everything else is a file."""


def voice_of(message: hikari.Message) -> Voice | None:
    """What was spoken, or None. The reference names channel, message and attachment, not the address: that is signed and expires."""
    spoken = _spoken(message)
    if spoken is None:
        return None
    reference = f"{message.channel_id}/{message.id}/{spoken.id}"
    return Voice(reference, spoken.media_type, spoken.duration, spoken.size)


def attachments_of(message: hikari.Message) -> tuple[Attachment, ...]:
    """What the bot does not look at, without a spoken message. Previews of links are no attachments: the link is in the text."""
    spoken = _spoken(message)
    found = list(_files(one for one in message.attachments if one is not spoken))
    found += [Attachment.STICKER for _ in message.stickers]
    if message.poll is not None:
        found.append(Attachment.POLL)
    for forwarded in message.message_snapshots:
        found += _files(forwarded.attachments or ())
        found += [Attachment.STICKER for _ in forwarded.stickers or ()]
    return tuple(found)


def forwarded_by(message: hikari.Message) -> str:
    """The text of messages that it forwards, as a quotation: others wrote it, and no command is in it. Empty when there is none."""
    lines = [line for one in message.message_snapshots for line in (one.content or "").strip().splitlines()]
    return "\n".join(f"> {line}" for line in lines)


def _spoken(message: hikari.Message) -> hikari.Attachment | None:
    """Discord flags its voice messages and names the duration of nothing else."""
    flagged = bool(message.flags & hikari.MessageFlag.IS_VOICE_MESSAGE)
    for one in message.attachments:
        if flagged or (one.duration is not None and (one.media_type or "").startswith("audio/")):
            return one
    return None


def _files(attachments: Iterable[hikari.Attachment]) -> Iterable[Attachment]:
    for one in attachments:
        yield KINDS.get((one.media_type or "").partition("/")[0], Attachment.FILE)
