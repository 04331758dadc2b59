"""Which packages, records and source packages are of one build.

A build is identified by its source package's name and version, and by the architecture of its
golang-1.N-go. Packages for all architectures belong to every architecture's build.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from samego.errors import InputError, SamegoError
from samego_debian.archive.spelling import (
    BARE_NAME,
    PACKAGE_SUFFIX,
    RECORD_SUFFIXES,
    SCHEME,
    SOURCE_SUFFIX,
)
from samego_debian.installed.toolchains import dpkg_root_of
from samego_debian.package.deb import Deb
from samego_debian.package.identity import TOOLCHAIN_PACKAGE, source_of
from samego_debian.package.manifest import read_header

_ALL = "all"
_FILE_ARCHITECTURE = re.compile(r"golang-1\.\d{1,3}-go_[^_/]+_(?P<arch>[a-z0-9-]+)\.deb", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Member:
    """A file of a build: its source package, and its architecture ("" for all)."""

    what: str
    source: tuple[str, str]
    architecture: str = ""


def builds(what: Sequence[str]) -> list[tuple[str, ...]]:
    """The user's words in groups of one build each.

    A file that cannot be read belongs to the build where there is only one, whose opening then
    reports it; else it is a group of its own.

    A directory of packages stands for the packages of toolchains in it. Where these are of a
    single build, the directory itself is the group.
    """
    groups: dict[tuple[str, str], list[_Member]] = {}
    alone: list[tuple[str, ...]] = []
    named: dict[Path, str] = {}
    for each in what:
        found = list(_members(each))
        for member in found:
            path = Path(member.what).resolve()
            if named.setdefault(path, member.what) == member.what:
                groups.setdefault(member.source, []).append(member)
        if not found:
            alone.append((each,))
    made = [group for members in groups.values() for group in _of_one_each(members)]
    if len(what) == 1 and len(made) == 1:
        return [tuple(what)]
    if len(made) == 1 and all(map(_is_of_a_build, alone)):
        return [(*made[0], *dict.fromkeys(each for (each,) in alone))]
    return [*made, *dict.fromkeys(alone)]


def _is_of_a_build(unread: tuple[str, ...]) -> bool:
    """Whether the name of something that was not read is that of a build's file."""
    path = Path(unread[0])
    suffixes = {PACKAGE_SUFFIX, SOURCE_SUFFIX, *RECORD_SUFFIXES}
    return path.suffix in suffixes and path.is_file()


def _members(what: str) -> Iterator[_Member]:
    """The packages of one word; none where it is a group of its own."""
    path = Path(what)
    if what.startswith(SCHEME) or (BARE_NAME.fullmatch(what) and not path.exists()):
        return
    # Opening it reports what is wrong with it.
    with contextlib.suppress(SamegoError, OSError):
        if path.is_dir():
            if dpkg_root_of(path) is None:
                yield from _in_directory(path)
        elif path.suffix in (*RECORD_SUFFIXES, SOURCE_SUFFIX):
            header = read_header(path)
            yield _Member(what, source_of(header.fields), _architecture(header.files))
        else:
            yield _member(path, what)


def _in_directory(directory: Path) -> Iterator[_Member]:
    for path in sorted(directory.glob(f"*{PACKAGE_SUFFIX}")):
        with contextlib.suppress(InputError):
            member = _member(path, str(path), toolchain=True)
            yield member


def _member(path: Path, what: str, *, toolchain: bool = False) -> _Member:
    with contextlib.closing(Deb(path)) as deb:
        if toolchain and not TOOLCHAIN_PACKAGE.fullmatch(deb.package):
            raise InputError(f"{what} is of no toolchain", hint="name its packages")
        architecture = "" if deb.architecture == _ALL else deb.architecture
        return _Member(what, deb.source, architecture)


def _architecture(files: Iterable[str]) -> str:
    """For which architecture a record has golang-1.N-go; empty where it has none."""
    found = (_FILE_ARCHITECTURE.fullmatch(name) for name in files)
    return next((match["arch"] for match in found if match), "")


def _of_one_each(members: Sequence[_Member]) -> Iterator[tuple[str, ...]]:
    """The members of one source package, for each architecture."""
    architectures = dict.fromkeys(each.architecture for each in members if each.architecture)
    for architecture in architectures or ("",):
        named = (each.what for each in members if each.architecture in ("", architecture))
        yield tuple(dict.fromkeys(named))
