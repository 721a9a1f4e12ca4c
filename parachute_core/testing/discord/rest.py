"""The fake's REST API, as far as a chat bot uses it.

Paths, bodies and codes are those of Discord's developer documentation; where a handler names a page, it is one of its pages.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from parachute_core.testing.discord.limits import Limits
from parachute_core.testing.discord.payloads import Payload, message, numbered
from parachute_core.testing.discord.world import Channel, World
from parachute_core.testing.http import Answer, JsonServer, Request

PREFIX = "/api/v10"
MAX_LENGTH = 2000
UNAUTHORIZED: Answer = (401, {}, {"message": "401: Unauthorized", "code": 0})
UNKNOWN_CHANNEL: Answer = (404, {}, {"message": "Unknown Channel", "code": 10003})
UNKNOWN_MESSAGE: Answer = (404, {}, {"message": "Unknown Message", "code": 10008})
EMPTY_MESSAGE: Answer = (400, {}, {"message": "Cannot send an empty message", "code": 50006})
UNKNOWN_REFERENCE: Answer = (400, {}, {"message": "Invalid Form Body", "code": 50035, "errors": {"message_reference": {}}})
TOO_LONG: Answer = (400, {}, {"message": "Invalid Form Body", "code": 50035, "errors": {}})
BAD_COMPONENTS: Answer = (400, {}, {"message": "Invalid Form Body", "code": 50035, "errors": {"components": {}}})


class Rest:
    """Answers on a `JsonServer`."""

    def __init__(self, world: World, server: JsonServer, token: str, application_id: str, gateway_url: Callable[[], str]) -> None:
        self.token = token
        """The token that is accepted; another makes every call 401."""
        self.commands: list[Payload] = []
        """The registered global commands."""
        self.responses: list[Payload] = []
        """What interactions were answered with, each with the interaction's id."""
        self.session_starts_left = 1000
        self.application_flags = 1 << 19
        """Those of the application: the bit is the Message Content Intent of a bot in few servers (Application Flags)."""
        self._world = world
        self._application_id = application_id
        self._gateway_url = gateway_url
        self.limits = Limits()
        channel = "/channels/{channel}"
        commands = f"/applications/{application_id}/commands"
        for method, path, handler in (
            ("GET", "/users/@me", self._me),
            ("GET", "/gateway/bot", self._gateway),
            ("GET", "/oauth2/applications/@me", self._application),
            ("POST", "/users/@me/channels", self._open_direct),
            ("GET", channel, self._channel),
            ("GET", f"{channel}/messages", self._list),
            ("POST", f"{channel}/messages", self._create),
            ("GET", f"{channel}/messages/{{message}}", self._one),
            ("PATCH", f"{channel}/messages/{{message}}", self._edit),
            ("DELETE", f"{channel}/messages/{{message}}", self._delete),
            ("PUT", f"{channel}/messages/{{message}}/reactions/{{emoji}}/@me", self._react),
            ("DELETE", f"{channel}/messages/{{message}}/reactions/{{emoji}}/@me", self._unreact),
            ("POST", f"{channel}/typing", self._type),
            ("GET", commands, self._list_commands),
            ("POST", commands, self._put_command),
        ):
            server.route(method, PREFIX + path, self._guarded(handler))
        server.route("POST", PREFIX + "/interactions/{interaction}/{token}/callback", self._respond)
        server.route("PATCH", PREFIX + "/webhooks/{application}/{token}/messages/@original", self._change_response)

    def _guarded(self, handler: Callable[[Request], Awaitable[Answer]]) -> Callable[[Request], Awaitable[Answer]]:
        """401 without the token, 404 code 10003 for a channel that is not there (Opcodes and Status Codes)."""

        async def guarded(request: Request) -> Answer:
            if request.headers.get("authorization") != f"Bot {self.token}":
                return UNAUTHORIZED
            if "channel" in request.params and request.params["channel"] not in self._world.channels:
                return UNKNOWN_CHANNEL
            status, headers, body = await handler(request)
            return status, {**self._limits(request), **headers}, body

        return guarded

    def _limits(self, request: Request) -> dict[str, str]:
        """Every answer names its bucket (Rate Limits, Header Examples)."""
        creates = request.method == "POST" and request.path.endswith("/messages")
        bucket = {"X-RateLimit-Bucket": f"{request.method}-{len(request.path.split('/'))}"}
        return {**bucket, **self.limits.headers(request.params["channel"] if creates else None)}

    def _at(self, request: Request) -> Channel:
        return self._world.channels[request.params["channel"]]

    async def _me(self, _request: Request) -> Answer:
        return 200, {}, self._world.me

    async def _gateway(self, _request: Request) -> Answer:
        """With how many sessions may still be begun (Gateway, Get Gateway Bot)."""
        limit = {"total": 1000, "remaining": self.session_starts_left, "reset_after": 0, "max_concurrency": 1}
        return 200, {}, {"url": self._gateway_url(), "shards": 1, "session_start_limit": limit}

    async def _application(self, _request: Request) -> Answer:
        """Application, Get Current Application."""
        me = self._world.me
        public = {"bot_public": True, "bot_require_code_grant": False, "verify_key": "00" * 32, "owner": self._world.person("1")}
        counts = {"approximate_guild_count": 1, "approximate_user_install_count": 0}
        application = {"id": self._application_id, "name": me["username"], "description": "", "icon": None, "team": None}
        return 200, {}, {**application, **public, **counts, "flags": self.application_flags}

    async def _open_direct(self, request: Request) -> Answer:
        """The channel that there is, or a new one (User, Create DM)."""
        recipient = self._world.person(str(request.json()["recipient_id"]))
        return 200, {}, {"id": self._world.direct(recipient["id"]), "type": 1, "recipients": [recipient], "last_message_id": None}

    async def _channel(self, request: Request) -> Answer:
        return 200, {}, {"id": self._at(request).id, "type": 1, "recipients": [self._world.person("1")], "last_message_id": None}

    async def _list(self, request: Request) -> Answer:
        """The oldest ones after `after`, newest first (Message, Get Channel Messages; the order is as the service answers)."""
        after, limit = int(request.query.get("after", "0")), int(request.query.get("limit", "50"))
        newer = [one for one in self._at(request).messages if int(one) > after]
        return 200, {}, [self._world.shown(request.params["channel"], one) for one in newer[:limit][::-1]]

    async def _one(self, request: Request) -> Answer:
        found = self._world.shown(request.params["channel"], request.params["message"])
        return UNKNOWN_MESSAGE if found is None else (200, {}, found)

    async def _create(self, request: Request) -> Answer:
        """At most 2000 characters, and five rows of five buttons (Message Components, Action Row); a known nonce gives back the
        message that has it; a reply to what is gone fails unless `fail_if_not_exists` is false (Message, Create Message, and Message
        Reference Structure).
        """
        channel, body = self._at(request), request.json()
        text = str(body.get("content") or "").strip()
        if not text:
            return EMPTY_MESSAGE
        if len(text) > MAX_LENGTH:
            return TOO_LONG
        if channel.refuses is not None:
            return channel.refuses[0], {}, {"message": "Refused", "code": channel.refuses[1]}
        if limited := self.limits.take(channel.id):
            return limited
        nonce: Any = body.get("nonce")
        if nonce and body.get("enforce_nonce") and nonce in channel.nonces:
            return 200, {}, channel.messages[channel.nonces[nonce]]
        reference = body.get("message_reference")
        if reference and reference["message_id"] not in channel.messages:
            if reference.get("fail_if_not_exists", True):
                return UNKNOWN_REFERENCE
            reference = None
        answers = {"type": 19, "message_reference": {**reference, "channel_id": channel.id}} if reference else {}
        rows = body.get("components") or []
        if len(rows) > 5 or any(not 0 < len(row["components"]) <= 5 for row in rows):
            return BAD_COMPONENTS
        written = self._world.write(channel.id, self._world.me, text, nonce=nonce, components=numbered(rows), **answers)
        if nonce:
            channel.nonces[nonce] = written["id"]
        return 200, {}, written

    async def _edit(self, request: Request) -> Answer:
        """Message, Edit Message."""
        message_id, text = request.params["message"], str(request.json()["content"])
        if message_id not in self._at(request).messages:
            return UNKNOWN_MESSAGE
        if len(text) > MAX_LENGTH:
            return TOO_LONG
        return 200, {}, self._world.change(request.params["channel"], message_id, text)

    async def _delete(self, request: Request) -> Answer:
        found = self._at(request).messages.pop(request.params["message"], None)
        return (204, {}, None) if found else UNKNOWN_MESSAGE

    async def _react(self, request: Request) -> Answer:
        """204, also for a reaction that is there already (Message, Create Reaction)."""
        if request.params["message"] not in self._at(request).messages:
            return UNKNOWN_MESSAGE
        self._at(request).reactions.add((request.params["message"], request.params["emoji"]))
        return 204, {}, None

    async def _unreact(self, request: Request) -> Answer:
        self._at(request).reactions.discard((request.params["message"], request.params["emoji"]))
        return 204, {}, None

    async def _type(self, request: Request) -> Answer:
        self._world.typed.append(request.params["channel"])
        return 204, {}, None

    async def _list_commands(self, _request: Request) -> Answer:
        return 200, {}, self.commands

    async def _put_command(self, request: Request) -> Answer:
        """A command of a known name is replaced (Application Commands, Create Global Application Command)."""
        asked = request.json()
        known = {"id": self._world.new_id(), "type": 1, "application_id": self._application_id, "default_member_permissions": None}
        made = {**known, "version": self._world.new_id(), **asked}
        self.commands = [*(one for one in self.commands if one["name"] != asked["name"]), made]
        return 201, {}, made

    async def _respond(self, request: Request) -> Answer:
        """Once for each interaction, code 40060 after that (Receiving and Responding, Create Interaction Response)."""
        interaction = request.params["interaction"]
        if any(one["id"] == interaction for one in self.responses):
            return 400, {}, {"message": "Interaction has already been acknowledged.", "code": 40060}
        self.responses.append({"id": interaction, "token": request.params["token"], **request.json()})
        return 200, {}, {"interaction": {"id": interaction, "type": 2}}

    async def _change_response(self, request: Request) -> Answer:
        """Needs no bot token (Receiving and Responding, Edit Original Interaction Response)."""
        for one in self.responses:
            if one["token"] == request.params["token"]:
                one["data"]["content"] = request.json()["content"]
                return 200, {}, message(self._world.new_id(), self._world.new_id(), self._world.me, one["data"]["content"])
        return 404, {}, {"message": "Unknown Webhook", "code": 10015}
