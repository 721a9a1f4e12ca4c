"""Spoken messages: fetched from their platform and handed to whatever turns them into text."""

import logging

from parachute_core.clock import Clock, within
from parachute_core.engine.outbound import Outbound
from parachute_core.model.errors import ConnectorError, TranscriberError, UnknownPlatform
from parachute_core.model.message import LARGEST_VOICE, Inbound, Voice
from parachute_core.model.turn import Audio, Transcriber

WITHIN = 120.0
"""Seconds in which a spoken message must have become text."""

log = logging.getLogger(__name__)


class Ears:
    """Without a transcriber the bot is deaf, and says so."""

    def __init__(self, transcriber: Transcriber | None, outbound: Outbound, clock: Clock) -> None:
        self._transcriber = transcriber
        self._outbound = outbound
        self._clock = clock

    @property
    def deaf(self) -> bool:
        """Whether spoken messages cannot be understood at all."""
        return self._transcriber is None

    async def text_of(self, message: Inbound) -> str:
        """What the message says: its text, or what was spoken. Raises `TranscriberError`; an empty transcript is one."""
        if message.voice is None or self._transcriber is None:
            return message.text
        try:
            spoken = await within(self._clock, WITHIN, self._listen(message.platform, message.voice, self._transcriber))
        except TimeoutError:
            raise TranscriberError(f"it took longer than {WITHIN:g} s") from None
        except (ConnectorError, UnknownPlatform) as error:
            raise TranscriberError(f"the platform did not give it out: {error}") from error
        return "\n\n".join(one for one in (message.text.strip(), spoken) if one)

    async def _listen(self, platform: str, voice: Voice, transcriber: Transcriber) -> str:
        if voice.size is not None and voice.size > LARGEST_VOICE:
            raise TranscriberError(f"it is larger than {LARGEST_VOICE} bytes")
        content = await self._outbound.outlet(platform).fetch(voice)
        try:
            spoken = (await transcriber.transcribe(Audio(content, voice.mime_type))).strip()
        except TranscriberError:
            raise
        except Exception as error:
            log.debug("the transcriber raised something that is no TranscriberError", exc_info=error)
            raise TranscriberError(type(error).__name__) from error
        if not spoken:
            raise TranscriberError("nothing was said")
        return spoken
