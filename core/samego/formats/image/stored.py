"""The bytes of an image's layers, by their places in the decompressed tars.

A compressed layer is decompressed into a temporary file without a name when its bytes are first
asked for; an uncompressed one is read where it is.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from samego.errors import InputError, VerificationError
from samego.formats.archive.compression import DECODE_ERRORS, open_decompressed, truncated
from samego.formats.archive.limits import ArchiveLimits
from samego.formats.image.container import ImageFiles
from samego.formats.image.documents import Layer, check_blob
from samego.formats.image.layer import LayerContent, Stream, read_layer
from samego.formats.image.limits import ImageLimits

_CHUNK = 1 << 20


class StoredLayers:
    """The layers of one manifest, safe for threads. ``work`` is where temporary files may be."""

    def __init__(
        self, files: ImageFiles, layers: Sequence[Layer], work: Path, limits: ImageLimits
    ) -> None:
        self._files = files
        self._layers = layers
        self._work = work
        self._limits = limits
        self._plain: dict[int, BinaryIO] = {}
        #: Rules read in several threads.
        self._lock = threading.Lock()

    def content(self, number: int, left: int) -> tuple[LayerContent, int]:
        """Read a layer whole, and verify it; what it holds, and how many bytes it unpacks to.

        ``left`` is how many it may. Raises InputError for a damaged one, VerificationError for one
        that is not what the image says.
        """
        layer = self._layers[number]
        name = f"{self._files.name}: layer {number + 1} ({layer.blob.path})"
        file, size = self._files.open(layer.blob.path)
        stored = _Hashed(file)
        limits = ArchiveLimits(total_bytes=left)
        try:
            with open_decompressed(stored, name=name, limits=limits) as plain:  # type: ignore[arg-type]  # what it asks of a file is there
                stream = Stream(plain)
                content = read_layer(stream, number, name=name, limits=self._limits)
                sha256 = stored.finish()
        except DECODE_ERRORS as error:
            raise truncated(name, error) from error
        check_blob(self._files.name, layer.blob, sha256, size)
        if stream.sha256 != layer.diff_id:
            raise VerificationError(
                f"{name} unpacks to a tar with the sha256 {stream.sha256}, and the image's"
                f" configuration says {layer.diff_id}",
                hint="save the image again, and do not use this one",
            )
        return content, stream.position

    def read(self, number: int, offset: int, size: int) -> bytes:
        """Some bytes of a layer's tar. Raises InputError and VerificationError."""
        with self._lock:
            file = self._plain.get(number)
            if file is None:
                file = self._plain[number] = self._opened(number)
            file.seek(offset)
            data = file.read(size)
        if len(data) != size:
            raise InputError(
                f"{self._files.name} is shorter than when it was read",
                hint="the image changed: check it again",
            )
        return data

    def close(self) -> None:
        """Free the space of the temporary files."""
        for file in self._plain.values():
            file.close()

    def _opened(self, number: int) -> BinaryIO:
        layer = self._layers[number]
        file, _size = self._files.open(layer.blob.path)
        if layer.blob.sha256 == layer.diff_id or not _is_compressed(file):
            return file
        name = f"{self._files.name}: layer {number + 1}"
        copy = tempfile.TemporaryFile(dir=self._work, prefix="samego-")  # noqa: SIM115 - closed by close()
        digest = hashlib.sha256()
        limits = ArchiveLimits(total_bytes=self._limits.total_bytes)
        with open_decompressed(file, name=name, limits=limits) as plain:
            while data := plain.read(_CHUNK):
                digest.update(data)
                copy.write(data)
        if digest.hexdigest() != layer.diff_id:
            copy.close()
            raise VerificationError(
                f"{name} changed since it was read", hint="the image changed: check it again"
            )
        return copy


class _Hashed:
    """A file whose bytes are hashed as they are first read, from its start to its end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._end = 0

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes from the position on."""
        at = self._file.tell()
        data = self._file.read(size)
        if at <= self._end < at + len(data):
            self._hash.update(data[self._end - at :])
            self._end = at + len(data)
        return data

    def readinto(self, buffer: memoryview) -> int:
        """As read, into a buffer."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def tell(self) -> int:
        """The position in the file."""
        return self._file.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move to another position; :meth:`finish` reads what was passed over."""
        return self._file.seek(offset, whence)

    def finish(self) -> str:
        """Read what was not read; the digest of the whole file."""
        self._file.seek(self._end)
        while self.read(_CHUNK):
            pass
        return self._hash.hexdigest()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _is_compressed(file: BinaryIO) -> bool:
    start = file.read(6)
    file.seek(0)
    return start.startswith((b"\x1f\x8b", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"))
