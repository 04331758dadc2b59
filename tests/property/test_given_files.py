"""One flipped bit anywhere in a wheel or an npm package: refused, found, or of no effect.

Python's own readers stand for the installers: where they unpack the same files, whatever the bit
was (a time, a spare field) is nobody's difference.
"""

from __future__ import annotations

import contextlib
import io
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import npm_packages, wheels
from support.npm_packages import NpmMaker
from support.toy_check import check, write_upstream
from support.wheels import WheelMaker

_UNREADABLE = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError),
    *(OSError, ValueError, NotImplementedError, RuntimeError),
)
#: A file's bytes and permissions, by its path.
Files = Mapping[str, tuple[bytes, int]]


def as_pip(data: bytes) -> Files:
    """What pip unpacks of a wheel (pip._internal.operations.install.wheel)."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: (archive.read(info), _pip_mode(info)) for info in archive.infolist()}


def _pip_mode(info: zipfile.ZipInfo) -> int:
    mode = info.external_attr >> 16
    return 0o755 if stat.S_ISREG(mode) and mode & 0o111 else 0o644


def as_npm(data: bytes) -> Files:
    """What npm unpacks of a package: its plain files (pacote drops what is none)."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        found = {}
        for info in archive:
            file = archive.extractfile(info)
            if file is not None:
                found[info.name] = file.read(), info.mode
        return found


FORMS: dict[str, tuple[Callable[[Path], Path], Mapping[str, bytes], Callable[[bytes], Files]]] = {
    "wheel": (
        lambda directory: WheelMaker(modes={"go/bin/go": 0o100755}).write(directory),
        wheels.UPSTREAM,
        as_pip,
    ),
    "npm": (lambda directory: NpmMaker().write(directory), npm_packages.UPSTREAM, as_npm),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_flipped_bit_is_refused_found_or_of_no_effect(
    form: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp(form)
    make, files, installed = FORMS[form]
    (home / "upstream").mkdir()
    upstream = write_upstream(home / "upstream", files)
    path = make(home)
    right = path.read_bytes()
    untouched = check(home, upstream, [path]).standings
    wanted = installed(right)

    # The second half has the directory of a zip, where most says something of a file.
    @settings(deadline=None, max_examples=100)
    @given(st.integers(0, len(right) * 8 - 1))
    def flip(bit: int) -> None:
        data = bytearray(right)
        data[bit // 8] ^= 1 << bit % 8
        path.write_bytes(data)
        run = check(home, upstream, [path])
        assert "Traceback" not in run.said
        if run.status != 2 and run.standings == untouched:
            unpacked: Files = {}
            with contextlib.suppress(*_UNREADABLE):
                unpacked = installed(bytes(data))
            assert unpacked == wanted, run.said

    flip()
