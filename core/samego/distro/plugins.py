"""Finding what installed packages register under an entry point group: the plugins."""

from __future__ import annotations

import functools
from importlib.metadata import EntryPoint, entry_points

from samego.errors import ConfigError


@functools.cache
def registered(group: str) -> dict[str, EntryPoint]:
    """The entry points of a group by name, in the order of their names. Nothing is imported."""
    points = sorted(entry_points(group=group), key=lambda point: point.name)
    return {point.name: point for point in points}


def load(point: EntryPoint) -> object:
    """The object that an entry point names. Raises ConfigError where it cannot be imported."""
    try:
        return point.load()
    except (ImportError, AttributeError) as error:
        raise ConfigError(
            f"the plugin {point.name} ({point.value}) cannot be loaded: {error}",
            hint="reinstall or remove it",
        ) from error
