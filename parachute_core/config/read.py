"""A file to a validated config, or to one error that names everything that is wrong with it."""

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

from parachute_core.config.document import Document
from parachute_core.config.explain import unknown_key
from parachute_core.config.problems import Problem, refuse
from parachute_core.config.schema import (
    PLATFORMS,
    AdminSection,
    BotsConfig,
    OrchestratorSection,
    PlatformSection,
    PluginSection,
    TranscriberSection,
)
from parachute_core.config.values import Names
from parachute_core.model.errors import ConfigError

Sections = Mapping[str, type[PlatformSection]]
NO_SECTIONS: Sections = MappingProxyType({})
CORE_KEYS = ("orchestrator", "transcriber", "plugins", "required", "admin")
OPEN_SECTIONS = ("orchestrator", "transcriber", "plugins")
"""Below these, the keys are not known here."""
SECRET_ENDINGS = ("key", "token", "secret", "password")


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A file that was read whole and is valid."""

    document: Document
    config: BotsConfig
    secrets: frozenset[str] = field(repr=False)
    """Every credential, expanded, to be masked wherever text leaves the process."""
    warnings: tuple[str, ...]
    """`file:line:col: …`, one line each, for the owner."""
    revision: str
    """A short hash of the file's bytes: it is the same as long as they are."""


def read_config(path: Path, environ: Mapping[str, str], extra_sections: Sections = NO_SECTIONS) -> LoadedConfig:
    """Read and validate the file. `extra_sections`: the section model of each connector from another distribution, by its name.

    Raises `ConfigError` with every problem that can be told, also when there is no file.
    """
    content, mode = read_bytes(path)
    loaded = load_text(path, content, environ, extra_sections)
    if mode & 0o077:
        remark = f"{path.name}: other users of this machine can read it (mode {mode:04o}); run: chmod 600 {path.name}"
        return replace(loaded, warnings=(remark, *loaded.warnings))
    return loaded


def read_bytes(path: Path) -> tuple[bytes, int]:
    """The file's content and its permission bits. Raises `ConfigError`."""
    try:
        # Without blocking: a pipe in the file's place would never be opened.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise ConfigError(f"{path}: not a file")
            return file.read(), stat.S_IMODE(mode)
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise ConfigError(f"{path}: not a file") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from None


def load_text(path: Path, content: bytes, environ: Mapping[str, str], extra_sections: Sections) -> LoadedConfig:
    """Validate `content` as if it stood in the file `path`. Raises `ConfigError`."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path.name}:{line}:1: not UTF-8 text") from None
    document = Document(path, text, environ)
    config, problems = _validate(document, {**extra_sections, **PLATFORMS})
    refuse(path.name, [*document.problems, *problems])
    warnings = tuple(
        f"{document.where(platform, key)}: {platform}.{key}: {remark}"
        for platform, section in config.sections().items()
        for key, remark in section.remarks()
    )
    secrets = frozenset(_secrets(document, config))
    revision = hashlib.sha256(content).hexdigest()[:16]
    return LoadedConfig(document, config, secrets, warnings, revision)


class _Required(BaseModel):
    model_config = ConfigDict(extra="allow")

    required: Names = ()


def _validate(document: Document, platforms: Sections) -> tuple[BotsConfig, list[Problem]]:
    known = (*platforms, *CORE_KEYS)
    problems = [document.problem((key,), unknown_key(key, known, "unknown section")) for key in document.data if key not in known]
    found: dict[str, PlatformSection] = {}
    for name, model in platforms.items():
        if name in document.data:
            section, wrong = document.check(model, name)
            problems += wrong
            if section is not None:
                found[name] = section
    orchestrator, wrong = document.check(OrchestratorSection, "orchestrator")
    problems += wrong
    transcriber = None
    if document.get("transcriber") not in (None, {}):
        transcriber, wrong = document.check(TranscriberSection, "transcriber")
        problems += wrong
    admin, wrong = document.check(AdminSection, "admin")
    problems += wrong
    if admin and admin.exposed_without_key:
        problems.append(document.problem(("admin", "host"), admin.exposed_without_key))
    required, wrong = document.check(_Required)
    problems += wrong
    plugins = document.get("plugins")
    problems += _plugin_problems(document, plugins)
    config = BotsConfig.model_validate(
        {name: section for name, section in found.items() if name in PLATFORMS}
        | {
            "others": {name: section for name, section in found.items() if name not in PLATFORMS},
            "orchestrator": orchestrator or OrchestratorSection(),
            "transcriber": transcriber,
            "plugins": plugins if isinstance(plugins, dict) and not problems else {},
            "required": required.required if required else (),
            "admin": admin or AdminSection(),
        }
    )
    return config, problems


def _plugin_problems(document: Document, plugins: object) -> list[Problem]:
    if plugins is None:
        return []
    if not isinstance(plugins, dict):
        return [document.problem(("plugins",), "expected names of plugins with their settings, such as ratelimit: {limit: 10}")]
    problems: list[Problem] = []
    for name, settings in plugins.items():
        if settings is not None and not isinstance(settings, dict):
            problems.append(document.problem(("plugins", name), "expected settings, such as {enabled: false}"))
        else:
            problems += document.check(PluginSection, "plugins", name)[1]
    return problems


def _secrets(document: Document, config: BotsConfig) -> set[str]:
    """Credentials, and what came by reference to be part of one.

    Below `OPEN_SECTIONS`: whatever came by reference or is named like a secret.
    """
    found = {value for section in config.sections().values() for value in section.credentials}
    found |= {config.admin.key or "", config.admin.metrics_key or ""}
    secret = {(name, key) for name, section in config.sections().items() for key in section.secret_keys} | {
        ("admin", "key"),
        ("admin", "metrics_key"),
    }
    found |= {value for keys, value in document.expansion.values if keys[0] in OPEN_SECTIONS or keys in secret}
    listener = config.transcriber.settings if config.transcriber else {}
    for part in (config.orchestrator.settings, listener, *config.plugins.values()):
        found |= {value for key, value in (part or {}).items() if isinstance(value, str) and key.lower().endswith(SECRET_ENDINGS)}
    return {one for one in found if one}
