"""What a bot does in chats: messages, edits, reactions, chat actions."""

import json
from collections.abc import Mapping
from typing import Any

from parachute_core.testing.telegram.people import Chats, Message, units
from parachute_core.testing.telegram.refusals import Refused

LONGEST_TEXT = 4096
NOT_MODIFIED = "message is not modified: specified new message content and reply markup are exactly the same as a current content"
UPGRADED = "Bad Request: group chat was upgraded to a supergroup chat"


class Sending:
    """The methods that take a chat_id."""

    def __init__(self, chats: Chats) -> None:
        self._chats = chats

    async def get_chat(self, asked: Mapping[str, str]) -> Any:
        """Bot API, getChat."""
        return self._reachable(asked)

    async def send_message(self, asked: Mapping[str, str]) -> Any:
        """Bot API, sendMessage."""
        chat = self._reachable(asked)
        fields = {**self._topic(chat, asked), **self._reply(chat, asked)}
        markup = _markup(asked)
        message = self._chats.post(chat, self._chats.me, _text(asked), _entities(asked))
        message.update({**fields, **markup})
        return message

    async def edit_message_text(self, asked: Mapping[str, str]) -> Any:
        """Own messages alone (Bot API, editMessageText); 400 for an edit that changes nothing (observed)."""
        message = self._message(asked, "message to edit not found")
        if message["from"]["id"] != self._chats.me["id"]:
            raise Refused(400, "Bad Request: message can't be edited")
        text, entities = _text(asked), _entities(asked)
        if (message["text"], message.get("entities", [])) == (text, entities):
            raise Refused(400, f"Bad Request: {NOT_MODIFIED}")
        message.update(text=text, entities=entities, edit_date=message["date"])
        return message

    async def delete_message(self, asked: Mapping[str, str]) -> Any:
        """Bot API, deleteMessage; 400 for one that is gone (observed)."""
        message = self._message(asked, "message to delete not found")
        self._chats.history[str(message["chat"]["id"])].remove(message)
        return True

    async def set_message_reaction(self, asked: Mapping[str, str]) -> Any:
        """The bot's reactions are replaced by those given; none takes them off (Bot API, setMessageReaction)."""
        message = self._message(asked, "message to react not found")
        place = str(message["chat"]["id"]), message["message_id"]
        shown = [one["emoji"] for one in json.loads(asked.get("reaction", "[]"))]
        if shown:
            self._chats.reactions[place] = shown
        else:
            self._chats.reactions.pop(place, None)
        return True

    async def send_chat_action(self, asked: Mapping[str, str]) -> Any:
        """Bot API, sendChatAction."""
        chat = self._reachable(asked)
        self._topic(chat, asked)
        self._chats.actions.append(str(chat["id"]))
        return True

    async def answer_callback_query(self, asked: Mapping[str, str]) -> Any:
        """Bot API, answerCallbackQuery; 400 for one that is not known (observed)."""
        if asked.get("callback_query_id") not in self._chats.presses:
            raise Refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        self._chats.presses.remove(asked["callback_query_id"])
        return True

    def _reachable(self, asked: Mapping[str, str]) -> dict[str, Any]:
        """400 with migrate_to_chat_id for a group that is a supergroup now (Bot API, ResponseParameters); 403 and 400 texts: observed."""
        chat_id = asked.get("chat_id", "")
        if chat_id in self._chats.migrated:
            raise Refused(400, UPGRADED, migrate_to_chat_id=int(self._chats.migrated[chat_id]))
        if chat_id in self._chats.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        if chat_id not in self._chats.chats:
            raise Refused(400, "Bad Request: chat not found")
        return self._chats.chats[chat_id]

    def _message(self, asked: Mapping[str, str], missing: str) -> Message:
        found = self._find(self._reachable(asked), asked.get("message_id"))
        if found is None:
            raise Refused(400, f"Bad Request: {missing}")
        return found

    def _find(self, chat: dict[str, Any], message_id: object) -> Message | None:
        return next((one for one in self._chats.history[str(chat["id"])] if str(one["message_id"]) == str(message_id)), None)

    def _topic(self, chat: dict[str, Any], asked: Mapping[str, str]) -> dict[str, Any]:
        """400 for a topic that is not there (observed: "message thread not found")."""
        if "message_thread_id" not in asked:
            return {}
        topic = int(asked["message_thread_id"])
        if topic not in self._chats.topics[str(chat["id"])]:
            raise Refused(400, "Bad Request: message thread not found")
        return {"message_thread_id": topic, "is_topic_message": True}

    def _reply(self, chat: dict[str, Any], asked: Mapping[str, str]) -> dict[str, Any]:
        """Bot API, ReplyParameters: 400 for a message that is not there, unless allow_sending_without_reply."""
        if "reply_parameters" not in asked:
            return {}
        wanted = json.loads(asked["reply_parameters"])
        found = self._find(chat, wanted["message_id"])
        if found is None and not wanted.get("allow_sending_without_reply"):
            raise Refused(400, "Bad Request: message to be replied not found")
        return {} if found is None else {"reply_to_message": {key: found[key] for key in found if key != "reply_to_message"}}


def _text(asked: Mapping[str, str]) -> str:
    """1 to 4096 characters (Bot API, sendMessage); counted here in UTF-16 units, the stricter of two observations."""
    text = asked.get("text", "").strip()
    if not text:
        raise Refused(400, "Bad Request: message text is empty")
    if units(text) > LONGEST_TEXT:
        raise Refused(400, "Bad Request: message is too long")
    if asked.get("parse_mode"):
        raise Refused(400, "Bad Request: can't parse entities: this fake takes entities only")
    return text


def _markup(asked: Mapping[str, str]) -> dict[str, Any]:
    """Buttons with 1 to 64 bytes of callback_data (Bot API, InlineKeyboardButton); 400 for others (observed)."""
    if "reply_markup" not in asked:
        return {}
    markup = json.loads(asked["reply_markup"])
    for row in markup["inline_keyboard"]:
        for one in row:
            if not one["text"] or not 0 < len(one["callback_data"].encode()) <= 64:
                raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
    return {"reply_markup": markup}


def _entities(asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """Offsets and lengths in UTF-16 units (Bot API, MessageEntity); 400 for one that cuts a character or leaves the text (observed)."""
    entities: list[dict[str, Any]] = json.loads(asked.get("entities", "[]"))
    raw = asked.get("text", "").encode("utf-16-le")
    for one in entities:
        begin, end = 2 * one["offset"], 2 * (one["offset"] + one["length"])
        try:
            covered = raw[begin:end].decode("utf-16-le")
        except UnicodeDecodeError:
            covered = ""
        if not covered or end > len(raw):
            raise Refused(400, "Bad Request: can't parse entities: ENTITY_BOUNDS_INVALID")
    return entities
