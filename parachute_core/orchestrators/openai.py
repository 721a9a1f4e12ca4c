"""`use: openai`: any server that speaks OpenAI's chat completions. See `docs/orchestrators.md`. The library is imported when it is made."""

from typing import Annotated

from pydantic import Field

from parachute_core.model.errors import ConfigError
from parachute_core.model.turn import Orchestrator
from parachute_core.orchestrators.context import OrchestratorContext
from parachute_core.orchestrators.service_settings import ApiKey, BaseUrl, ServiceSettings

OWN_URL = "https://api.openai.com/v1"


class Settings(ServiceSettings):
    """The keys beside `use: openai`."""

    api_key: ApiKey | None = Field(default=None, repr=False)
    """None: the server wants none."""
    base_url: BaseUrl = OWN_URL
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000, strict=True)] | None = None
    """The longest that one answer may be; None: as long as the server likes."""


def make_orchestrator(context: OrchestratorContext) -> Orchestrator:
    """The entry point. Raises `ConfigError` when the library is not installed."""
    try:
        from parachute_core.orchestrators.chat_completions import ChatCompletions
    except ImportError as error:
        raise ConfigError(f"orchestrator.use: openai needs the extra parachute-core[openai]: {error}") from error
    return ChatCompletions(context)
