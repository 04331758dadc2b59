"""What pacman.conf(5) says: where pacman's database lies, and a repository's servers.

Only what samego needs is read: RootDir, DBPath, GPGDir, NoExtract and NoUpgrade of [options], the
Server lines of repositories, and Include. Nothing of pacman is run.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from samego.distro.withheld import ManagerSetting
from samego.errors import ConfigError
from samego.system.there import exists

CONFIGURATION = "etc/pacman.conf"
#: pacman's own default (pacman.conf(5)); relative to the root.
DATABASE = "var/lib/pacman"
_SECTION = re.compile(r"\[(?P<name>[^]]+)\]")
_OPTION = re.compile(r"(?P<key>[A-Za-z]+)\s*=\s*(?P<value>\S.*)")
#: pacman's own limit on nested Include lines, and one on the length of a file.
_NESTED = 10
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class PacmanSetting:
    """One ``key = value`` line with the section and the file that it stands in."""

    section: str
    key: str
    value: str
    file: Path


class PacmanConf:
    """The settings of a system's pacman.conf, in their order; none where there is no file."""

    def __init__(self, root: Path) -> None:
        """Read the file below ``root``. Raises ConfigError when it cannot be read."""
        self.root = root
        path = root / CONFIGURATION
        self._settings = list(_read(path, root, "", 0)) if exists(path) else []

    @property
    def database(self) -> Path:
        """The directory that holds ``local/`` and ``sync/``."""
        return self._directory("DBPath", DATABASE)

    @property
    def keys(self) -> Path:
        """The directory of pacman's own keyring."""
        return self._directory("GPGDir", "etc/pacman.d/gnupg")

    def servers(self, repository: str, architecture: str) -> tuple[str, ...]:
        """The URLs that serve a repository for an architecture, in pacman's order."""
        return tuple(
            setting.value.replace("$repo", repository).replace("$arch", architecture).rstrip("/")
            for setting in self._settings
            if (setting.section, setting.key) == (repository, "Server")
        )

    def patterns(self, key: str) -> tuple[tuple[str, ManagerSetting], ...]:
        """The patterns of an option such as NoExtract, in pacman's order, each with its line."""
        return tuple(
            (pattern, ManagerSetting(f"{key} = {setting.value}", self._shown(setting.file)))
            for setting in self._settings
            if (setting.section, setting.key) == ("options", key)
            for pattern in setting.value.split()
        )

    def _shown(self, path: Path) -> str:
        return f"/{path.relative_to(self.root)}" if path.is_relative_to(self.root) else str(path)

    def _directory(self, key: str, default: str) -> Path:
        found = [s.value for s in self._settings if (s.section, s.key) == ("options", key)]
        return self.root / (found[0] if found else default).lstrip("/")


def _read(path: Path, root: Path, section: str, depth: int) -> Iterator[PacmanSetting]:
    """The settings of one file; a file that is included continues the section."""
    if depth > _NESTED:
        raise ConfigError(f"{path} is included by itself", hint="correct pacman.conf")
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST).decode("utf-8", "replace")
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read ({error.strerror})", hint="correct pacman.conf"
        ) from error
    for raw in text.splitlines():
        line = raw.partition("#")[0].strip()
        if match := _SECTION.fullmatch(line):
            section = match["name"]
        elif (match := _OPTION.fullmatch(line)) and match["key"] == "Include":
            pattern = str(root / match["value"].lstrip("/"))
            for name in sorted(glob.glob(pattern)):  # noqa: PTH207 - Path.glob takes no absolute pattern
                yield from _read(Path(name), root, section, depth + 1)
        elif match:
            yield PacmanSetting(section, match["key"], match["value"].strip(), path)
