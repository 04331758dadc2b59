"""Binary packages: a .deb's metadata, and what it installs.

samego_debian.package.container reads the container, the core's reader the two archives in it.
They must have the form that dpkg-deb writes, which dpkg and GNU tar read alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from samego.errors import InputError
from samego.formats.archive.limits import ArchiveLimits
from samego.formats.archive.one_stream import open_one_stream
from samego.formats.archive.paths import hostile
from samego.formats.archive.spool import Spool
from samego.formats.archive.tar.gnu import DPKG_DEB
from samego.formats.archive.tar.reader import find_in_tar, read_tar
from samego.formats.tree.composed import ComposedSource
from samego.formats.tree.goroot import merge
from samego.model.tree import Entry, Kind, Tree
from samego.system.hashing import sha256_descriptor
from samego_debian.package.container import Part, read_container
from samego_debian.package.control import ControlFile, check_members, parse_control
from samego_debian.version import DebianVersion

#: A control archive holds md5 sums of all files (2 MB for Go's sources) and scripts.
_CONTROL_LIMITS = ArchiveLimits(entries=100, total_bytes=32 << 20, file_bytes=16 << 20)

#: Members of the control archive that describe the package; any other one acts when the
#: package is installed and is shown in the payload.
_DESCRIPTIONS = ("control", "md5sums")
#: A member's name: those of deb-control(5) and its neighbours, none below a directory.
_CONTROL_MEMBER = re.compile(r"[a-z0-9][a-z0-9+.-]*")
#: dpkg-deb gives them ``u+rw,go=rX`` (src/deb/build.c).
_CONTROL_MODES = (0o644, 0o755)
#: Where such members stand in the payload, named as dpkg names them in its info directory.
CONTROL_DIRECTORY = "DEBIAN"


class Deb:
    """One .deb: identity at once, contents on demand. Close it when done.

    ``name`` is the file's name; ``package``, ``version``, ``architecture`` and ``source``
    (name and version of the source package) come from its control file.
    """

    def __init__(self, path: Path) -> None:
        """Open a .deb. Raises InputError for anything else, a truncated file, or other members."""
        self.path = path
        self.name = path.name
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise InputError(
                f"{path} cannot be read ({error.strerror})", hint="check the path"
            ) from error
        try:
            self._container = read_container(self._file.fileno(), self.name)
            with closing(Spool()) as spool:
                self._control = self._read_control_archive(spool)
                self._scripts = {
                    path: self._control.read(path)
                    for path, entry in self._control.items()
                    if path not in _DESCRIPTIONS and entry.kind is Kind.FILE
                }
                self._fields = self._read_fields()
            self.package = self._field("Package")
            self.version = DebianVersion(self._field("Version"))
            self.architecture = self._field("Architecture")
            self.source = self._source()
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def sha256(self) -> str:
        """The digest of the whole file."""
        return sha256_descriptor(self._file.fileno())

    def find(self, wanted: Callable[[str], bool]) -> tuple[str, bytes] | None:
        """The first file of the payload that ``wanted`` accepts; decompression stops there."""
        return find_in_tar(self._open_data, wanted, name=self.name, form=DPKG_DEB)

    def read(self, *, spool: Spool, known: Container[str]) -> Tree:
        """The payload in one pass, with what acts on installation below ``DEBIAN/``."""
        data = read_tar(self._open_data, name=self.name, spool=spool, known=known, form=DPKG_DEB)
        return merge([data, self._acting()], name=self.name)

    def read_all(self, *, spool: Spool) -> Tree:
        """The payload in one pass, with every member of the control archive below ``DEBIAN/``."""
        data = read_tar(self._open_data, name=self.name, spool=spool, form=DPKG_DEB)
        control = self._read_control_archive(spool)
        own = {f"{CONTROL_DIRECTORY}/{path}": path for path in control}
        entries = {shown: replace(control[path], path=shown) for shown, path in own.items()}
        source = ComposedSource(lambda shown: (control, own[shown]))
        shown = Tree(entries, source, name=control.name, carries_modes=True)
        return merge([data, shown], name=self.name)

    def _open(self, part: Part, limits: ArchiveLimits) -> BinaryIO:
        file = part.open(self._file.fileno())
        return open_one_stream(
            file, part.compression, name=f"{self.name}'s {part.name}", limits=limits
        )

    def _open_data(self) -> BinaryIO:
        return self._open(self._container.data, ArchiveLimits())

    def _read_control_archive(self, spool: Spool) -> Tree:
        """The control archive: plain files of root's, side by side."""
        name = f"{self.name}'s control archive"
        tree = read_tar(
            lambda: self._open(self._container.control, _CONTROL_LIMITS),
            name=name,
            spool=spool,
            limits=_CONTROL_LIMITS,
            form=DPKG_DEB,
        )
        for path, entry in tree.items():
            if entry.kind is not Kind.FILE or not _CONTROL_MEMBER.fullmatch(path):
                raise hostile(
                    name, f"has {path!r}, a {entry.kind.value}, which dpkg-deb never writes"
                )
            if entry.mode not in _CONTROL_MODES or entry.owner != (0, 0):
                raise hostile(
                    name, f"has {path!r} with the mode {entry.mode:04o} or an owner not root"
                )
        return tree

    def _read_fields(self) -> dict[str, str]:
        if "control" not in self._control:
            raise self._damaged("it has no control file")
        try:
            data = self._control.read("control")
        except KeyError as error:
            raise self._damaged("its control file is no file") from error
        check_members(self._control, name=self.name)
        return parse_control(data, name=self.name)

    @property
    def control(self) -> ControlFile:
        """The fields of its control file."""
        return ControlFile(self.package, self._fields)

    def _field(self, name: str) -> str:
        value = self._fields.get(name)
        if not value:
            raise self._damaged(f"its control file has no {name}")
        return str(value).strip()

    def _source(self) -> tuple[str, str]:
        """Name and version of the source package; both default to the binary's own."""
        name, _, version = str(self._fields.get("Source", self.package)).partition(" ")
        return name, version.strip("() ") or self.version.source

    def _acting(self) -> Tree:
        """The control members that act on installation, as entries of the payload."""
        entries: dict[str, Entry] = {}
        data: dict[str, bytes] = {}
        for path, entry in self._control.items():
            if path in _DESCRIPTIONS and entry.kind is Kind.FILE:
                continue
            shown = f"{CONTROL_DIRECTORY}/{self.package}.{path}"
            entries[shown] = replace(entry, path=shown)
            if entry.kind is Kind.FILE:
                data[shown] = self._scripts[path]
        return Tree(entries, _Held(data), name=self.name, carries_modes=True)

    def _damaged(self, what: str) -> InputError:
        return InputError(
            f"{self.name} is not a readable .deb ({what})",
            hint="get the file again from its source",
        )


class _Held:
    """Gives bytes that are held in memory (the few scripts of a package)."""

    def __init__(self, data: dict[str, bytes]) -> None:
        self._data = data

    def load(self, paths: Iterable[str]) -> None:
        """Nothing to prepare."""

    def read(self, path: str) -> bytes:
        return self._data[path]
