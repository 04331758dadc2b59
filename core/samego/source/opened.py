"""The source that the user names, opened: a release, a posted file, or any archive of one."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from samego.errors import ContradictedError, InputError, UnknownReleaseError
from samego.formats.archive.compression import open_decompressed
from samego.formats.archive.limits import DEFAULT_LIMITS
from samego.formats.archive.module_zip import goroot_path, module_prefix, posted_mode
from samego.formats.archive.spool import Spool
from samego.formats.archive.tar.reader import find_in_tar, read_tar
from samego.formats.archive.zip import read_zip
from samego.model.release import PostedName, Release, Target, parse_module_version
from samego.model.tree import Kind, Tree
from samego.rebuild.source import find_source, source_tree
from samego.source.archive_files import MODULE, OTHER
from samego.upstream.channels.interface import Posted
from samego.upstream.checksums.authorities import UnverifiedError, recognised
from samego.upstream.checksums.identify import identify, module_version_in, sha256_of
from samego.upstream.open_tree import Opener
from samego.upstream.resolver import UpstreamFiles

#: How deep VERSION lies in an archive of one directory, or of none.
_TOP = 1


@dataclass(frozen=True, slots=True)
class OpenedSource:
    """A source. ``posted`` is what upstream posted, where the file is that.

    ``whole`` is all that the file holds, where that is more than ``tree``, the source in it;
    ``target`` is then what it is for.
    """

    release: Release
    path: Path
    sha256: str
    form: str
    tree: Tree
    posted: Posted | None
    whole: Tree | None = None
    target: Target | None = None


def open_release(
    release: Release, upstream: UpstreamFiles, opener: Opener, hosts: Sequence[Target]
) -> OpenedSource:
    """A release's source from upstream's channels. Raises what find_source raises."""
    source, _notes = find_source(release, upstream.channels, hosts, opener)
    posted = source.posted
    return OpenedSource(release, posted.path, posted.sha256, posted.form, source.tree, posted)


def open_file(path: Path, upstream: UpstreamFiles, opener: Opener, spool: Spool) -> OpenedSource:
    """The source in a file, whether upstream posted it or not.

    Raises InputError for what holds no source of Go, UnverifiedError for a module zip that may
    not be verified.
    """
    sha256 = sha256_of(path)
    posted = _posted(path, sha256, upstream)
    if posted is not None:
        tree = source_tree(opener.open(posted))
        return OpenedSource(posted.release, path, sha256, posted.form, tree, posted)
    if zipfile.is_zipfile(path):
        return _changed_module(path, sha256, opener)
    tree = _read(path, spool)
    return OpenedSource(_release_of(tree), path, sha256, OTHER, tree, None)


def _posted(path: Path, sha256: str, upstream: UpstreamFiles) -> Posted | None:
    """What upstream posted, where the file is that, and None where it is another."""
    zipped = zipfile.is_zipfile(path)
    if not zipped and not recognised(sha256, upstream.authorities).name:
        return None
    try:
        return identify(path, upstream.authorities, upstream.verifier)
    except ContradictedError:
        return None
    except UnverifiedError:
        if zipped and module_version_in(path):
            raise
        return None


def _changed_module(path: Path, sha256: str, opener: Opener) -> OpenedSource:
    members = opener.members(path, sha256)
    tree = read_zip(
        path,
        members,
        name=path.name,
        strip=module_prefix(members, name=path.name),
        rename=goroot_path,
        mode_of=posted_mode,
    )
    release, target = parse_module_version(module_version_in(path))
    source = source_tree(tree)
    if _release_of(source) != release:
        raise InputError(
            f"{path.name} is of {release} by its names, and its VERSION says otherwise",
            hint="name an unchanged module zip",
        )
    return OpenedSource(release, path, sha256, MODULE, source, None, tree, target)


def _read(path: Path, spool: Spool) -> Tree:
    """Any tar of a source, below one directory or none."""

    def stream() -> BinaryIO:
        return open_decompressed(path.open("rb"), name=path.name, limits=DEFAULT_LIMITS)

    found = find_in_tar(
        stream,
        lambda each: each.rpartition("/")[2] == "VERSION" and each.count("/") <= _TOP,
        name=path.name,
    )
    if found is None:
        raise _no_source(path.name)
    top = found[0].removesuffix("VERSION")
    tree = read_tar(stream, name=path.name, spool=spool, strip=top)
    # Links stay, and what only a build makes: upstream's source has neither.
    entries = {each: entry for each, entry in tree.items() if entry.kind is not Kind.DIRECTORY}
    return tree.with_entries(entries, carries_modes=True)


def _release_of(tree: Tree) -> Release:
    if "VERSION" not in tree or "src/make.bash" not in tree:
        raise _no_source(tree.name)
    line = tree.read("VERSION").decode("utf-8", "replace").partition("\n")[0].strip()
    try:
        return Release.parse(line)
    except UnknownReleaseError as error:
        raise InputError(
            f"{tree.name} is of {line[:40]!r}, which is no release of Go",
            hint="name the source of a release",
        ) from error


def _no_source(name: str) -> InputError:
    return InputError(
        f"{name} holds no source of Go (no VERSION with src/make.bash)",
        hint="name a go1.N.src.tar.gz, a distro's orig tarball, or a module zip",
    )


def posted_name(posted: Posted) -> str:
    """What upstream calls a posted file."""
    if posted.form == "module":
        return posted.url.rpartition("/")[2]
    if posted.target is None:
        return str(PostedName(posted.release, None, "tar.gz"))
    suffix = "zip" if posted.target.goos == "windows" else "tar.gz"
    return str(PostedName(posted.release, posted.target, suffix))
