"""What comes along with core and the five plugins, without any extra: few packages, and not much on the disk."""

from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FIVE = ("pairing", "ratelimit", "retry", "sessionguard", "strictstate")
MOST_PACKAGES, MOST_BYTES = 35, 30_000_000


def needed(name: str, seen: set[str]) -> Iterator[Distribution]:
    """A distribution and all that it asks for on this machine, each once."""
    if name in seen:
        return
    seen.add(name)
    one = distribution(name)
    yield one
    for asked in map(Requirement, one.requires or ()):
        if asked.marker is None or asked.marker.evaluate({"extra": ""}):
            assert not asked.extras, f"{name} asks for an extra: {asked}"
            yield from needed(canonicalize_name(asked.name), seen)


def size(one: Distribution) -> int:
    """Bytes on the disk, compiled modules included; of ours, which may be linked here, the sources."""
    if one.name.startswith("parachute-"):
        root = Path(__file__).parents[1]
        folder = root if one.name == "parachute-core" else root / "plugins" / one.name.removeprefix("parachute-")
        files = (folder / one.name.replace("-", "_")).rglob("*")
        return sum(file.stat().st_size for file in files if file.is_file() and "__pycache__" not in file.parts)
    places = (Path(str(file.locate())) for file in one.files or ())
    return sum(place.stat().st_size for place in places if place.is_file())


def test_core_with_the_five_plugins_is_a_small_install() -> None:
    seen: set[str] = set()
    base = [one for name in ("core", *FIVE) for one in needed(f"parachute-{name}", seen)]
    assert len(base) > len(FIVE) + 1
    sizes = {one.name: size(one) for one in base}
    assert len(base) <= MOST_PACKAGES, sorted(sizes)
    assert sum(sizes.values()) < MOST_BYTES, sizes
    assert not {"anthropic", "openai", "hikari", "matrix-nio", "python-telegram-bot", "prometheus-client"} & seen
