"""Starts a program of the owner's for each turn and talks JSON lines with it. See `docs/orchestrators.md`."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from pydantic import Field

from parachute_core.clock import within
from parachute_core.model.errors import OrchestratorError, OrchestratorFault
from parachute_core.model.turn import Done, TextDelta, Turn, TurnEvent, Usage
from parachute_core.orchestrators.context import OrchestratorContext
from parachute_core.orchestrators.lines import Complaint, Line, read_line
from parachute_core.programs.environment import child_environment
from parachute_core.programs.process import LONGEST_LINE, OutputTooLong, Program, how_it_ended
from parachute_core.programs.settings import ProgramSettings

LINGER = 5.0
"""Seconds that a command may take to exit after it said that it is done."""

TRUST_VARIABLE = "PARACHUTE_TRUST_LEVEL"


class Settings(ProgramSettings):
    """The keys beside `use: command`."""

    timeout: Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)] = 120
    """Most seconds of one whole answer."""


class Command:
    """One process for each turn."""

    def __init__(self, context: OrchestratorContext) -> None:
        self._context = context
        self._settings: Settings = context.settings

    async def answer(self, turn: Turn) -> AsyncGenerator[TurnEvent, None]:
        """See `Orchestrator.answer`."""
        text: list[str] = []
        try:
            async with aclosing(self._converse(turn)) as lines:
                async for line in lines:
                    if isinstance(line, Complaint):
                        raise OrchestratorError(OrchestratorFault.INTERNAL, f"the command says: {line.message}")
                    if isinstance(line, TextDelta):
                        text.append(line.text)
                    if isinstance(line, Done | Usage) or line.text:
                        yield line
        except OrchestratorError as error:
            error.partial = "".join(text)
            raise

    async def _converse(self, turn: Turn) -> AsyncGenerator[Line, None]:
        """What the command says, `Done` last and only after it has exited well."""
        clock = self._context.clock
        seconds = min(turn.deadline, self._settings.timeout)
        ends = clock.monotonic() + seconds
        process = await self._start(turn)
        try:
            while (line := await self._within(ends - clock.monotonic(), process)) is not None:
                if isinstance(line, Done):
                    await self._see_off(process)
                    yield line
                    return
                yield line
            raise await self._ended_early(process)
        except TimeoutError as error:
            raise OrchestratorError(OrchestratorFault.TIMEOUT, f"the command was not done after {seconds:g} s") from error
        except OutputTooLong as error:
            raise OrchestratorError(OrchestratorFault.PROTOCOL, f"a line of its output is longer than {LONGEST_LINE} bytes") from error
        finally:
            await process.stop()

    async def _start(self, turn: Turn) -> Program:
        context, settings = self._context, self._settings
        request: dict[str, object] = {
            "session_id": turn.session_id,
            "text": turn.text,
            "history": [{"role": entry.role, "text": entry.text} for entry in turn.history],
        }
        if turn.sender is not None:
            request["sender"] = turn.sender
        if turn.overheard:
            request["overheard"] = [{"name": one.name, "text": one.text} for one in turn.overheard]
        env = child_environment(context.environ, context.secrets, settings.env, {TRUST_VARIABLE: turn.trust_level.value})
        try:
            return await Program.start(settings.argv, env, json.dumps(request).encode() + b"\n", context.clock, context.logger)
        except OSError as error:
            text = f"the command {settings.argv[0]!r} cannot be started: {error.strerror or error}"
            raise OrchestratorError(OrchestratorFault.UNAVAILABLE, text) from error

    async def _within(self, seconds: float, process: Program) -> Line | None:
        """The next line that says something, or None at the end of the output. Raises `TimeoutError`."""
        return await within(self._context.clock, seconds, _next_line(process))

    async def _ended_early(self, process: Program) -> OrchestratorError:
        """What it means that the output ended without `done`."""
        try:
            return _ended(await within(self._context.clock, LINGER, process.wait()))
        except TimeoutError:
            return OrchestratorError(OrchestratorFault.PROTOCOL, "the command closed its output without saying that it is done")

    async def _see_off(self, process: Program) -> None:
        """Watch it exit after its `done`: more output or a bad exit are errors still; one that lingers is ended."""

        async def watch() -> int:
            if await _next_line(process) is not None:
                raise OrchestratorError(OrchestratorFault.PROTOCOL, "its output goes on after it was done")
            return await process.wait()

        try:
            code = await within(self._context.clock, LINGER, watch())
        except TimeoutError:
            self._context.logger.warning("the command was done but did not exit; it was ended")
            return
        if code != 0:
            raise _ended(code)


async def _next_line(process: Program) -> Line | None:
    while raw := await process.read_line():
        if (line := read_line(raw)) is not None:
            return line
    return None


def _ended(code: int) -> OrchestratorError:
    if code == 0:
        return OrchestratorError(OrchestratorFault.PROTOCOL, "the command exited without saying that it is done")
    return OrchestratorError(OrchestratorFault.INTERNAL, f"the command ended with {how_it_ended(code)}")


def make_orchestrator(context: OrchestratorContext) -> Command:
    """The entry point."""
    return Command(context)
