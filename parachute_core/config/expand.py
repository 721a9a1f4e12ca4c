"""`${NAME}` and `${file:/path}`: secrets that are not written in the file itself."""

import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from parachute_core.config.problems import Keys

REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)(\}?)")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
LARGEST_FILE = 64 * 1024
FORMS = "expected ${NAME} or ${file:/path}; a literal ${ is written $${"


class _ReferenceError(Exception):
    """A reference that cannot be followed; the text says why."""


@dataclass(slots=True)
class Expansion:
    """What the references of a file stand for."""

    environ: Mapping[str, str]
    folder: Path
    """Where relative `${file:}` paths start."""
    plain: set[Keys]
    """Where values stand without quotes: there, a reference to exactly `true` or `false` is that and no text."""
    values: list[tuple[Keys, str]] = field(default_factory=list)
    """Each value that a reference gave, and where it was used."""
    files: list[Path] = field(default_factory=list)
    """Each file that a reference names."""
    failures: dict[Keys, str] = field(default_factory=dict)
    """Where a reference could not be followed, and why; the value is left as it is there."""

    def expand(self, value: object, keys: Keys = ()) -> object:
        """`value` with every reference in its texts replaced; the keys of mappings are left alone."""
        if isinstance(value, dict):
            return {key: self.expand(one, (*keys, key)) for key, one in value.items()}
        if isinstance(value, list):
            return [self.expand(one, (*keys, number)) for number, one in enumerate(value)]
        return self._text(value, keys) if isinstance(value, str) and "${" in value else value

    def _text(self, text: str, keys: Keys) -> object:
        try:
            expanded = REFERENCE.sub(lambda found: self._follow(found, keys), text)
        except _ReferenceError as error:
            self.failures[keys] = str(error)
            return text
        alone = REFERENCE.fullmatch(text) and keys in self.plain
        return expanded == "true" if alone and expanded in ("true", "false") else expanded

    def _follow(self, found: re.Match[str], keys: Keys) -> str:
        if found.group() == "$${":
            return "${"
        name, closed = found.groups()
        if not closed:
            raise _ReferenceError(f"a reference is not closed: {FORMS}")
        kind, colon, path = name.partition(":")
        if kind == "file" and colon:
            value = self._file(path)
        elif NAME.fullmatch(name):
            value = self._variable(name)
        else:
            raise _ReferenceError(f"not a reference: {FORMS}")
        self.values.append((keys, value))
        return value

    def _variable(self, name: str) -> str:
        if name not in self.environ:
            raise _ReferenceError(f"the environment variable {name} is not set")
        return self.environ[name]

    def _file(self, name: str) -> str:
        if not name or "\0" in name:
            raise _ReferenceError(f"not a reference: {FORMS}")
        path = self.folder / name
        self.files.append(path)
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                raise _ReferenceError(f"{path} is not a file")
            with path.open("rb") as file:
                content = file.read(LARGEST_FILE + 1)
            if len(content) > LARGEST_FILE:
                raise _ReferenceError(f"{path} is larger than {LARGEST_FILE // 1024} KiB")
            return content.decode().rstrip("\r\n")
        except OSError as error:
            raise _ReferenceError(f"{path} cannot be read: {error.strerror or error}") from None
        except UnicodeDecodeError:
            raise _ReferenceError(f"{path} is not UTF-8 text") from None


def referenced(value: object) -> Iterator[str]:
    """What the references in a document name: variables, and `file:` with a path."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from referenced(one)
    elif isinstance(value, str):
        yield from (found.group(1) for found in REFERENCE.finditer(value) if found.group() != "$${" and found.group(2))


def literal(text: str) -> str:
    """`text` as it is written so that no part of it is taken for a reference."""
    return text.replace("${", "$${")
