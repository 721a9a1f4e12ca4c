"""The formats that services speak."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from parachute_core.testing.agents.script import Asked, End, Reply

NONSENSE = b"data: {nonsense\n\n"


class Wire(Protocol):
    """One format."""

    path: str
    """Where requests go to."""
    base: str
    """What belongs to the base URL of it."""

    def read(self, headers: Mapping[str, str], body: Mapping[str, Any]) -> Asked:
        """A request. `headers` have names in lower case."""
        ...

    def refusal(self, status: int, named: object = None, /) -> object:
        """The body that goes with a status, under the name that belongs to it or another one."""
        ...

    def opening(self, reply: Reply, model: str, /) -> Iterator[bytes]:
        """What comes before the first piece of text."""
        ...

    def piece(self, text: str) -> bytes:
        """A piece of text."""
        ...

    def ending(self, reply: Reply) -> Iterator[bytes]:
        """What comes after the last piece of text, for the ends that are told."""
        ...


class MessagesApi:
    """Anthropic's."""

    path = "/v1/messages"
    base = ""
    REASONS: Mapping[End, str] = {End.WHOLE: "end_turn", End.TOO_LONG: "max_tokens", End.REFUSED: "refusal"}
    ERRORS: Mapping[int, str] = {
        400: "invalid_request_error",
        401: "authentication_error",
        404: "not_found_error",
        429: "rate_limit_error",
        500: "api_error",
        529: "overloaded_error",
    }

    def read(self, headers: Mapping[str, str], body: Mapping[str, Any]) -> Asked:
        """See `Wire.read`."""
        messages = tuple((one["role"], _text(one["content"])) for one in body["messages"])
        return Asked(body["model"], headers.get("x-api-key") or _bearer(headers), _text(body.get("system", "")), messages, body)

    def refusal(self, status: int, named: object = None) -> object:
        """See `Wire.refusal`."""
        kind = self.ERRORS.get(status, "api_error") if named is None else named
        return {"type": "error", "error": {"type": kind, "message": f"scripted {status}"}}

    def opening(self, reply: Reply, model: str) -> Iterator[bytes]:
        """See `Wire.opening`."""
        used = reply.used
        usage = {
            "input_tokens": used.input_tokens,
            "output_tokens": 0,
            "cache_read_input_tokens": used.cached_tokens,
            "cache_creation_input_tokens": used.cache_write_tokens,
        }
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": [], "usage": usage}
        yield _event("message_start", message={**message, "stop_reason": None, "stop_sequence": None})
        yield _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
        yield _event("ping")

    def piece(self, text: str) -> bytes:
        """See `Wire.piece`."""
        return _event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})

    def ending(self, reply: Reply) -> Iterator[bytes]:
        """See `Wire.ending`."""
        if reply.end is End.OVERLOADED:
            yield _event("error", error={"type": "overloaded_error", "message": "Overloaded"})
        elif reply.end is End.NONSENSE:
            yield b"event: content_block_delta\n" + NONSENSE
        elif reply.end is End.MISSHAPEN:
            yield _event("content_block_delta", index=0, delta=None)
        elif reply.end in self.REASONS:
            yield _event("content_block_stop", index=0)
            delta = {"stop_reason": self.REASONS[reply.end], "stop_sequence": None}
            yield _event("message_delta", delta=delta, usage={"output_tokens": reply.used.output_tokens})
            yield _event("message_stop")


class ChatCompletionsApi:
    """OpenAI's, which many others speak."""

    path = "/v1/chat/completions"
    base = "/v1"
    REASONS: Mapping[End, str] = {End.WHOLE: "stop", End.TOO_LONG: "length", End.REFUSED: "content_filter"}

    def read(self, headers: Mapping[str, str], body: Mapping[str, Any]) -> Asked:
        """See `Wire.read`."""
        messages = [(one["role"], _text(one["content"])) for one in body["messages"]]
        system = "".join(text for role, text in messages if role == "system")
        return Asked(body["model"], _bearer(headers), system, tuple(one for one in messages if one[0] != "system"), body)

    def refusal(self, status: int, named: object = None) -> object:
        """See `Wire.refusal`."""
        return {"error": {"message": f"scripted {status}", "type": "scripted", "param": None, "code": named}}

    def opening(self, _reply: Reply, _model: str) -> Iterator[bytes]:
        """See `Wire.opening`."""
        yield _chunk({"role": "assistant", "content": ""})

    def piece(self, text: str) -> bytes:
        """See `Wire.piece`."""
        return _chunk({"content": text})

    def ending(self, reply: Reply) -> Iterator[bytes]:
        """See `Wire.ending`."""
        if reply.end is End.OVERLOADED:
            yield _data({"error": {"message": "Overloaded", "type": "overloaded_error", "code": 529}})
        elif reply.end is End.NONSENSE:
            yield NONSENSE
        elif reply.end is End.MISSHAPEN:
            yield _chunk({"content": ["more"]})
        elif reply.end in self.REASONS:
            used = reply.used
            yield _chunk({}, self.REASONS[reply.end])
            usage = {
                "prompt_tokens": used.input_tokens + used.cached_tokens,
                "completion_tokens": used.output_tokens,
                "total_tokens": used.input_tokens + used.cached_tokens + used.output_tokens,
                "prompt_tokens_details": {"cached_tokens": used.cached_tokens},
            }
            yield _data({**CHUNK, "choices": [], "usage": usage})
            yield b"data: [DONE]\n\n"


CHUNK = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1767614400, "model": "scripted"}


def _bearer(headers: Mapping[str, str]) -> str:
    return headers.get("authorization", "").removeprefix("Bearer ")


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "".join(one["text"] for one in content)


def _event(kind: str, **fields: object) -> bytes:
    return f"event: {kind}\n".encode() + _data({"type": kind, **fields})


def _chunk(delta: Mapping[str, object], reason: str | None = None) -> bytes:
    return _data({**CHUNK, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})


def _data(value: object) -> bytes:
    return f"data: {json.dumps(value)}\n\n".encode()
