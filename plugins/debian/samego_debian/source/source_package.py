"""What a source package declares: patches, date, settings, and its own files.

Nothing of it is ever executed: the series, the changelog and goenv.sh are read as text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from debian.deb822 import Dsc

from samego.distro.shipment import check_file, listed_file
from samego.errors import InputError
from samego.formats.archive.compression import open_decompressed
from samego.formats.archive.limits import ArchiveLimits
from samego.formats.archive.spool import Spool
from samego.formats.archive.tar.reader import read_tar
from samego.formats.tree.directory import read_directory, read_paths
from samego.formats.tree.goroot import merge
from samego.model.inputs import DeclaredSource, Patch
from samego.model.tree import Kind, Tree
from samego_debian.architectures import Architecture, compilers
from samego_debian.source import changelog
from samego_debian.source.signature import KEYRINGS, signed_by, signed_text
from samego_debian.version import DebianVersion

_LIMITS = ArchiveLimits(entries=5000, total_bytes=64 << 20, file_bytes=32 << 20)
_DEBIAN_TAR = re.compile(r"[^/]+\.debian\.tar(\.gz|\.xz|\.zst)?")
#: Of a file, in bytes (Linux's NAME_MAX).
_LONGEST_NAME = 255
_ORIG = re.compile(r"[^/]+\.orig\.tar\.(gz|xz|bz2)")
_GOENV = "helpers/goenv.sh"
_QUILT = b"3.0 (quilt)"
#: A vendor's own series (Dpkg::Source::Quilt, get_series_file).
_VENDOR_SERIES = re.compile(r"patches/[^/]+\.series")
#: goenv.sh's plain assignment; anything computed is left to the policy.
_SETTING = re.compile(
    rb"^\s*(?:export\s+)?(GO386|GOEXPERIMENT)=([A-Za-z0-9,._-]+)\s*$", re.MULTILINE
)
_COMPILER_LOOP = re.compile(rb"^[^#\n]*\bCC_FOR_linux_\$\{?goArch\}?=", re.MULTILINE)
#: Files of debian/ that become members of a package's control archive (dh_installdeb(1)).
_MEMBERS = ("preinst", "postinst", "prerm", "postrm", "config", "templates", "triggers")
_MEMBER_FILES = tuple(f".{member}" for member in _MEMBERS)
#: Where debhelper puts its own lines, of which golang-1.N has none.
_DEBHELPER = b"#DEBHELPER#"
#: The directories of debian/ whose files declare something.
_DECLARING = ("helpers", "patches", "source")
_OVERRIDES = "golang-X.Y-{part}.lintian-overrides"


@dataclass(frozen=True, slots=True)
class SourcePackage:
    """The packaging of one version.

    ``files`` maps paths below debian/ to bytes (only small files). ``origin`` says where it was
    found; ``orig`` is the upstream source archive beside it, if there is one. ``declared`` is the
    .dsc or archive that was read, and how it was verified.
    """

    top: changelog.Top
    files: dict[str, bytes]
    origin: str
    orig: Path | None = None
    declared: DeclaredSource | None = None

    @property
    def version(self) -> DebianVersion:
        """The version that its changelog's newest entry names."""
        return self.top.version

    def exact(self, name: str, version: DebianVersion) -> bool:
        """Whether packages of this source name and version were built from it."""
        return (self.top.source, self.version.text) == (name, version.source)

    def patches(self, *, exact: bool) -> tuple[Patch, ...]:
        """The patches in the series' order.

        Raises InputError for a patch that the series names and that is not there, and
        for options other than quilt's default ``-p1``.
        """
        vendors = [name for name in self.files if _VENDOR_SERIES.fullmatch(name)]
        if vendors:
            raise InputError(
                f"{self.origin} has {vendors[0]}: dpkg-source would take it before patches/series",
                hint="give the source package of the distribution itself",
            )
        if self.files.get("source/format", _QUILT).strip() != _QUILT:
            return ()  # dpkg-source applies no series to this format
        series = self.files.get("patches/series", b"").decode("utf-8", "replace")
        return tuple(self._patch(line, exact=exact) for line in _series(series))

    def settings(self, arch: Architecture) -> dict[str, str]:
        """What goenv.sh sets when it builds for ``arch``; empty when there is no goenv.sh."""
        text = self.files.get(_GOENV)
        if text is None:
            return {}
        found = {m[1].decode(): m[2].decode() for m in _SETTING.finditer(text)}
        found.update(arch.settings)
        if _COMPILER_LOOP.search(text):
            found.update(compilers(arch))
        return found

    def expected(self, line: str) -> dict[str, str]:
        """Payload paths of the packages' own files, and the sha256 that each must have.

        ``line`` is ``1.24``. The changelogs are not among them: the build chose how much of
        them the packages keep (samego_debian.source.packaged_changelogs).
        """
        found: dict[str, bytes] = {}
        for part in ("go", "src", "doc"):
            package = f"golang-{line}-{part}"
            if "copyright" in self.files:
                found[f"usr/share/doc/{package}/copyright"] = self.files["copyright"]
            overrides = self.files.get(_OVERRIDES.format(part=part))
            if overrides is not None:
                # debian/rules: sed -e 's/X.Y/$(GOVER)/g'
                text = re.sub(rb"X.Y", line.encode(), overrides)
                found[f"usr/share/lintian/overrides/{package}"] = text
            for member in _MEMBERS:
                for name in (package, f"golang-X.Y-{part}"):
                    if (text_of := self.files.get(f"{name}.{member}")) is not None:
                        found[f"DEBIAN/{package}.{member}"] = text_of.replace(_DEBHELPER, b"")
        return {path: hashlib.sha256(data).hexdigest() for path, data in found.items()}

    def _patch(self, name: str, *, exact: bool) -> Patch:
        words = name.split()
        if len(words) > 1 and words[1:] != ["-p1"]:
            raise InputError(
                f"{self.origin} applies {words[0]} with {' '.join(words[1:])}",
                hint="samego reads series whose patches apply with -p1",
            )
        data = self.files.get(f"patches/{words[0]}")
        if data is None:
            raise InputError(
                f"{self.origin} lacks the patch {words[0]} that its series names",
                hint="get the source package again",
            )
        return Patch(words[0], data, self.origin, exact)


def _series(text: str) -> list[str]:
    """The series' lines without comments (quilt(1): ``#`` at a word's start)."""
    lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines())
    return [line for line in lines if line]


def open_source(path: Path, origin: str = "", keyrings: Sequence[Path] = KEYRINGS) -> SourcePackage:
    """Read a .dsc, a .debian.tar.*, or a directory that is or holds debian/.

    ``keyrings`` hold the keys that may sign a .dsc.
    Raises InputError for anything else, for missing and damaged files, VerificationError
    when a file is not the one that the .dsc lists.
    """
    name = path.name
    try:
        is_directory, is_file = path.is_dir(), path.is_file()
    except OSError:
        is_directory = is_file = False
    if is_directory:
        return _from_directory(path, origin)
    if not is_file:
        raise InputError(f"there is no source package {path}", hint="check the path")
    if name.endswith(".dsc"):
        return _from_dsc(path, origin, keyrings)
    if _DEBIAN_TAR.fullmatch(name):
        return _from_tar(path, origin or name, _orig_beside(path))
    raise InputError(
        f"{name} is not a source package",
        hint="give a .dsc, a .debian.tar.xz or a debian directory",
    )


def beside(
    directory: Path, source: str, version: DebianVersion, products: Container[str] = ()
) -> Path | None:
    """The .dsc or .debian.tar.* of a source version in a directory, if there is one.

    ``products`` are names that do not count: a build made those files.
    """
    stem = f"{source}_{version.source.partition(':')[2] or version.source}"
    for suffix in (".dsc", ".debian.tar.xz", ".debian.tar.gz"):
        found = directory / f"{stem}{suffix}"
        if found.name not in products and found.is_file():
            return found
    return None


def _from_directory(path: Path, origin: str) -> SourcePackage:
    root = path if (path / "changelog").is_file() else path / "debian"
    if not (root / "changelog").is_file():
        raise InputError(
            f"{path} is not a source package (it has no debian/changelog)",
            hint="give the directory that debian/ lies in",
        )
    # What a build left there (debian/golang-1.24-src/...) is large and declares nothing.
    own = [entry.name for entry in root.iterdir() if entry.is_file() and not entry.is_symlink()]
    trees = [read_paths(root, sorted(own), name=str(path), limits=_LIMITS)]
    trees += [
        read_directory(root, below, name=str(path), limits=_LIMITS)
        for below in _DECLARING
        if (root / below).is_dir()
    ]
    return _package(merge(trees, name=str(path)), "", origin or f"{path}", None)


def _from_dsc(path: Path, origin: str, keyrings: Sequence[Path]) -> SourcePackage:
    try:
        data = path.read_bytes()
        # python-debian guesses the encoding of what is not UTF-8, and prints a warning.
        data.decode("utf-8")
        fields = Dsc(signed_text(data, name=path.name))
        rows = [
            (str(row["name"]), str(row["sha256"]), int(row["size"]))
            for row in fields.get("Checksums-Sha256", [])
        ]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise InputError(f"{path.name} cannot be read ({error})", hint="get it again") from error
    packaging: Path | None = None
    orig: Path | None = None
    for name, digest, size in rows:
        if "/" in name or len(name.encode()) > _LONGEST_NAME:
            raise InputError(f"{path.name} names the file {name[:80]!r}", hint="get it again")
        file = listed_file(path.parent, name, digest, size)
        if _DEBIAN_TAR.fullmatch(name):
            packaging = file
        elif _ORIG.fullmatch(name) and file.is_file():
            orig = file
        else:
            continue
        check_file(file, digest, size, listed_in=path.name)
    if packaging is None:
        raise InputError(
            f"{path.name} lists no .debian.tar file",
            hint="samego reads source packages of format 3.0 (quilt)",
        )
    source = _from_tar(packaging, origin or path.name, orig)
    return replace(source, declared=signed_by(path, keyrings))


def _orig_beside(path: Path) -> Path | None:
    """The upstream archive that belongs to a .debian.tar: the revision cut off."""
    stem = path.name.partition(".debian.tar")[0].rpartition("-")[0]
    return next(
        (p for p in sorted(path.parent.glob(f"{stem}.orig.tar.*")) if _ORIG.fullmatch(p.name)), None
    )


def _from_tar(path: Path, origin: str, orig: Path | None) -> SourcePackage:
    spool = Spool()
    try:
        with path.open("rb") as file:

            def stream() -> BinaryIO:
                file.seek(0)
                return open_decompressed(file, name=path.name, limits=_LIMITS)

            tree = read_tar(stream, name=path.name, spool=spool, limits=_LIMITS)
            return _package(tree, "debian/", origin, orig)
    finally:
        spool.close()


def _package(tree: Tree, prefix: str, origin: str, orig: Path | None) -> SourcePackage:
    files = {
        path[len(prefix) :]: tree.read(path)
        for path, entry in tree.items()
        if entry.kind is Kind.FILE and path.startswith(prefix) and _wanted(path[len(prefix) :])
    }
    if "changelog" not in files:
        raise InputError(
            f"{tree.name} has no debian/changelog", hint="get the source package again"
        )
    top = changelog.read_top(files["changelog"], name=f"{tree.name}'s changelog")
    return SourcePackage(top, files, origin, orig)


def _wanted(path: str) -> bool:
    """Whether a file below debian/ declares something; the others are not kept."""
    return (
        path.startswith("patches/")
        or path in ("changelog", "copyright", "control", _GOENV)
        or path.endswith((".lintian-overrides", *_MEMBER_FILES))
    )
