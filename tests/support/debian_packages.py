"""Builders of tiny Debian packages, as real as the readers can tell."""

from __future__ import annotations

import functools
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import zstandard

from samego_debian.source.changelog import compress
from samego_debian.version import DebianVersion

#: A path to a file's bytes, to a link's target, or to nothing for a directory.
Content = Mapping[str, "bytes | str | None"]

CHANGELOG = b"""golang-1.24 (1.24.4-1) unstable; urgency=medium

  * New upstream version 1.24.4

 -- A Packager <packager@example.org>  Mon, 16 Jun 2025 17:04:18 +0530

golang-1.24 (1.24.2-2) unstable; urgency=medium

  * Older.

 -- A Packager <packager@example.org>  Thu, 17 Apr 2025 22:45:41 +0800

"""

#: The changelog of nearly every package here is the same one.
_compressed = functools.cache(compress)

COMPRESSORS: Mapping[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    ".gz": gzip.compress,
    # Quickly: what it is for is its form.
    ".xz": lambda data: lzma.compress(data, preset=0),
    ".zst": lambda data: zstandard.ZstdCompressor().compress(data),
}


def tar(content: Content) -> bytes:
    """A tar as dpkg-deb writes it: names with ./, owner root."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path, data in content.items():
            member = tarfile.TarInfo(f"./{path}")
            member.uname = member.gname = "root"
            if data is None:
                member.type, member.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(member)
            elif isinstance(data, str):
                member.type, member.mode, member.linkname = tarfile.SYMTYPE, 0o777, data
                archive.addfile(member)
            else:
                member.size, member.mode = len(data), 0o644
                archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def ar(members: list[tuple[str, bytes]]) -> bytes:
    """An ar archive as deb(5) wants it."""
    parts = [b"!<arch>\n"]
    for name, data in members:
        header = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n"
        parts += [header.encode(), data, b"\n" * (len(data) % 2)]
    return b"".join(parts)


def control(package: str, version: str, architecture: str, **others: str) -> bytes:
    """A control file."""
    fields = {
        "Package": package,
        "Version": version,
        "Architecture": architecture,
        "Maintainer": "A Packager <packager@example.org>",
        **others,
        "Description": "made for a test",
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items()).encode()


def doc(package: str, changelog: bytes) -> dict[str, bytes | str | None]:
    """The files that every package carries below /usr/share/doc."""
    base = f"usr/share/doc/{package}"
    return {
        base: None,
        f"{base}/changelog.Debian.gz": _compressed(changelog),
        f"{base}/copyright": b"Copyright: somebody\n",
    }


@dataclass
class DebMaker:
    """Writes packages of a tiny golang-1.24 into a directory."""

    directory: Path
    version: str = "1.24.4-1"
    architecture: str = "amd64"
    release: str = "go1.24.4"
    suffix: str = ".xz"
    changelog: bytes = CHANGELOG
    source: str = "golang-1.24"
    control_members: dict[str, bytes] = field(default_factory=dict)
    #: Further fields of every control file.
    fields: dict[str, str] = field(default_factory=dict)

    def contents(self, part: str) -> dict[str, bytes | str | None]:
        """What the tiny package of a part holds."""
        package = f"golang-1.24-{part}"
        own: dict[str, dict[str, bytes | str | None]] = {
            "go": {
                "usr": None,
                "usr/lib/go-1.24": None,
                "usr/lib/go-1.24/VERSION": f"{self.release}\ntime 2025-05-29T19:37:36Z\n".encode(),
                "usr/lib/go-1.24/bin/go": b"\x7fELF go",
                "usr/lib/go-1.24/pkg/tool/linux_amd64/compile": b"\x7fELF compile",
                "usr/lib/go-1.24/src": "../../share/go-1.24/src",
                "usr/share/go-1.24/src/zgenerated.go": b"package p\n",
            },
            "src": {"usr": None, "usr/share/go-1.24/src/main.go": b"package main\n"},
            "doc": {
                "usr": None,
                "usr/lib/go-1.24/doc": "../../share/doc/golang-1.24-doc/html",
                "usr/share/doc/golang-1.24-doc/html/go_spec.html": b"<p>\n",
            },
        }
        # A directory before what lies in it, as dpkg-deb packs.
        return dict(sorted((own[part] | doc(package, self.changelog)).items()))

    def write(self, part: str, contents: Content | None = None) -> Path:
        """Write the package of a part and give its path."""
        package = f"golang-1.24-{part}"
        architecture = self.architecture if part == "go" else "all"
        pack = COMPRESSORS[self.suffix]
        own = {"Source": self.source}
        if part == "go":
            own["Depends"] = f"golang-1.24-src (>= {DebianVersion(self.version).source})"
        fields = control(package, self.version, architecture, **{**own, **self.fields})
        members = [
            ("debian-binary", b"2.0\n"),
            (
                f"control.tar{self.suffix}",
                pack(tar({"control": fields, "md5sums": b"", **self.control_members})),
            ),
            (f"data.tar{self.suffix}", pack(tar(contents or self.contents(part)))),
        ]
        path = self.directory / f"{package}_{self.version}_{architecture}.deb"
        path.write_bytes(ar(members))
        return path

    def write_all(self) -> list[Path]:
        """Write all three packages."""
        return [self.write(part) for part in ("go", "src", "doc")]

    def write_packaging(self, directory: Path, patch: bytes = b"") -> Path:
        """Write the source package's .debian.tar.xz of this version into a directory."""
        files: dict[str, bytes | str | None] = {
            "debian/changelog": self.changelog,
            "debian/copyright": b"Copyright: somebody\n",
        }
        if patch:
            files |= {"debian/patches/series": b"a.patch\n", "debian/patches/a.patch": patch}
        path = directory / f"golang-1.24_{DebianVersion(self.version).source}.debian.tar.xz"
        path.write_bytes(lzma.compress(tar(files)))
        return path

    def write_source(self, **files: bytes) -> Path:
        """Write an unpacked debian/ directory with these files (``__`` for ``/``)."""
        root = self.directory / "source/debian"
        defaults = {
            "changelog": self.changelog,
            "copyright": b"Copyright: somebody\n",
            "patches__series": b"# why\n0001-a.patch\n\n0002-b.patch # flaky\n",
            "patches__0001-a.patch": b"--- a/x\n+++ b/x\n",
            "patches__0002-b.patch": b"--- a/y\n+++ b/y\n",
            "helpers__goenv.sh": b"unset GO386\n\texport GO386=softfloat\nexit 3\n",
        }
        for name, data in (defaults | files).items():
            path = root / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return root
