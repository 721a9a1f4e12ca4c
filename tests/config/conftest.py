"""A `bots.yaml` on a real disk for each test."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from parachute_core.config.file import ConfigFile

MakeFile = Callable[..., ConfigFile]


@pytest.fixture
def config_file(tmp_path: Path) -> MakeFile:
    """`config_file(text, environ)`: a `ConfigFile` that holds exactly that text."""

    def make(text: str, environ: Mapping[str, str] | None = None) -> ConfigFile:
        path = tmp_path / "bots.yaml"
        path.write_bytes(text.encode())
        path.chmod(0o600)
        return ConfigFile(path, environ or {}, lock_wait=5.0)

    return make
