"""Consequences: what breaks because a file no longer has the digest that the tree pins.

Each side's files are checked against that side's own pins, and the distro's files also
against upstream's: a pin file that was changed along with what it pins silences nothing.
Whether the release acts on a pin is read in the source of either side; that the distro's
source lost the check does not count, since its executables may still have it.
"""

from __future__ import annotations

import io
import lzma
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping

from samego.compare.pins import Pin, PinFile, Statements, pin_files
from samego.errors import InputError
from samego.formats.archive.dirhash import hash1
from samego.formats.archive.limits import DEFAULT_LIMITS
from samego.model.failures import NoPin
from samego.model.finding import MISSING, Consequence, Effect, Side
from samego.model.tree import Kind, Tree
from samego.model.value import Failure
from samego.system.hashing import sha256_stream

_LARGEST_PIN_FILE = 4 << 20


def find_consequences(distro: Tree, upstream: Tree) -> dict[str, tuple[Consequence, ...]]:
    """All broken pins of two goroot trees.

    The key is the path whose finding should carry them: the pinned file, or the pin file
    where the pinned file is the same on both sides.
    """
    reader = _Reader(distro, upstream)
    found: dict[str, list[Consequence]] = {}
    for pin_file in pin_files():
        for consequence in _check(pin_file, reader):
            key = consequence.path
            if consequence.side is Side.DISTRO and reader.same(key):
                key = pin_file.pinned_in
            found.setdefault(key, []).append(consequence)
    return {path: tuple(consequences) for path, consequences in sorted(found.items())}


def paths_to_load(tree: Tree) -> tuple[str, ...]:
    """What :func:`find_consequences` may read of a tree, for one pass over a stream."""
    wanted = set()
    for pin_file in pin_files():
        wanted.add(pin_file.pinned_in)
        if pin_file.acts_when:
            wanted.add(pin_file.acts_when[0])
        if pin_file.directory:
            wanted.update(path for path in tree if posixpath.dirname(path) == pin_file.directory)
    return tuple(sorted(path for path in wanted if path in tree and tree[path].kind is Kind.FILE))


def _check(pin_file: PinFile, reader: _Reader) -> Iterator[Consequence]:
    """The broken pins of one pin file, on both sides."""
    theirs = reader.statements(Side.UPSTREAM, pin_file)
    ours = reader.statements(Side.DISTRO, pin_file)
    yield from _against(pin_file, theirs, Side.UPSTREAM, reader)
    yield from _against(pin_file, ours, Side.DISTRO, reader)
    others = tuple(pin for pin in theirs.pins if pin not in ours.pins)
    # What the package does not have at all is the business of its layout.
    present = tuple(pin for pin in others if reader.digest(Side.DISTRO, pin))
    yield from _against(pin_file, Statements(present), Side.DISTRO, reader, pinned_by=Side.UPSTREAM)


def _against(
    pin_file: PinFile,
    stated: Statements,
    side: Side,
    reader: _Reader,
    *,
    pinned_by: Side | None = None,
) -> Iterator[Consequence]:
    """Check one side's files against statements (its own); one broken pin a file is enough."""
    found = set()
    whose = pinned_by or side
    for pin in stated.pins:
        actual = reader.digest(side, pin)
        if actual != pin.digest and pin.path not in found:
            found.add(pin.path)
            yield _broken(pin_file, pin, actual, side, reader, whose)
    for line in stated.malformed:
        effect, _failure = _effect(pin_file, pin_file.pinned_in, reader)
        yield Consequence(
            effect,
            pin_file.pinned_in,
            side,
            pin_file.pinned_in,
            pinned="",
            actual=ascii(line),
            failure=NoPin(ascii(line)),
            pinned_by=whose,
        )


def _broken(
    pin_file: PinFile, pin: Pin, actual: str, side: Side, reader: _Reader, whose: Side
) -> Consequence:
    effect, failure = _effect(pin_file, pin.path, reader)
    return Consequence(
        effect,
        pin.path,
        side,
        pin_file.pinned_in,
        pinned=pin.digest,
        actual=actual or MISSING,
        failure=failure,
        pinned_by=whose,
    )


def _effect(pin_file: PinFile, path: str, reader: _Reader) -> tuple[Effect, Failure]:
    """Whether the release acts on the pin, and what then fails."""
    acts = pin_file.acts_when is None or any(
        reader.contains(side, *pin_file.acts_when) for side in (Side.DISTRO, Side.UPSTREAM)
    )
    effect = Effect.BREAKS if acts else Effect.LATENT
    return effect, pin_file.failure(posixpath.basename(path), acts=acts)


class _Reader:
    """Reads both trees; what is the same on both sides is read from upstream's, and once."""

    def __init__(self, distro: Tree, upstream: Tree) -> None:
        self._trees: Mapping[Side, Tree] = {Side.DISTRO: distro, Side.UPSTREAM: upstream}
        self._h1: dict[str, str] = {}

    def same(self, path: str) -> bool:
        """Whether both sides have this file with the same bytes."""
        digest = self._sha256(Side.DISTRO, path)
        return bool(digest) and digest == self._sha256(Side.UPSTREAM, path)

    def statements(self, side: Side, pin_file: PinFile) -> Statements:
        """What a side's pin file states; nothing where the side does not have it."""
        path = pin_file.pinned_in
        if not self._sha256(side, path):
            return Statements()
        if self._trees[side][path].size > _LARGEST_PIN_FILE:
            return Statements(malformed=("the file is too large to be read",))
        return pin_file.read(self._read(side, path))

    def contains(self, side: Side, path: str, text: str) -> bool:
        """Whether a side has a file with this text in it."""
        return bool(self._sha256(side, path)) and text.encode() in self._read(side, path)

    def digest(self, side: Side, pin: Pin) -> str:
        """The digest that the pinned file has, of the pin's kind; empty where it is missing."""
        sha256 = self._sha256(side, pin.path)
        if not sha256 or not pin.digest.startswith("h1:"):
            return sha256
        if sha256 not in self._h1:
            self._h1[sha256] = zip_hash1(self._read(side, pin.path))
        return self._h1[sha256]

    def _sha256(self, side: Side, path: str) -> str:
        entry = self._trees[side].get(path)
        return entry.sha256 if entry is not None and entry.kind is Kind.FILE else ""

    def _read(self, side: Side, path: str) -> bytes:
        return self._trees[Side.UPSTREAM if self.same(path) else side].read(path)


def zip_hash1(data: bytes) -> str:
    """The ``h1:`` hash of a module zip's contents, or a phrase that says why there is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > DEFAULT_LIMITS.file_bytes:
                return "none (the zip holds too much)"
            return hash1((member.filename, _member_sha256(archive, member)) for member in members)
    except InputError as error:
        return f"none ({error.message})"
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        struct.error,
        OSError,
        RuntimeError,
        ValueError,
        EOFError,
    ):
        return "none (not a zip that can be read)"


def _member_sha256(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> str:
    with archive.open(member) as file:
        return sha256_stream(file)[1]
