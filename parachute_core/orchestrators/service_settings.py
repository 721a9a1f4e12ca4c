"""The keys that every language model behind an HTTP service takes."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from parachute_core.model.addresses import is_web_address
from parachute_core.model.turn import LONGEST_MODEL


def _base_url(text: str) -> str:
    # What the libraries make of a host in other letters they decide as they are made, with an exception.
    if not is_web_address(text) or not text.isascii() or "?" in text or "#" in text:
        raise ValueError("expected an address such as https://example.org/v1, in ASCII and without ? and #")
    return text


BaseUrl = Annotated[str, Field(max_length=2000), AfterValidator(_base_url)]
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
