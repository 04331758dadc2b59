"""What a distro's suites hold: what a plugin fills for ``samego watch``.

It registers one object under the entry point group ``samego.listings``, with the distro's name.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import Protocol, cast

from samego.distro.interface import Request
from samego.distro.plugins import load, registered
from samego.errors import ConfigError

GROUP = "samego.listings"


class NotWatchedError(ConfigError):
    """No suite is configured, and no mirror of the distro is known here. A note, not a failure."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A version that a suite of a distro holds. ``spec`` names it for ``samego check``.

    ``package`` and ``version`` are the source package's, as a report on it has them.
    """

    distro: str
    suite: str
    package: str
    version: str
    architecture: str
    spec: str


class Lister(Protocol):
    """One distro's suites."""

    def suites(self, options: Mapping[str, object]) -> tuple[str, ...]:
        """The suites to read; ``options`` is the plugin's table of the configuration.

        Raises NotWatchedError where that names none and no mirror is known here, and ConfigError
        for a setting that is not understood.
        """

    def offers(self, suite: str, request: Request) -> tuple[Offer, ...]:
        """All Go toolchains that a suite holds, as its verified index says.

        ``request.what`` is empty. Raises SamegoError where the list would not be complete.
        """


def listers() -> Mapping[str, Callable[[], Lister]]:
    """For each distro, by name, the function that loads its lister; it raises ConfigError."""
    return {name: functools.partial(_loaded, point) for name, point in registered(GROUP).items()}


def names_in(
    options: Mapping[str, object], table: str, key: str, default: tuple[str, ...]
) -> tuple[str, ...]:
    """A list of names from a plugin's table, such as ``suites``. Raises ConfigError."""
    value = options.get(key)
    if value is None:
        return default
    if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
        raise ConfigError(
            f"{key} in the table [{table}] is {value!r}",
            hint=f"write a list of names such as {list(default)!r}",
        )
    return tuple(dict.fromkeys(value))


def _loaded(point: EntryPoint) -> Lister:
    return cast("Lister", load(point))
