"""Starts a program of the owner's for each voice message: sound in, text out. See `docs/voice.md`."""

import re
from typing import Annotated

from pydantic import Field

from parachute_core.clock import within
from parachute_core.model.errors import TranscriberError
from parachute_core.model.turn import Audio
from parachute_core.programs.environment import child_environment
from parachute_core.programs.process import OutputTooLong, Program, how_it_ended
from parachute_core.programs.settings import ProgramSettings
from parachute_core.transcribers.context import TranscriberContext

TYPE_VARIABLE = "PARACHUTE_AUDIO_TYPE"
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
"""A media type as RFC 6838 has it, in small letters: what a stranger's client says can be no more than that."""
LONGEST_TRANSCRIPT = 64 * 1024
"""Bytes of what the program may write."""


class Settings(ProgramSettings):
    """The keys beside `use: command`."""

    timeout: Annotated[float, Field(gt=0, le=120, allow_inf_nan=False)] = 100
    """Most seconds of one voice message. Above 120 it would have no effect: the bot waits no longer, fetching included."""


class Command:
    """One process for each voice message."""

    def __init__(self, context: TranscriberContext) -> None:
        self._context = context
        self._settings: Settings = context.settings

    async def transcribe(self, audio: Audio) -> str:
        """See `Transcriber.transcribe`. A program that wrote nothing has failed."""
        seconds = self._settings.timeout
        program = await self._start(audio)
        try:
            output, code = await within(self._context.clock, seconds, _listen(program))
        except TimeoutError as error:
            raise TranscriberError(f"the command was not done after {seconds:g} s") from error
        except OutputTooLong as error:
            raise TranscriberError(f"the command wrote more than {LONGEST_TRANSCRIPT} bytes") from error
        finally:
            await program.stop()
        if code != 0:
            raise TranscriberError(f"the command ended with {how_it_ended(code)}")
        return _text(output)

    async def _start(self, audio: Audio) -> Program:
        context, settings = self._context, self._settings
        env = child_environment(context.environ, context.secrets, settings.env, _told(audio))
        try:
            return await Program.start(settings.argv, env, audio.content, context.clock, context.logger)
        except OSError as error:
            raise TranscriberError(f"the command {settings.argv[0]!r} cannot be started: {error.strerror or error}") from error


async def _listen(program: Program) -> tuple[bytes, int]:
    return await program.read_all(LONGEST_TRANSCRIPT), await program.wait()


def _told(audio: Audio) -> dict[str, str]:
    """The type of the sound without its parameters; empty when it is not known, so that the owner's `env` cannot pretend one."""
    kind = (audio.mime_type or "").partition(";")[0].strip().lower()
    return {TYPE_VARIABLE: kind if MEDIA_TYPE.fullmatch(kind) else ""}


def _text(output: bytes) -> str:
    try:
        text = output.decode()
    except UnicodeDecodeError:
        # Not chained: that error carries the transcript.
        raise TranscriberError("the command wrote something that is not UTF-8") from None
    if not text.strip():
        raise TranscriberError("the command wrote no text")
    return text


def make_transcriber(context: TranscriberContext) -> Command:
    """The entry point."""
    return Command(context)
