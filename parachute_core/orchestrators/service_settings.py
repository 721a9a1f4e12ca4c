"""The keys that every language model behind an HTTP service takes."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from parachute_core.model.turn import LONGEST_MODEL

BaseUrl = Annotated[str, Field(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$", max_length=2000)]
ApiKey = Annotated[str, Field(pattern=r"^[!-~]+$", max_length=2000)]


class ServiceSettings(BaseModel):
    """What the services have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    model: Annotated[str, Field(min_length=1, max_length=LONGEST_MODEL, pattern=r"^\S+$")]
    """The model, by the name that the service has for it."""
    system_prompt: Annotated[str, Field(max_length=200_000)] | None = None
    """What the model is told before the conversation; None: nothing."""
    silence: Annotated[float, Field(gt=0, le=600, allow_inf_nan=False)] = 60
    """Most seconds until the first piece of an answer, and between two of them."""
