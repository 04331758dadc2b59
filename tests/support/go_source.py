"""A source package golang-1.24 that is small and real, to be built with Debian's own tools.

Its binary packages carry files of Debian's real golang-1.24 1.24.4-1, where Debian has
them; :func:`posted` is upstream's archive cut to the same files. The release is one that
nobody posted, so that nobody's record of the real one's sums speaks against the cut. What a
rebuild gives is chosen by the variant.
"""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from support.deb_repack import Deb

NAME = "golang-1.24"
RELEASE = "1.24.99"
VERSION = f"{RELEASE}-1"
BUILDINFO = f"{NAME}_{VERSION}_amd64.buildinfo"
DEBS = (f"{NAME}-go_{VERSION}_amd64.deb", f"{NAME}-src_{VERSION}_all.deb")
_VERSION_FILE = f"go{RELEASE}\ntime 2025-05-29T19:37:36Z\n".encode()
#: Files below GOROOT: the executable is Debian's stripped one.
PROGRAMS = ("bin/gofmt",)
SOURCES = ("src/errors/errors.go", "src/errors/join.go", "src/errors/wrap.go")
#: What each variant does when it is built: nothing of note; embed a random byte; fail where
#: the system has /etc/fail.
VARIANTS: Mapping[str, str] = {
    "same": "true",
    "random": "head --bytes=16 /dev/urandom > debian/golang-1.24-go/usr/lib/go-1.24/BUILD",
    "fails": "test ! -e /etc/fail",
}

_CHANGELOG = f"""{NAME} ({VERSION}) unstable; urgency=medium

  * Made for a test.

 -- A Packager <packager@example.org>  Mon, 16 Jun 2025 17:04:18 +0530
"""
_CONTROL = f"""Source: {NAME}
Section: golang
Priority: optional
Maintainer: A Packager <packager@example.org>
Build-Depends: debhelper-compat (= 13)
Standards-Version: 4.7.2
Rules-Requires-Root: no

Package: {NAME}-go
Architecture: amd64
Depends: {NAME}-src, ${{misc:Depends}}
Description: made for a test: executables

Package: {NAME}-src
Architecture: all
Depends: ${{misc:Depends}}
Description: made for a test: sources
"""
_RULES = """#!/usr/bin/make -f
%%:
\tdh $@

override_dh_auto_install:
\tmkdir -p debian/golang-1.24-go/usr/lib debian/golang-1.24-src/usr/share
\tcp -a lib/go-1.24 debian/golang-1.24-go/usr/lib/
\tcp -a share/go-1.24 debian/golang-1.24-src/usr/share/
\tln -s ../../share/go-1.24/src debian/golang-1.24-go/usr/lib/go-1.24/src
\t%s

override_dh_strip override_dh_shlibdeps override_dh_dwz:
"""


def unpack(debs: list[Path], directory: Path, variant: str) -> Path:
    """Write the source package, unpacked, and its upstream archive; its directory.

    ``debs`` are Debian's -go and -src.
    """
    root = directory / f"{NAME}-{RELEASE}"
    for deb, parts, place, kept in (
        (Deb(debs[0]), PROGRAMS, "lib", "usr/lib/go-1.24"),
        (Deb(debs[1]), SOURCES, "share", "usr/share/go-1.24"),
    ):
        for part in parts:
            member = deb[f"{kept}/{part}"]
            path = root / place / "go-1.24" / part
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(member.data)
            path.chmod(member.info.mode)
    (root / "lib/go-1.24/VERSION").write_bytes(_VERSION_FILE)
    with tarfile.open(directory / f"{NAME}_{RELEASE}.orig.tar.xz", "w:xz") as archive:
        archive.add(root, root.name)
    texts = {
        "debian/changelog": _CHANGELOG,
        "debian/control": _CONTROL,
        "debian/copyright": "Copyright: somebody\n",
        "debian/rules": _RULES % VARIANTS[variant],
        "debian/source/format": "3.0 (quilt)\n",
    }
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "debian/rules").chmod(0o755)
    return root


def posted(module: Path) -> bytes:
    """Upstream's archive for linux-amd64, cut to the same files; from the module zip."""
    output = io.BytesIO()
    with (
        zipfile.ZipFile(module) as archive,
        tarfile.open(fileobj=output, mode="w:gz", format=tarfile.GNU_FORMAT) as tar,
    ):
        root = next(name for name in archive.namelist() if name.endswith("/go.env"))
        root = root.removesuffix("go.env")
        files = {path: archive.read(root + path) for path in (*PROGRAMS, *SOURCES)}
        for path, data in {"VERSION": _VERSION_FILE, **files}.items():
            info = tarfile.TarInfo(f"go/{path}")
            info.size, info.mode = len(data), 0o755 if path in PROGRAMS else 0o644
            tar.addfile(info, io.BytesIO(data))
    return output.getvalue()
