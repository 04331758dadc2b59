"""How a directory keeps releases of the pages, and shows one of them.

::

    /srv/www/go                 a link to .go.releases/DIGEST: what readers see
    /srv/www/.go.releases/
        DIGEST/                 each release whole, named by samego.monitor.publish.snapshot
        held                    who publishes from this machine holds it

A release is written into its directory while no link shows it; replacing the link by
rename(2) switches all files at once. A release that was left in the middle is completed by
the next run, file by file. The one shown before stays for readers who are in the middle of
it; another is removed when it was not written to for a day, since over a network
a run cannot see whether another one uses it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from samego.errors import DiskFullError, InputError

#: Seconds for which a release that is not shown is left alone.
GRACE = 24 * 3600.0
DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ReleasePlace:
    """What there is at a destination.

    ``shown`` is the release that the link shows, or empty when there is no link.
    ``releases`` maps each release to when it was last written to (seconds since the epoch).
    """

    shown: str = ""
    releases: Mapping[str, float] = field(default_factory=dict)

    def unneeded(self, keep: Collection[str], now: float) -> list[str]:
        """The releases that may be removed."""
        return sorted(
            name for name, used in self.releases.items() if name not in keep and now - used >= GRACE
        )


def directory(name: str) -> str:
    """The name of the directory for releases, beside the link ``name``."""
    return f".{name}.releases"


def link_target(name: str, digest: str) -> str:
    """What the link ``name`` holds when it shows a release."""
    return f"{directory(name)}/{digest}"


def shown_by(name: str, target: str) -> str:
    """The release that a link shows, or an empty string for another program's link."""
    place, _, digest = target.rpartition("/")
    return digest if place == directory(name) and DIGEST.fullmatch(digest) else ""


def not_ours(destination: str, what: str) -> InputError:
    """The error for something at the destination that publishing did not put there."""
    return InputError(
        f"{destination} is {what} that samego did not make",
        hint="move it away, or publish under another name: the first time makes a link",
    )


def full(destination: str) -> DiskFullError:
    """The error for a destination without room."""
    return DiskFullError(
        f"{destination} is full; the published site is unchanged",
        hint="free space there and publish again; the next run continues",
    )
