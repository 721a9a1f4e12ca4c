"""Servers that speak OpenAI's chat completions."""

import re
from collections.abc import Iterator

from openai import APIError, APIStatusError, AsyncOpenAI, DefaultAsyncHttpxClient, omit
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam
from openai.types.completion_usage import CompletionUsage

from parachute_core.model.errors import OrchestratorError, OrchestratorFault
from parachute_core.model.turn import TextDelta, Turn, TurnEvent, Usage
from parachute_core.orchestrators.context import OrchestratorContext
from parachute_core.orchestrators.conversation import Message, messages_of
from parachute_core.orchestrators.counting import Counting
from parachute_core.orchestrators.faults import refusal_of, retry_after_of
from parachute_core.orchestrators.openai import OWN_URL, Settings
from parachute_core.orchestrators.streaming import LIMITS, TIMEOUT, Reader, Stream, StreamingService

NO_KEY = "none"
"""What is sent to servers that want no key: the library always sends one."""
STATUS = re.compile("[1-5][0-9]{2}")


class ChatCompletions(StreamingService[ChatCompletionChunk]):
    """One request for each turn, without tools."""

    def __init__(self, context: OrchestratorContext) -> None:
        settings: Settings = context.settings
        super().__init__(context.clock, settings.silence)
        self._settings = settings
        self._client = AsyncOpenAI(
            api_key=settings.api_key or NO_KEY,
            base_url=settings.base_url,
            max_retries=0,
            timeout=TIMEOUT,
            http_client=DefaultAsyncHttpxClient(limits=LIMITS, timeout=TIMEOUT, follow_redirects=False),
        )

    async def _ask(self, turn: Turn) -> Stream[ChatCompletionChunk]:
        settings = self._settings
        prompt: list[ChatCompletionMessageParam] = []
        if settings.system_prompt:
            prompt.append({"role": "system", "content": settings.system_prompt})
        # OpenAI's newer models take the new name alone, everybody else's servers the old one.
        most = omit if settings.max_tokens is None else settings.max_tokens
        own = settings.base_url.rstrip("/") == OWN_URL
        return await self._client.chat.completions.create(
            model=settings.model,
            messages=[*prompt, *map(_param, messages_of(turn))],
            stream=True,
            stream_options={"include_usage": True},
            max_completion_tokens=most if own else omit,
            max_tokens=omit if own else most,
        )

    def _reader(self) -> Reader[ChatCompletionChunk]:
        return ChunkReader(self._settings.model)

    def _fault(self, error: Exception) -> OrchestratorError | None:
        if not isinstance(error, APIError):
            return None
        code = str(error.code)  # servers put numbers there too
        if isinstance(error, APIStatusError):
            retry_after = retry_after_of(error.response.headers, self._clock.now())
            return refusal_of(error.status_code, (code, error.type), error.message, retry_after)
        # In the middle of a stream some servers tell the status as a code; where nothing was told, the connection broke.
        status = int(code) if STATUS.fullmatch(code) else 200
        return None if error.body is None else refusal_of(status, (code, error.type), error.message, None)


class ChunkReader:
    """Reads the chunks of one answer. It is whole with a reason to stop, and not without."""

    def __init__(self, model: str) -> None:
        self._counting = Counting(model)
        self._reason: str | None = None
        self._refused = False
        self.over = False
        """Never known: what was used may still come."""

    def read(self, piece: ChatCompletionChunk) -> Iterator[TurnEvent]:
        """See `Reader.read`."""
        if piece.usage is not None:
            yield from self._used(piece.usage)
        for choice in (piece.choices or [])[:1]:
            if choice.delta and choice.delta.content:
                yield TextDelta(choice.delta.content)
            self._refused |= bool(choice.delta and choice.delta.refusal)
            self._reason = choice.finish_reason or self._reason

    def verdict(self) -> OrchestratorError | None:
        """See `Reader.verdict`."""
        if self._reason is None:
            return OrchestratorError(OrchestratorFault.PROTOCOL, "the answer ended without being complete")
        if self._refused or self._reason == "content_filter":
            return OrchestratorError(OrchestratorFault.REFUSED, "the service refused")
        if self._reason == "stop":
            return None
        kind = OrchestratorFault.TRUNCATED if self._reason == "length" else OrchestratorFault.PROTOCOL
        return OrchestratorError(kind, f"it stopped with {self._reason}")

    def _used(self, total: CompletionUsage) -> Iterator[Usage]:
        cached = (total.prompt_tokens_details and total.prompt_tokens_details.cached_tokens) or 0
        yield from self._counting.up_to(
            input_tokens=max(0, total.prompt_tokens - cached), output_tokens=total.completion_tokens, cached_tokens=cached
        )


def _param(message: Message) -> ChatCompletionMessageParam:
    if message.role == "user":
        return {"role": "user", "content": message.text}
    return {"role": "assistant", "content": message.text}
