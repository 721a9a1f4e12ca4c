"""The keys that say which program is started."""

import shutil
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

Argument = Annotated[str, Field(min_length=1, pattern=r"^[^\x00]*$")]
VariableName = Annotated[str, Field(pattern=r"^[^=\x00]+$")]
VariableValue = Annotated[str, Field(pattern=r"^[^\x00]*$")]


class ProgramSettings(BaseModel):
    """What every `use: command` takes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    argv: Annotated[tuple[Argument, ...], Field(min_length=1)]
    """The program, found on PATH, and its arguments; no shell is involved."""
    env: dict[VariableName, VariableValue] = Field(default={}, repr=False)
    """Variables that the program gets besides what it inherits."""

    @field_validator("argv")
    @classmethod
    def _must_exist(cls, argv: tuple[str, ...]) -> tuple[str, ...]:
        if shutil.which(argv[0]) is None:
            raise ValueError(f"{argv[0]!r} is not an executable file, nor a command on PATH")
        return argv
