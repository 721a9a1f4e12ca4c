"""What the orchestrator that `init` is to name needs, as far as its own settings tell."""

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

import click
from pydantic import BaseModel

from parachute_core.chosen import installed_orchestrators, orchestrator_settings
from parachute_core.cli.questions import Questions, read_secret

Keys = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class AgentWishes:
    """What the options said; None: nothing."""

    name: str | None
    program: str | None
    model: str | None
    url: str | None
    key_file: IO[str] | None


@dataclass(frozen=True, slots=True)
class Agent:
    """Ready to be written down."""

    name: str
    keys: Keys
    secrets: Mapping[str, str]


def choose_agent(questions: Questions, wishes: AgentWishes) -> Agent:
    """Ask for what is missing. Raises `click.UsageError`, and `ConfigError` when there is no such orchestrator."""
    name = questions.choice("What answers?", wishes.name, installed_orchestrators(), "echo")
    settings = orchestrator_settings(name)
    fields = settings.model_fields if settings else {}
    keys: dict[str, str | tuple[str, ...]] = {}
    if _wanted(fields, "argv", "--program", wishes.program):
        keys["argv"] = _words(questions.needed("The program that answers, such as python3 agent.py", wishes.program, "--program"))
    if _wanted(fields, "model", "--model", wishes.model):
        keys["model"] = questions.needed("The model, by the name that the service has for it", wishes.model, "--model")
    if _wanted(fields, "base_url", "--agent-url", wishes.url) and wishes.url:
        keys["base_url"] = wishes.url
    secrets = {}
    if _wanted(fields, "api_key", "--agent-key-file", wishes.key_file) and (key := _key(questions, name, settings, wishes.key_file)):
        secrets["api_key"] = key
    return Agent(name, keys, secrets)


def _wanted(fields: Mapping[str, object], key: str, option: str, given: object) -> bool:
    if key not in fields and given is not None:
        raise click.UsageError(f"{option} has no use with what was chosen")
    return key in fields


def _words(line: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(line))
    except ValueError as error:
        raise click.UsageError(f"--program: {error}".lower()) from None


def _key(questions: Questions, name: str, settings: type[BaseModel] | None, file: IO[str] | None) -> str | None:
    """None: the service may do without one."""
    variable = f"{name.upper()}_API_KEY"
    given = read_secret(file, "--agent-key-file") or os.environ.get(variable, "").strip()
    if given or settings is None or not settings.model_fields["api_key"].is_required():
        return given or None
    return questions.secret("The key of the service", f"the key is needed: --agent-key-file FILE, or the environment variable {variable}")
