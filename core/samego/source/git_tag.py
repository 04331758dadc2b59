"""Whether the tag of a release in a local clone gives the files of its source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from samego.errors import InputError
from samego.formats.archive.limits import DEFAULT_LIMITS
from samego.formats.archive.module_zip import posted_mode
from samego.model.tree import Kind, Tree
from samego.source import archive_files
from samego.source.git_clone import DamagedCloneError, GitClone, open_clone, tag_target
from samego.source.git_objects import DIRECTORY, LINK, PROGRAM, SUBMODULE, object_name, tree_entries
from samego.source.result import Difference, GitTag, InGit, What

_SIGNATURES = {
    b"-----BEGIN PGP SIGNATURE-----": "OpenPGP",
    b"-----BEGIN SSH SIGNATURE-----": "SSH",
    b"-----BEGIN SIGNED MESSAGE-----": "X.509",
}
#: A tag may name another tag; nobody needs more than a few.
_TAGS = 8
_RUNS = 0o111
_HEADER = re.compile(rb"(?P<key>object|tree|type) (?P<value>\S+)\n")


@dataclass(frozen=True, slots=True)
class _GitFile:
    mode: int
    oid: str


class GitNames:
    """Collects the names that git gives to files, for one object format."""

    def __init__(self, form: str) -> None:
        self.form = form
        self.names: dict[str, str] = {}

    def take(self, path: str, data: bytes) -> None:
        """Name one file's content."""
        self.names[path] = object_name("blob", data, self.form)


def compare_with_tag(directory: Path, tag: str, form: str, tree: Tree, names: GitNames) -> GitTag:
    """Hold a source tree against a tag of a clone; ``names`` are those of the tree's files.

    ``form`` is the source's. Raises ToolError without git.
    """
    target = tag_target(directory, tag)
    found = GitTag(tag, InGit.UNDECIDED, names.form)
    try:
        with open_clone(directory, target) as clone:
            found = _resolved(clone, target, found)
            files = dict(_walk(clone, found.tree, ""))
    except DamagedCloneError as error:
        return replace(found, reason=error.cause)
    return _compared(found, files, form, tree, names.names)


def _resolved(clone: GitClone, oid: str, found: GitTag) -> GitTag:
    """The tag, commit and tree that an object leads to."""
    tag_object = signature = ""
    for _ in range(_TAGS):
        kind, data = clone.read(oid)
        if kind == "tag":
            tag_object = tag_object or oid
            signature = signature or next(
                (name for mark, name in _SIGNATURES.items() if mark in data), ""
            )
            oid = _field(data, b"object")
        elif kind == "commit":
            return replace(
                found,
                tag_object=tag_object,
                commit=oid,
                tree=_field(data, b"tree"),
                signature=signature,
            )
        else:
            break
    raise DamagedCloneError(
        f"the tag {found.tag} of the clone names no commit", hint="name a clone of Go's repository"
    )


def _field(data: bytes, key: bytes) -> str:
    for match in _HEADER.finditer(data.partition(b"\n\n")[0] + b"\n"):
        if match["key"] == key:
            return match["value"].decode("ascii", "replace")
    raise DamagedCloneError("the clone has an object without its header", hint="clone it anew")


def _walk(clone: GitClone, oid: str, prefix: str) -> Iterator[tuple[str, _GitFile]]:
    """Every file below a tree. Raises DamagedCloneError."""
    pending = [(oid, prefix)]
    count = 0
    while pending:
        oid, prefix = pending.pop()
        kind, data = clone.read(oid)
        try:
            entries = list(tree_entries(data, clone.form)) if kind == "tree" else []
        except ValueError:
            kind = ""
        if kind != "tree":
            raise DamagedCloneError(f"the clone has no tree {oid}", hint="clone it anew")
        count += len(entries)
        if count > DEFAULT_LIMITS.entries:
            raise DamagedCloneError(
                "the clone's tree has more files than any Go", hint="name a clone of Go"
            )
        for entry in entries:
            path = f"{prefix}{entry.name}"
            if len(path) > DEFAULT_LIMITS.path_bytes:
                raise DamagedCloneError(
                    "the clone's tree has longer paths than any Go", hint="name a clone of Go"
                )
            if entry.mode == DIRECTORY:
                pending.append((entry.oid, f"{path}/"))
            else:
                yield path, _GitFile(entry.mode, entry.oid)


def _compared(
    found: GitTag, files: Mapping[str, _GitFile], form: str, tree: Tree, names: Mapping[str, str]
) -> GitTag:
    differences: list[Difference] = []
    identical = modes = not_compared = 0
    added, left_out = [], []
    for path in sorted(files.keys() | tree.keys()):
        theirs = files.get(path)
        if path in tree and tree[path].kind is Kind.DIRECTORY:
            continue
        if theirs is None:
            if archive_files.is_added(path):
                added.append(path)
            elif not archive_files.is_source_alone(form) and archive_files.is_generated(path):
                not_compared += 1
            else:
                differences.append(Difference(path, What.EXTRA))
        elif path not in tree:
            if archive_files.is_left_out(path):
                left_out.append(path)
            elif archive_files.lacks(form, path):
                not_compared += 1
            else:
                differences.append(Difference(path, What.MISSING))
        elif (what := _what(path, theirs, tree, names, found.object_format)) is not None:
            differences.append(Difference(path, what))
        else:
            identical += 1
            modes += _runs_otherwise(path, theirs, tree)
    return replace(
        found,
        outcome=InGit.DIFFERS if differences else InGit.SAME_FILES,
        identical=identical,
        modes=modes,
        not_compared=not_compared,
        added=tuple(added),
        left_out=tuple(left_out),
        differences=tuple(differences),
    )


def _what(
    path: str, theirs: _GitFile, tree: Tree, names: Mapping[str, str], form: str
) -> What | None:
    entry = tree[path]
    if theirs.mode == SUBMODULE or (theirs.mode == LINK) is not (entry.kind is Kind.LINK):
        return What.KIND
    if entry.kind is Kind.LINK:
        name = object_name("blob", entry.link.encode("utf-8", "surrogateescape"), form)
        return None if name == theirs.oid else What.CONTENT
    if names[path] != theirs.oid:
        return What.CONTENT
    runs = bool((entry.mode or 0) & _RUNS)
    by_name = bool(posted_mode(path) & _RUNS)
    return None if runs in {theirs.mode == PROGRAM, by_name} else What.MODE


def _runs_otherwise(path: str, theirs: _GitFile, tree: Tree) -> bool:
    """Whether upstream's archives give a file a permission by its name that git has not."""
    entry = tree[path]
    return entry.kind is Kind.FILE and bool((entry.mode or 0) & _RUNS) != (theirs.mode == PROGRAM)


def names_for(directory: Path, tag: str) -> GitNames:
    """A collector for the object format of a clone. Raises InputError as tag_target does."""
    target = tag_target(directory, tag)
    if len(target) not in {40, 64}:
        raise InputError(f"{directory} has a tag {tag} of no object", hint="clone it anew")
    return GitNames("sha1" if len(target) == 40 else "sha256")  # noqa: PLR2004 - hex digits of SHA-1
