"""Builders of tiny Arch packages, as real as libalpm can tell."""

from __future__ import annotations

import gzip
import hashlib
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from support.bsd_tar import Attributes, bsd_tar
from support.debian_packages import COMPRESSORS

#: A path to a file's bytes, to a link's target, or to nothing for a directory.
Content = Mapping[str, "bytes | str | None"]
DATE = 1760000000
PKGBUILD_SHA256 = hashlib.sha256(b"a recipe").hexdigest()
METADATA = (".BUILDINFO", ".MTREE", ".PKGINFO")


def contents(release: str = "go1.24.9") -> dict[str, bytes | str | None]:
    """What the tiny package holds."""
    return {
        "usr": None,
        "usr/bin": None,
        "usr/bin/go": "/usr/lib/go/bin/go",
        "usr/bin/gofmt": "/usr/lib/go/bin/gofmt",
        "usr/lib": None,
        "usr/lib/go": None,
        "usr/lib/go/VERSION": f"{release}\ntime 2025-10-13T15:50:49Z\n".encode(),
        "usr/lib/go/bin": None,
        "usr/lib/go/bin/go": b"\x7fELF go",
        "usr/lib/go/bin/gofmt": b"\x7fELF gofmt",
        "usr/lib/go/doc": "/usr/share/doc/go",
        "usr/lib/go/pkg": None,
        "usr/lib/go/pkg/linux_amd64_race": None,
        "usr/lib/go/pkg/tool": None,
        "usr/lib/go/pkg/tool/linux_amd64": None,
        "usr/lib/go/pkg/tool/linux_amd64/compile": b"\x7fELF compile",
        "usr/lib/go/src": None,
        "usr/lib/go/src/main.go": b"package main\n",
        "usr/lib/go/test": None,
        "usr/lib/go/test/\u00defoo.go": b"package foo\n",
        "usr/share": None,
        "usr/share/doc": None,
        "usr/share/doc/go": None,
        "usr/share/doc/go/go_spec.html": b"<p>\n",
        "usr/share/licenses": None,
        "usr/share/licenses/go": None,
        "usr/share/licenses/go/LICENSE": b"BSD\n",
    }


def escaped(path: str) -> str:
    """A path as .MTREE spells it."""
    return "".join(
        chr(byte) if 0x21 <= byte <= 0x7E and byte not in b"\\#=" else f"\\{byte:03o}"
        for byte in path.encode()
    )


def mtree(content: Content) -> bytes:
    """A .MTREE, not compressed, as bsdtar writes it for makepkg 7."""
    lines = ["#mtree", "/set type=file uid=0 gid=0 mode=644"]
    for path, data in sorted(content.items()):
        words = [f"./{escaped(path)}", f"time={DATE}.0"]
        if data is None:
            words += ["mode=755", "type=dir"]
        elif isinstance(data, str):
            words += ["mode=777", "type=link", f"link={escaped(data)}"]
        else:
            digest = hashlib.sha256(data).hexdigest()
            words += [f"size={len(data)}", f"sha256digest={digest}"]
        lines.append(" ".join(words))
    return "\n".join(lines).encode() + b"\n"


def tar(
    content: Content,
    owners: Mapping[str, tuple[int, str]] = MappingProxyType({}),
    attributes: Mapping[str, Attributes] = MappingProxyType({}),
) -> bytes:
    """A tar as bsdtar writes it: names without ./, in the order given.

    Everything is root's but for ``owners``: a number and its name, by path.
    """
    members = []
    for path, data in content.items():
        member = tarfile.TarInfo(path)
        number, owner = owners.get(path, (0, "root"))
        member.uid = member.gid = number
        member.uname = member.gname = owner
        member.mtime = DATE
        if data is None:
            member.type, member.mode = tarfile.DIRTYPE, 0o755
        elif isinstance(data, str):
            member.type, member.mode, member.linkname = tarfile.SYMTYPE, 0o777, data
        else:
            member.mode = 0o644
        members.append((member, data if isinstance(data, bytes) else b""))
    return bsd_tar(members, attributes)


def fields(values: Mapping[str, object], *, comment: str = "") -> bytes:
    """``key = value`` lines; a list stands on several."""
    lines = [comment] if comment else []
    for key, value in values.items():
        many = value if isinstance(value, list) else [value]
        lines += [f"{key} = {one}" for one in many]
    return "".join(f"{line}\n" for line in lines).encode()


@dataclass
class ArchMaker:
    """Writes packages of a tiny go into a directory; each part can be set by the test."""

    directory: Path
    name: str = "go"
    version: str = "2:1.24.9-1"
    architecture: str = "x86_64"
    suffix: str = ".zst"
    contents: dict[str, bytes | str | None] = field(default_factory=contents)
    pkgbuild_sha256: str = PKGBUILD_SHA256
    pkginfo: dict[str, object] = field(default_factory=dict)
    buildinfo: dict[str, object] = field(default_factory=dict)
    #: What stands for these members, or None to leave one out.
    members: dict[str, bytes | None] = field(default_factory=dict)
    #: What .MTREE claims where it is not what is there.
    claimed: dict[str, bytes | str | None] = field(default_factory=dict)
    unclaimed: tuple[str, ...] = ()
    #: Who is not root's, and extended attributes, by path.
    owners: dict[str, tuple[int, str]] = field(default_factory=dict)
    attributes: dict[str, Attributes] = field(default_factory=dict)

    def metadata(self) -> dict[str, bytes]:
        """The three metadata members."""
        about = {
            "pkgname": self.name,
            "pkgbase": self.name,
            "xdata": "pkgtype=pkg",
            "pkgver": self.version,
            "pkgdesc": "Core compiler tools",
            "url": "https://go.dev/",
            "builddate": DATE,
            "packager": "A Packager <packager@example.org>",
            "size": sum(len(data) for data in self.contents.values() if isinstance(data, bytes)),
            "arch": self.architecture,
            "license": "BSD-3-Clause",
            "makedepend": ["git", "go"],
            **self.pkginfo,
        }
        build = {
            "format": 2,
            "pkgname": self.name,
            "pkgbase": self.name,
            "pkgver": self.version,
            "pkgarch": self.architecture,
            "pkgbuild_sha256sum": self.pkgbuild_sha256,
            "packager": "A Packager <packager@example.org>",
            "builddate": DATE,
            "builddir": "/build",
            "startdir": "/startdir",
            "buildtool": "devtools",
            "buildtoolver": "1:1.3.2-1-any",
            "buildenv": ["!distcc", "check"],
            "options": ["!strip", "staticlibs"],
            "installed": ["glibc-2.42+r17+gd7274d718e6f-1-x86_64", "go-2:1.24.8-1-x86_64"],
            **self.buildinfo,
        }
        first = {
            ".BUILDINFO": fields(build),
            ".PKGINFO": fields(about, comment="# Generated by makepkg 7.0.0"),
        }
        listed = {**first, **self.contents, **self.claimed}
        listed = {path: data for path, data in listed.items() if path not in self.unclaimed}
        made = {**first, ".MTREE": gzip.compress(mtree(listed), mtime=0)}
        return {name: made[name] for name in METADATA}

    def write(self, name: str = "") -> Path:
        """Write the package and give its path."""
        parts: dict[str, bytes | str | None] = {**self.metadata(), **self.contents}
        for member, data in self.members.items():
            parts.pop(member, None)
            if data is not None:
                parts[member] = data
        # pacman's own come first: makepkg packs in the order of the names' bytes.
        first = {member: parts.pop(member) for member in sorted(parts) if member[0] == "."}
        packed = COMPRESSORS[self.suffix](tar({**first, **parts}, self.owners, self.attributes))
        file_name = f"{self.name}-{self.version}-{self.architecture}.pkg.tar{self.suffix}"
        path = self.directory / (name or file_name)
        path.write_bytes(packed)
        return path
