"""Build records: what a .buildinfo says was built, and from what.

The format is deb-buildinfo(5), clearsigned or not. A signature is not checked here, nor by
debrebuild: check it before, if it matters who wrote the record.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from debian.deb822 import BuildInfo

from samego.errors import InputError
from samego_debian.source.signature import signed_text

_MAX_BYTES = 16 << 20
#: File names as dpkg-genbuildinfo writes them: without a directory, and printable.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+~_%:-]*", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+~:-]*", re.ASCII)
#: Architectures that name no machine.
_NO_MACHINE = ("source", "all")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One file of a record: its lower-case sha256 and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class BuildRecord:
    """A .buildinfo.

    ``source`` is the source package's name, ``version`` that of the binary packages
    (with a binary rebuild's suffix). ``files`` maps what was built to what was recorded of
    it, without the .dsc: a source package is no product of a binary build.
    """

    path: Path
    source: str
    version: str
    architecture: str
    files: Mapping[str, Recorded]

    @property
    def rebuilt_name(self) -> str:
        """The name that a rebuild's record gets: dpkg-genbuildinfo's default one."""
        _epoch, colon, rest = self.version.partition(":")
        return f"{self.source}_{rest if colon else self.version}_{self.architecture}.buildinfo"

    @property
    def digests(self) -> dict[str, str]:
        """The sha256 of every file that was built."""
        return {name: file.sha256 for name, file in self.files.items()}


def read_record(path: Path) -> BuildRecord:
    """Read a .buildinfo. Raises InputError for any other file, or one without a package."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror})", hint="name a .buildinfo"
        ) from error
    if len(data) > _MAX_BYTES:
        raise _unreadable(path, f"it has over {_MAX_BYTES} bytes")
    try:
        # python-debian guesses the encoding of what is not UTF-8, and prints a warning.
        data.decode("utf-8")
        return _record(path, BuildInfo(signed_text(data, name=path.name)))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise _unreadable(path, str(error)) from error


def _record(path: Path, fields: BuildInfo) -> BuildRecord:
    source = str(fields["Source"]).split()[0]
    version = str(fields["Version"]).strip()
    named = str(fields["Architecture"]).split()
    machines = [name for name in named if name not in _NO_MACHINE]
    if machines:
        architecture = str(fields.get("Host-Architecture") or fields["Build-Architecture"]).strip()
    else:
        architecture = "all"
    for word in (source, version, architecture):
        if not _WORD.fullmatch(word):
            raise ValueError(f"it names {word!r}")
    files: dict[str, Recorded] = {}
    for row in fields.get("Checksums-Sha256", []):
        name, digest = str(row["name"]), str(row["sha256"])
        if not _NAME.fullmatch(name) or not _SHA256.fullmatch(digest) or name in files:
            raise ValueError(f"it lists {name!r} with {digest!r}")
        files[name] = Recorded(digest, int(row["size"]))
    built = {name: file for name, file in files.items() if not name.endswith(".dsc")}
    if not built:
        raise ValueError("it lists no built package")
    return BuildRecord(path, source, version, architecture, built)


def _unreadable(path: Path, why: str) -> InputError:
    return InputError(
        f"{path.name} is not a readable .buildinfo ({why})",
        hint="get it again from where the packages were built",
    )
