"""Installed distributions without an installer: entry points are found by the standard library's own means."""

import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


def fake_distribution(
    folder: Path,
    name: str,
    version: str = "1.0",
    entry_points: Mapping[str, Mapping[str, str]] | None = None,
    modules: Mapping[str, str] | None = None,
) -> Path:
    """Write what an installer would have written to `folder`; returns the `*.dist-info` folder.

    `entry_points` is `{group: {name: "module:attribute"}}`, `modules` is `{"package.module": source}`; packages that
    are not named get an empty `__init__.py`. See `importable` for making it count.
    """
    files = [_write(folder, path, source) for path, source in _paths(modules or {}).items()]
    info = f"{re.sub(r'[-_.]+', '_', name).lower()}-{version}.dist-info"
    sections = [
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in entries.items()) for group, entries in (entry_points or {}).items()
    ]
    files.append(_write(folder, f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"))
    files.append(_write(folder, f"{info}/entry_points.txt", "\n".join(sections)))
    _write(folder, f"{info}/RECORD", "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD")))
    return folder / info


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """Within the block, the distributions in `folder` are installed: found and imported. After it, nothing of them is left."""
    place = str(folder)
    sys.path.insert(0, place)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(place)
        for name, module in sys.modules.copy().items():
            if Path(getattr(module, "__file__", None) or "/").is_relative_to(folder):
                del sys.modules[name]
        importlib.invalidate_caches()


def _paths(modules: Mapping[str, str]) -> dict[str, str]:
    packages = {".".join(name.split(".")[:depth]) for name in modules for depth in range(1, name.count(".") + 1)}
    sources = {**dict.fromkeys(packages, ""), **modules}
    return {name.replace(".", "/") + ("/__init__.py" if name in packages else ".py"): source for name, source in sources.items()}


def _write(folder: Path, path: str, text: str) -> str:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return path
