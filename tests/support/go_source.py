"""A rebuildable golang-1.24 that is small and real, and upstream's archive for it.

It carries a few files of Debian's real golang-1.24 1.24.4-1; :func:`posted` is upstream's
archive cut to the same files. Its release is one that nobody posted, so that nobody's record
of the real one's sums speaks against the cut. What a rebuild gives is chosen by the variant.
"""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from support.deb_repack import Deb, new_file, write_deb
from support.debian_build import GOROOT, SHARED, SOURCE, write_source

RELEASE = "go1.24.99"
UPSTREAM = RELEASE.removeprefix("go")
VERSION = f"{UPSTREAM}-1"
BUILDINFO = f"{SOURCE}_{VERSION}_amd64.buildinfo"
#: What the variant ``plants`` leaves; the archive has it as .xz.
PLANTED = f"{SOURCE}_{VERSION}.debian.tar.gz"
GO_DEB = f"{SOURCE}-go_{VERSION}_amd64.deb"
#: Below GOROOT. The executable is Debian's stripped one: equivalent without any rebuild.
PROGRAM = "bin/gofmt"
SOURCES = ("src/errors/errors.go", "src/errors/join.go", "src/errors/wrap.go")
#: A source file that the variant ``plants`` changes.
CHANGED = SOURCES[1]
#: A command of debian/rules for each variant: nothing of note; embed random bytes; fail where
#: the system has /etc/fail, which no .buildinfo records; change a source file, and leave a source
#: package with a patch that declares it among what was built.
VARIANTS: Mapping[str, str] = {
    "same": "true",
    "random": f"head --bytes=16 /dev/urandom >debian/{SOURCE}-go/{GOROOT}BUILD",
    "fails": "test ! -e /etc/fail",
    "plants": "sh debian/plant",
}
#: What the variant ``plants`` runs: dpkg's own tools take what debian/files lists for built.
_PLANT = f"""set -eu
here=$PWD
mkdir --parents ../planted/debian/patches
cp --recursive debian/{SOURCE}-src/{SHARED} ../planted/a
echo '// changed by the build' >>debian/{SOURCE}-src/{SHARED}{CHANGED}
cp --recursive debian/{SOURCE}-src/{SHARED} ../planted/b
cp --recursive debian/changelog debian/source ../planted/debian
cd ../planted
find . -exec touch --date=@0 {{}} +
diff --recursive --unified a b >debian/patches/a.patch || test $? = 1
echo a.patch >debian/patches/series
tar --sort=name --mtime=@0 --owner=0 --group=0 -c debian | gzip -n >../{PLANTED}
cd ..
rm -r planted
cd "$here"
dpkg-distaddfile {PLANTED} golang optional
"""
_VERSION_FILE = f"{RELEASE}\ntime 2025-05-29T19:37:36Z\n".encode()
_CONTROL = "Package: {package}\nVersion: 0\nArchitecture: all\nMaintainer: a\nDescription: a\n"


def cut(debs: Sequence[Path], directory: Path) -> list[Path]:
    """Debian's real -go and -src, cut to those files; it takes as long as unpacking them."""
    go, src = Deb(debs[0]), Deb(debs[1])
    kept = {
        f"{SOURCE}-go": [
            new_file(f"{GOROOT}VERSION", _VERSION_FILE),
            *(go[path].named(path) for path in (f"{GOROOT}{PROGRAM}", f"{GOROOT}src")),
        ],
        f"{SOURCE}-src": [src[f"{SHARED}{path}"].named(f"{SHARED}{path}") for path in SOURCES],
    }
    return [
        write_deb(directory / f"{package}.deb", _CONTROL.format(package=package), members)
        for package, members in kept.items()
    ]


def write_variant(directory: Path, debs: Sequence[Path], variant: str) -> Path:
    """Write the unpacked source package below ``directory``; its own directory.

    ``debs`` are those that :func:`cut` gives.
    """
    root = write_source(directory, debs, also=VARIANTS[variant], version=VERSION)
    (root / "debian/plant").write_text(_PLANT, "utf-8")
    return root


def posted(module: Path) -> bytes:
    """Upstream's archive for linux-amd64, cut to the same files; from the module zip."""
    output = io.BytesIO()
    with (
        zipfile.ZipFile(module) as archive,
        tarfile.open(fileobj=output, mode="w:gz", format=tarfile.GNU_FORMAT) as tar,
    ):
        named = next(name for name in archive.namelist() if name.endswith("/go.env"))
        root = named.removesuffix("go.env")
        files = {path: archive.read(root + path) for path in (PROGRAM, *SOURCES)}
        for path, data in {"VERSION": _VERSION_FILE, **files}.items():
            info = tarfile.TarInfo(f"go/{path}")
            info.size, info.mode = len(data), 0o755 if path == PROGRAM else 0o644
            tar.addfile(info, io.BytesIO(data))
    return output.getvalue()
