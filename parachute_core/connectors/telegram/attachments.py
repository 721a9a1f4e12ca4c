"""What a message holds besides text, as the core names it."""

from datetime import timedelta

from telegram import Message
from telegram.constants import MessageAttachmentType, MessageType

from parachute_core.model.message import Attachment, Voice

KINDS = {
    "photo": Attachment.PICTURE,
    "live_photo": Attachment.PICTURE,
    "animation": Attachment.VIDEO,
    "video": Attachment.VIDEO,
    "video_note": Attachment.VIDEO,
    "audio": Attachment.AUDIO,
    "sticker": Attachment.STICKER,
    "document": Attachment.FILE,
    "venue": Attachment.PLACE,
    "location": Attachment.PLACE,
    "contact": Attachment.CONTACT,
    "poll": Attachment.POLL,
    "dice": Attachment.OTHER,
    "game": Attachment.OTHER,
    "invoice": Attachment.OTHER,
    "paid_media": Attachment.OTHER,
    "passport_data": Attachment.OTHER,
    "story": Attachment.OTHER,
    "checklist": Attachment.OTHER,
    "giveaway": Attachment.OTHER,
    "giveaway_winners": Attachment.OTHER,
}
"""By the field of a message. The first that is there counts: an animation is a document too, a venue has a location."""
BESIDE_CONTENT = {
    "effect_id",
    "reply_to_story",
    "sender_boost_count",
    "sender_business_bot",
    "business_connection_id",
    "suggested_post_info",
}
"""Fields that the library counts as kinds of messages, and that come with any kind."""
SERVICE = {
    *({one.value for one in MessageType} - {one.value for one in MessageAttachmentType} - KINDS.keys() - BESIDE_CONTENT - {"text"}),
    "successful_payment",
    "migrate_from_chat_id",
    "proximity_alert_triggered",
}
"""Fields of what Telegram itself tells a chat: joins, pins, changes of the title."""


def attachment(message: Message) -> Attachment | None:
    """What came with the message, or None."""
    return next((kind for field, kind in KINDS.items() if getattr(message, field, None)), None)


def is_service(message: Message) -> bool:
    """Whether nobody sent it: Telegram tells the chat something."""
    return any(getattr(message, field, None) for field in SERVICE)


def voice(message: Message) -> Voice | None:
    """The spoken message, not fetched yet, or None."""
    spoken = message.voice
    if spoken is None:
        return None
    length = spoken.to_dict().get("duration")  # the attribute warns, whichever of its two types is wanted
    seconds = length.total_seconds() if isinstance(length, timedelta) else length
    return Voice(spoken.file_id, spoken.mime_type, None if seconds is None else float(seconds), spoken.file_size)
