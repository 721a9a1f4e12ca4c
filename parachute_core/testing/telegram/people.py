"""The people's side of the fake Bot API: they write, and read what the bot wrote."""

import asyncio
import itertools
import re
from collections import defaultdict
from typing import Any

MARKED = re.compile(r"(?P<mention>(?<![\w@])@\w{3,32})|(?P<bot_command>(?<![\w/])/\w{1,64}(?:@\w{3,32})?)", re.ASCII)
"""What Telegram marks in a text by itself."""
DATE = 1_767_614_400
"""When everything is written; nobody looks."""

Message = dict[str, Any]


def units(text: str) -> int:
    """UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def marked(text: str) -> list[dict[str, Any]]:
    """The entities that Telegram finds in a text (Bot API, MessageEntity)."""
    found = MARKED.finditer(text)
    return [{"type": one.lastgroup, "offset": units(text[: one.start()]), "length": units(one[0])} for one in found]


class Chats:
    """Chats, who writes in them, and the updates that the bot has not confirmed."""

    def __init__(self) -> None:
        self.me: dict[str, Any] = {"id": 123456, "is_bot": True, "first_name": "Fake Bot", "username": "FakeBot"}
        """The bot's user."""
        self.chats: dict[str, dict[str, Any]] = {}
        self.history: defaultdict[str, list[Message]] = defaultdict(list)
        """Each chat's messages, oldest first, edits applied."""
        self.blocked: set[str] = set()
        """Chats in which the bot may not write."""
        self.migrated: dict[str, str] = {}
        """Groups that became supergroups: old id to new."""
        self.topics: defaultdict[str, set[int]] = defaultdict(set)
        """The topics of each forum."""
        self.reactions: dict[tuple[str, int], list[str]] = {}
        """The bot's reactions on a message, by chat and message id; gone when they are taken off."""
        self.actions: list[str] = []
        """The chats in which the bot was shown typing, each time it was."""
        self.presses: set[str] = set()
        """The ids of presses that the bot has not acknowledged."""
        self.webhook = ""
        """The address that updates are brought to; empty: none."""
        self.updates: list[dict[str, Any]] = []
        """What the bot has not confirmed, oldest first."""
        self.allowed: list[str] | None = None
        """The kinds of updates that the bot asked for last; None: all."""
        self.news = asyncio.Event()
        """Something was said or called."""
        self.fresh = asyncio.Event()
        """There are updates."""
        self._update_ids = itertools.count(700_001)
        self._message_ids = itertools.count(11)

    def texts(self, chat_id: str = "1") -> list[str]:
        """What the bot wrote in the chat, as a person sees it now."""
        return [one["text"] for one in self.history[chat_id] if one["from"]["id"] == self.me["id"]]

    def user(self, user_id: str, name: str = "Ann") -> dict[str, Any]:
        """A person, as the Bot API shows one."""
        return {"id": int(user_id), "is_bot": False, "first_name": name}

    def private(self, user_id: str, name: str = "Ann") -> dict[str, Any]:
        """The person's chat with the bot, made when there is none."""
        return self.chats.setdefault(user_id, {"id": int(user_id), "type": "private", "first_name": name})

    def group(self, chat_id: str, kind: str = "supergroup") -> dict[str, Any]:
        """A group (or a `channel`), made when there is none."""
        return self.chats.setdefault(chat_id, {"id": int(chat_id), "type": kind, "title": "Group"})

    def post(self, chat: dict[str, Any], sender: dict[str, Any], text: str, entities: list[dict[str, Any]]) -> Message:
        """Put a message into a chat; the bot is not told."""
        message = {"message_id": next(self._message_ids), "date": DATE, "chat": chat, "from": sender, "text": text, "entities": entities}
        self.history[str(chat["id"])].append(message)
        self.news.set()
        return message

    def say(self, text: str, /, user_id: str = "1", chat_id: str | None = None, *, name: str = "Ann", **fields: Any) -> Message:
        """A person writes: `chat_id` None is the private chat, else a group. `fields` are put into the message; None takes one out."""
        chat = self.private(user_id, name) if chat_id is None else self.group(chat_id)
        message = self.post(chat, self.user(user_id, name), text, marked(text))
        for key, value in fields.items():
            if value is None:
                message.pop(key, None)
            else:
                message[key] = value
        self.push("message", message)
        return message

    def buttons(self, chat_id: str) -> dict[str, Message]:
        """The labels that can be pressed in a chat, and the latest message that has each."""
        shown = ((one, message) for message in self.history[chat_id] for row in _rows(message) for one in row)
        return {one["text"]: message for one, message in shown}

    def press(self, label: str, user_id: str = "1", chat_id: str | None = None, *, name: str = "Ann") -> str:
        """A person presses a button; returns the id of the press (Bot API, CallbackQuery). `chat_id` None: their private chat."""
        message = self.buttons(chat_id or user_id)[label]
        (data,) = {one["callback_data"] for row in _rows(message) for one in row if one["text"] == label}
        number = str(next(self._update_ids))
        self.presses.add(number)
        query = {"id": number, "from": self.user(user_id, name), "message": message, "chat_instance": "1", "data": data}
        self.push("callback_query", query)
        return number

    def upgrade(self, old: str, new: str) -> None:
        """A group becomes a supergroup; both chats are told so (Bot API, Message.migrate_to_chat_id and migrate_from_chat_id)."""
        before, after = self.group(old, "group"), self.group(new)
        self.migrated[old] = new
        for chat, told in ((before, {"migrate_to_chat_id": int(new)}), (after, {"migrate_from_chat_id": int(old)})):
            self.push("message", {"message_id": next(self._message_ids), "date": DATE, "chat": chat, "from": self.user("9"), **told})

    def push(self, kind: str, content: Any) -> int:
        """Make an update of any kind, also a malformed one; returns its id. Kinds that the bot did not ask for are not kept."""
        number = next(self._update_ids)
        if self.allowed is None or kind in self.allowed:
            self.push_raw({"update_id": number, kind: content})
        return number

    def push_raw(self, update: dict[str, Any]) -> None:
        """Queue an update as it is."""
        self.updates.append(update)
        self.fresh.set()
        self.news.set()


def _rows(message: Message) -> list[list[dict[str, Any]]]:
    """The buttons under a message."""
    rows: list[list[dict[str, Any]]] = message.get("reply_markup", {}).get("inline_keyboard", [])
    return rows
