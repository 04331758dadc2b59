"""A ``file`` URL, answered like a server's: GOPROXY may name a directory so."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import SplitResult, unquote, urlunsplit

from samego.errors import InputError, NotPostedError
from samego.system.there import is_file
from samego.upstream.transport.responses import CHUNK, OK, PARTIAL, Response
from samego.upstream.transport.urls import clean_sentence


@contextmanager
def open_file(parts: SplitResult, start: int) -> Iterator[Response]:
    """Open the file that a ``file`` URL names, from the offset ``start`` on.

    Raises NotPostedError when there is no such regular file, InputError when it cannot be
    read or the URL names another host.
    """
    url = urlunsplit(parts)
    path = Path(unquote(parts.path))
    if parts.netloc not in {"", "localhost"} or not path.is_absolute():
        raise InputError(
            f"{clean_sentence(url)!r} does not name a file here", hint="write file:///PATH"
        )
    try:
        file = path.open("rb") if is_file(path) else None
    except OSError as error:
        raise _unreadable(path, error) from error
    if file is None:
        raise NotPostedError(
            f"there is no file {clean_sentence(str(path))}", hint="check the directory's name"
        )
    with file:
        total = os.fstat(file.fileno()).st_size
        begin = start if start < total else 0
        file.seek(begin)
        yield Response(url, PARTIAL if begin else OK, begin, total, _file_chunks(path, file))


def _file_chunks(path: Path, file: BinaryIO) -> Iterator[bytes]:
    try:
        while chunk := file.read(CHUNK):
            yield chunk
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(
        f"{clean_sentence(str(path))} cannot be read ({error.strerror})",
        hint="check its permissions",
    )
