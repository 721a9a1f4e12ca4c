"""`use: anthropic`: Claude, over the Messages API. See `docs/claude.md`. The library is imported when it is made."""

from typing import Annotated

from pydantic import Field

from parachute_core.model.errors import ConfigError
from parachute_core.model.turn import Orchestrator
from parachute_core.orchestrators.context import OrchestratorContext
from parachute_core.orchestrators.service_settings import ApiKey, BaseUrl, ServiceSettings


class Settings(ServiceSettings):
    """The keys beside `use: anthropic`."""

    api_key: ApiKey = Field(repr=False)
    base_url: BaseUrl = "https://api.anthropic.com"
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000, strict=True)] = 8192
    """The longest that one answer may be."""


def make_orchestrator(context: OrchestratorContext) -> Orchestrator:
    """The entry point. Raises `ConfigError` when the library is not installed."""
    try:
        from parachute_core.orchestrators.messages_api import Claude
    except ImportError as error:
        raise ConfigError(f"orchestrator.use: anthropic needs the extra parachute-core[anthropic]: {error}") from error
    return Claude(context)
