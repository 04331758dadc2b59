"""The small tree that patches are applied to, against dpkg-source's own unpacking of the whole.

samego gives dpkg-source only the files that a patch could name. What that leaves must be what
``dpkg-source -x`` makes of the whole source package, file for file: those that no patch names
included, for these must be upstream's.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from samego.formats.archive.compression import open_decompressed
from samego.formats.archive.limits import DEFAULT_LIMITS
from samego.formats.archive.spool import Spool
from samego.formats.archive.tar.reader import read_tar
from samego.model.inputs import Patch
from samego.model.tree import Kind, Tree
from samego.rules.patch_replay import ReplayResult, replay
from samego_debian.source.source_package import SourcePackage, open_source
from support.inputs import Inputs

VERSIONS = ("1.19.8-2", "1.24.4-1", "1.27.1-2")


def unpacked(dsc: Path, directory: Path) -> dict[str, str]:
    """The sha256 of every file of upstream's that ``dpkg-source -x`` leaves, by path."""
    tree = directory / "tree"
    command = ["dpkg-source", "--no-check", "-x", str(dsc.resolve()), str(tree)]
    subprocess.run(command, cwd=directory, capture_output=True, check=True)
    return {
        path: hashlib.sha256((tree / path).read_bytes()).hexdigest()
        for root, _directories, names in os.walk(tree)
        for name in names
        if not (path := os.path.relpath(f"{root}/{name}", tree)).startswith(("debian/", ".pc/"))
        and not (tree / path).is_symlink()
    }


def files(upstream: Tree) -> dict[str, str]:
    """The sha256 of every file of upstream's archive, by path."""
    return {path: entry.sha256 for path, entry in upstream.items() if entry.kind is Kind.FILE}


def patched(upstream: Tree, done: ReplayResult) -> dict[str, str]:
    """What samego takes the patched tree to be, whole."""
    assert not done.problem
    kept = {path: sha for path, sha in files(upstream).items() if path not in done.given}
    return {**kept, **done.files}


def opened(directory: Path, spool: Spool) -> tuple[SourcePackage, Tree]:
    """A source package and upstream's archive beside it."""
    (dsc,) = directory.glob("*.dsc")
    source = open_source(dsc)
    orig = source.orig
    assert orig is not None

    def stream() -> BinaryIO:
        return open_decompressed(orig.open("rb"), name=orig.name, limits=DEFAULT_LIMITS)

    return source, read_tar(stream, name=orig.name, spool=spool, strip="go/")


@pytest.mark.parametrize(
    "version",
    # A whole source is unpacked for each, and patched twice.
    [pytest.param(each, marks=() if each == "1.27.1-2" else pytest.mark.long) for each in VERSIONS],
)
def test_the_small_tree_gives_what_dpkg_source_makes_of_the_whole(
    version: str, inputs: Inputs, tmp_path: Path
) -> None:
    directory = inputs.source(version)
    (dsc,) = directory.glob("*.dsc")
    whole = unpacked(dsc, tmp_path)
    with closing(Spool()) as spool:
        source, upstream = opened(directory, spool)
        patches = source.patches(exact=True)
        done = replay(patches, upstream)
        ours = patched(upstream, done)
        posted = files(upstream)
    changed = {path for path, sha in whole.items() if posted.get(path) != sha}
    assert patches
    assert changed
    assert changed <= {path for path in ours if path in done.files}
    assert len(done.given) < len(whole) // 2
    assert {path for path in ours.keys() | whole if ours.get(path) != whole.get(path)} == set()


def test_a_patch_with_one_other_byte_gives_another_tree(inputs: Inputs) -> None:
    directory = inputs.source(VERSIONS[0])
    with closing(Spool()) as spool:
        source, upstream = opened(directory, spool)
        patches = source.patches(exact=True)
        first = replay(patches, upstream)
        other = replay([*map(with_another_byte, patches)], upstream)
    assert first.files != other.files or other.problem


def with_another_byte(patch: Patch) -> Patch:
    """The patch with the first letter that it adds changed."""
    lines = patch.data.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.startswith(b"+") and not line.startswith(b"+++") and line.strip(b"+ \t\n"):
            lines[number] = line.rstrip(b"\n") + b"x\n"
            break
    return replace(patch, data=b"".join(lines))
