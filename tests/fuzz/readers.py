"""What the targets run that takes more than one call: what an installer reads, and sources."""

from __future__ import annotations

import contextlib
import functools
import gzip
import io
import zipfile
from functools import partial
from pathlib import Path

from fuzz import oracles
from samego.compare.where import locate
from samego.errors import SamegoError
from samego.formats.archive.limits import ArchiveLimits
from samego.formats.archive.one_stream import compression_of, open_one_stream
from samego.formats.archive.spool import Spool
from samego.formats.archive.tar.bsdtar import BSDTAR
from samego.formats.archive.tar.gnu import DPKG_DEB, TarForm
from samego.formats.archive.tar.reader import read_tar
from samego.model.release import Release, Target
from samego.rebuild.cmd_dist import BUILD_FILE, read_cmd_dist
from samego.rules import macho_signature
from samego.rules.build_tags import may_be_compiled
from samego.rules.source_inputs import stated_settings
from samego_debian.package.control import parse_control, parse_status
from support import elf_files, macho_files
from support.archives import memory_tree, stream_of

#: What a reader of a whole file gives up at here: an input has kilobytes.
SMALL = ArchiveLimits(total_bytes=64 << 20, file_bytes=16 << 20)
_RELEASE, _TARGET = Release.parse("go1.24.4"), Target("linux", "amd64")


def _formed(form: TarForm, data: bytes, _directory: Path) -> oracles.Contents:
    """A tar that must be as one packer writes it: what is accepted is what was packed."""
    spool = Spool()
    try:
        tree = read_tar(stream_of(data), name="t.tar", spool=spool, limits=SMALL, form=form)
        return oracles.contents(tree)
    finally:
        spool.close()


dpkg_tar, makepkg_tar = partial(_formed, DPKG_DEB), partial(_formed, BSDTAR)


def one_stream(data: bytes, _directory: Path) -> bytes:
    """What a package's member holds, told apart by its first bytes."""
    kind = compression_of(data)
    with open_one_stream(io.BytesIO(data), kind, name="t", limits=SMALL) as stream:
        return stream.read()


def signature(data: bytes, _directory: Path) -> object:
    """A Mach-O executable's signature, checked against its pages; and the file without it."""
    found = macho_signature.signature_of(data)
    macho_signature.broken(data)
    macho_signature.without_signature(data)
    return found


def control(data: bytes, _directory: Path) -> object:
    """A control file, from a package and from dpkg's database."""
    with contextlib.suppress(SamegoError):
        parse_status(data, name="t")
    return parse_control(data, name="t")


def go_source(data: bytes, _directory: Path) -> object:
    """A source's build constraint, and the settings that it states. Total."""
    return may_be_compiled(data, _TARGET, _RELEASE), stated_settings(data)


def cmd_dist(data: bytes, _directory: Path) -> object:
    """cmd/dist, and the environment that it says."""
    dist = read_cmd_dist(memory_tree({BUILD_FILE: data}))
    return dist.environment("/r", _TARGET, Target("darwin", "arm64"), {"GO386": "softfloat"})


def where(data: bytes, _directory: Path) -> None:
    """Where it differs from what is whole, and that from it. Total."""
    for whole in _whole():
        locate(data, whole)
        locate(whole, data)


@functools.cache
def _whole() -> tuple[bytes, ...]:
    """An executable of each kind, archives and a text."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("golang.org/toolchain@v0.0.1/go/VERSION"), b"go1.24.4\n")
    return (
        elf_files.upstream_file(next(iter(elf_files.EVERY_FORM.values()))),
        macho_files.signed(team="EQHXZ8M8AV"),
        packed.getvalue(),
        gzip.compress(b"a" * 99, mtime=5),
        b"a text\nof lines\n",
    )
