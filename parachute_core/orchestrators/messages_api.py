"""Claude over Anthropic's Messages API."""

from collections.abc import Iterator

from anthropic import APIStatusError, AsyncAnthropic, DefaultAsyncHttpxClient, omit
from anthropic.types import CacheControlEphemeralParam, MessageDeltaUsage, MessageParam, RawMessageStreamEvent, TextBlockParam
from anthropic.types import Usage as UsageAtStart

from parachute_core.model.errors import OrchestratorError, OrchestratorFault
from parachute_core.model.turn import TextDelta, Turn, TurnEvent, Usage
from parachute_core.orchestrators.anthropic import Settings
from parachute_core.orchestrators.context import OrchestratorContext
from parachute_core.orchestrators.conversation import Message, messages_of, stays
from parachute_core.orchestrators.counting import Counting
from parachute_core.orchestrators.faults import refusal_of, retry_after_of
from parachute_core.orchestrators.streaming import LIMITS, TIMEOUT, Reader, Stream, StreamingService

CACHED: CacheControlEphemeralParam = {"type": "ephemeral"}
"""Up to here the service keeps what it has read, for five minutes, if it is long enough."""
WHOLE = frozenset({"end_turn", "stop_sequence"})
TOO_LONG = frozenset({"max_tokens", "model_context_window_exceeded"})


class Claude(StreamingService[RawMessageStreamEvent]):
    """One request for each turn, without tools."""

    def __init__(self, context: OrchestratorContext) -> None:
        settings: Settings = context.settings
        super().__init__(context.clock, settings.silence)
        self._settings = settings
        self._client = AsyncAnthropic(
            api_key=settings.api_key,
            base_url=settings.base_url,
            max_retries=0,
            timeout=TIMEOUT,
            open_telemetry=False,
            http_client=DefaultAsyncHttpxClient(limits=LIMITS, timeout=TIMEOUT, follow_redirects=False),
        )

    async def _ask(self, turn: Turn) -> Stream[RawMessageStreamEvent]:
        settings = self._settings
        system = [_block(settings.system_prompt, cached=True)] if settings.system_prompt else omit
        return await self._client.messages.create(
            model=settings.model, max_tokens=settings.max_tokens, system=system, messages=_marked(turn), stream=True
        )

    def _reader(self) -> Reader[RawMessageStreamEvent]:
        return AnswerReader(self._settings.model)

    def _fault(self, error: Exception) -> OrchestratorError | None:
        if not isinstance(error, APIStatusError):
            return None
        retry_after = retry_after_of(error.response.headers, self._clock.now())
        return refusal_of(error.status_code, (error.type,), _said(error.body) or error.message, retry_after)


class AnswerReader:
    """Reads the events of one answer. It is whole with a `message_stop` behind a reason to stop, and not without."""

    def __init__(self, model: str) -> None:
        self._counting = Counting(model)
        self._reason: str | None = None
        self.over = False

    def read(self, piece: RawMessageStreamEvent) -> Iterator[TurnEvent]:
        """See `Reader.read`."""
        match piece.type:
            case "message_start":
                yield from self._used(piece.message.usage)
            case "content_block_delta":
                if piece.delta.type == "text_delta" and piece.delta.text:
                    yield TextDelta(piece.delta.text)
            case "message_delta":
                self._reason = piece.delta.stop_reason
                yield from self._used(piece.usage)
            case "message_stop":
                self.over = True

    def verdict(self) -> OrchestratorError | None:
        """See `Reader.verdict`."""
        if not self.over or self._reason is None:
            return OrchestratorError(OrchestratorFault.PROTOCOL, "the answer ended without being complete")
        if self._reason in WHOLE:
            return None
        kind = OrchestratorFault.TRUNCATED if self._reason in TOO_LONG else OrchestratorFault.PROTOCOL
        kind = OrchestratorFault.REFUSED if self._reason == "refusal" else kind
        return OrchestratorError(kind, f"it stopped with {self._reason}")

    def _used(self, total: UsageAtStart | MessageDeltaUsage) -> Iterator[Usage]:
        yield from self._counting.up_to(
            input_tokens=total.input_tokens,
            output_tokens=total.output_tokens,
            cached_tokens=total.cache_read_input_tokens,
            cache_write_tokens=total.cache_creation_input_tokens,
        )


def _said(body: object) -> str | None:
    """What the service says of an error, in its words; the library's own text has the whole body in it."""
    error = body.get("error") if isinstance(body, dict) else None
    said = error.get("message") if isinstance(error, dict) else None
    return said if isinstance(said, str) else None


def _marked(turn: Turn) -> list[MessageParam]:
    """The conversation, with a mark behind what will be there again at the next turn."""
    messages = messages_of(turn)
    last_that_stays = len(messages) - (1 if stays(turn) else 2)
    return [_param(one, cached=number == last_that_stays) for number, one in enumerate(messages)]


def _param(message: Message, *, cached: bool) -> MessageParam:
    content = [_block(message.text, cached=cached)]
    return {"role": "user", "content": content} if message.role == "user" else {"role": "assistant", "content": content}


def _block(text: str, *, cached: bool) -> TextBlockParam:
    return {"type": "text", "text": text, "cache_control": CACHED} if cached else {"type": "text", "text": text}
