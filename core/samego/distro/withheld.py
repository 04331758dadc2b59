"""Files that the package manager is configured not to unpack: their absence is no difference.

A file that is there is judged, whatever the settings say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: How many settings a note names.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class ManagerSetting:
    """A setting of the package manager, as written, and its file."""

    text: str
    file: str

    def __str__(self) -> str:
        return f"{self.text} in {self.file}"


@dataclass(frozen=True, slots=True)
class Withheld:
    """Payload paths that were not unpacked, each with the setting that says so."""

    by_path: Mapping[str, ManagerSetting]

    @property
    def paths(self) -> frozenset[str]:
        """The paths alone."""
        return frozenset(self.by_path)

    def notes(self, manager: str) -> tuple[str, ...]:
        """One note that names the settings and their files; none where nothing was left out."""
        if not self.by_path:
            return ()
        settings = listed(self.by_path.values())
        count = len(self.by_path)
        files, them = ("path is", "it") if count == 1 else ("paths are", "them")
        note = f"{count:,} {files} not on disk because {manager} is configured not to unpack {them}"
        return (f"{note} ({settings}): not compared",)


def listed(settings: Iterable[ManagerSetting]) -> str:
    """The first few of several settings, each once."""
    texts = list(dict.fromkeys(map(str, settings)))
    more = f", and {len(texts) - _NAMED} more" if len(texts) > _NAMED else ""
    return ", ".join(texts[:_NAMED]) + more
