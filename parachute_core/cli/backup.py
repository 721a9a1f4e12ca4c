"""`parachute-core backup` and `parachute-core restore`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from parachute_core.cli.exits import explained
from parachute_core.cli.options import home_option, json_option
from parachute_core.cli.output import plain, result, table, warn
from parachute_core.home import Home

if TYPE_CHECKING:
    from parachute_core.backup.manifest import Manifest

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=FILE)
@home_option
@json_option
def backup(file: Path, home: Home, as_json: bool) -> None:
    """Write everything of a home into FILE; the bot may run meanwhile.

    A backup that FILE is already is replaced once the new one is whole; anything else is left alone.
    """
    from parachute_core.backup.make import back_up
    from parachute_core.clock import SystemClock

    with explained():
        manifest = back_up(home, file, _installed(), SystemClock())
    elsewhere = _elsewhere(home, manifest)
    facts = {"file": str(file), **_told(manifest), "not_in_it": elsewhere}
    rows = [(name, f"{part.size:,}") for name, part in manifest.files.items()]
    listed = table(("FILE", "BYTES"), rows)
    text = f"{file}, readable by you alone, holds\n\n{listed}\n\nkeep it safe: the keys and the conversations of the bot are in it"
    if elsewhere:
        text += f"\nnot in it, since bots.yaml takes it from elsewhere: {plain(', '.join(elsewhere))}"
    result(facts, as_json=as_json, text=text)


@click.command()
@click.argument("file", type=FILE)
@home_option
@click.option("--replace", is_flag=True, help="Take the place of a bot that is there; it is kept beside the new one.")
@json_option
def restore(file: Path, home: Home, replace: bool, as_json: bool) -> None:
    """Make a home of the backup FILE. No bot may run with it.

    Everything in the backup is looked at before anything is changed.
    """
    from parachute_core.backup.restore import restore as put_back
    from parachute_core.clock import SystemClock

    with explained():
        restored = put_back(file, home, SystemClock(), replace=replace)
    manifest, installed = restored.manifest, _installed()
    for name, version in manifest.plugins.items():
        if installed.get(name) != version:
            here = installed.get(name, "none")
            warn(f"the backup was made with {name} {version}, here is {here}: `parachute-core check` says whether that is fine")
    facts = {"home": str(home.path), "kept": None if restored.kept is None else str(restored.kept), **_told(manifest)}
    lines = [f"{home.path} is as it was on {manifest.made_at}: {len(manifest.files)} files"]
    if restored.kept is not None:
        lines.append(f"what was there before is in {restored.kept}")
    lines.append("whoever was let in or revoked since then is not, or is again: look at allowed_users in bots.yaml before you start it")
    result(facts, as_json=as_json, text="\n".join(lines))


def _told(manifest: "Manifest") -> dict[str, object]:
    return {
        "made_at": manifest.made_at,
        "version": manifest.version,
        "files": [{"name": name, "size": part.size} for name, part in manifest.files.items()],
    }


def _installed() -> dict[str, str]:
    from parachute_core.hooks.discover import discover

    return {one.distribution: one.version for one in discover()}


def _elsewhere(home: Home, manifest: "Manifest") -> list[str]:
    """What the configuration refers to and the backup does not hold; none where it cannot be read."""
    import yaml

    from parachute_core.config.expand import referenced

    try:
        named = set(referenced(yaml.safe_load(home.config_path.read_text(encoding="utf-8"))))
        return sorted(one for one in named if _place(home, one) not in manifest.files)
    except (OSError, ValueError, yaml.YAMLError):
        return []


def _place(home: Home, reference: str) -> str | None:
    """Where below the home the file is that a reference names; None: it names none."""
    if not reference.startswith("file:"):
        return None
    path = home.path / reference.removeprefix("file:")
    # A link is in a backup as the file that it leads to, the folder behind a link is not.
    return os.path.relpath(os.path.join(os.path.realpath(path.parent), path.name), os.path.realpath(home.path))
