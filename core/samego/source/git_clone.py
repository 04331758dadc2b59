"""A local clone, of which only objects are read.

No program of the clone runs and none of its settings counts: git is started in an empty
repository of samego's own, which borrows the clone's objects (gitrepository-layout,
objects/info/alternates). So the clone's config, hooks, attributes, filters and replacements are
never read, nothing is checked out, and nothing can be fetched. git itself reads the objects,
because packs and deltas are its own business; that each object is what its name says, is
computed here. A library (dulwich) would be a large dependency, and the one in Debian 12 cannot
read SHA-256 repositories.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from samego.errors import InputError, ToolError, UnsafePathError
from samego.source.git_objects import FORMATS, object_name
from samego.system import safe_open
from samego.system.environment import PATH
from samego.system.temporary import temporary_directory

_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.ASCII)
#: Bytes of a ref, of packed-refs, and of an object that is read (a tree, a commit, a tag).
_REF, _PACKED_REFS, _OBJECT = 4096, 64 << 20, 16 << 20
#: Bytes of memory that git may have of its own, beside the packs, which it maps.
_MEMORY = 1 << 30
_CONFIG = """[core]
	repositoryformatversion = 1
	bare = true
[extensions]
	objectformat = {form}
"""
_HEADER_WORDS = 3
#: Seconds for all that is read of a clone; Go's own tree takes one.
_PATIENCE = 300.0


class DamagedCloneError(InputError):
    """An object of a clone is missing, or is not what its name says."""


class GitClone:
    """A clone's objects by name. ``form`` is its object format, sha1 or sha256."""

    def __init__(self, form: str, asked: IO[bytes], answers: IO[bytes]) -> None:
        self.form = form
        self._asked = asked
        self._answers = answers

    def read(self, oid: str) -> tuple[str, bytes]:
        """An object's kind and content, which has that name.

        Raises DamagedCloneError where there is none, or another.
        """
        try:
            self._asked.write(f"{oid}\n".encode("ascii"))
            self._asked.flush()
            words = self._answers.readline().decode("ascii", "replace").split()
            if len(words) != _HEADER_WORDS or not words[2].isdigit():
                raise _damaged(f"has no object {oid}")
            kind, size = words[1], int(words[2])
            if size > _OBJECT:
                raise _damaged(f"has an object {oid} of {size} bytes")
            data = self._answers.read(size + 1)[:-1]
        except OSError as error:
            raise _damaged(f"has an object {oid} that git cannot read") from error
        if object_name(kind, data, self.form) != oid:
            raise _damaged(f"has another object under the name {oid}")
        return kind, data


def tag_target(directory: Path, tag: str) -> str:
    """What a tag of a clone names, in hex; it is read as a file, without git.

    Raises InputError where the directory is no clone, or has no such tag.
    """
    common = _common(directory)
    loose = _text(common / "refs/tags" / tag, _REF).strip()
    if _OID.fullmatch(loose):
        return loose
    for line in _text(common / "packed-refs", _PACKED_REFS).splitlines():
        oid, _, name = line.partition(" ")
        if name == f"refs/tags/{tag}" and _OID.fullmatch(oid):
            return oid
    if (common / "reftable").is_dir():
        raise InputError(
            f"{directory} keeps its tags in the format reftable, which samego does not read",
            hint="clone it with --ref-format=files",
        )
    raise InputError(f"{directory} has no tag {tag}", hint="run 'git fetch --tags' there")


@contextmanager
def open_clone(directory: Path, oid: str) -> Iterator[GitClone]:
    """The clone that has the object ``oid``, whose length says the object format.

    Raises InputError for a directory that is no clone, ToolError without git.
    """
    git = shutil.which("git", path=PATH)
    if git is None:
        raise ToolError("git is not installed", hint="install it, or leave out --git")
    objects = (_common(directory) / "objects").resolve()
    if not objects.is_dir() or "\n" in str(objects):
        raise _no_clone(directory)
    form = FORMATS[len(oid)]
    with temporary_directory() as own:
        for name in ("objects/info", "refs"):
            (own / name).mkdir(parents=True)
        (own / "HEAD").write_text("ref: refs/heads/none\n", encoding="ascii")
        (own / "config").write_text(_CONFIG.format(form=form), encoding="ascii")
        (own / "objects/info/alternates").write_bytes(os.fsencode(objects) + b"\n")
        with _cat_file(git, own) as process:
            assert process.stdin is not None  # noqa: S101 - both are pipes
            assert process.stdout is not None  # noqa: S101
            yield GitClone(form, process.stdin, process.stdout)


@contextmanager
def _cat_file(git: str, own: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [git, "--no-replace-objects", "cat-file", "--batch"],
        cwd=own,
        env=_environment(own),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    # What lies among the objects may make git wait for ever, such as a pipe.
    ending = threading.Timer(_PATIENCE, process.kill)
    ending.daemon = True
    ending.start()
    try:
        # A few bytes of a pack can say that an object is as large as a disk.
        resource.prlimit(process.pid, resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
        yield process
    finally:
        ending.cancel()
        process.kill()
        with suppress(OSError):
            process.communicate()


def _environment(own: Path) -> Mapping[str, str]:
    return {
        "PATH": PATH,
        "LC_ALL": "C",
        "HOME": str(own),
        "GIT_DIR": str(own),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_TERMINAL_PROMPT": "0",
    }


def _common(directory: Path) -> Path:
    """The directory with the clone's objects and tags (gitrepository-layout)."""
    inner = directory / ".git"
    if inner.is_file():
        inner = directory / _text(inner, _REF).strip().removeprefix("gitdir: ")
    root = inner if inner.is_dir() else directory
    shared = _text(root / "commondir", _REF).strip()
    root = root / shared if shared else root
    if not (root / "objects").is_dir():
        raise _no_clone(directory)
    return root


def _text(path: Path, limit: int) -> str:
    """A small file's text; empty where there is none, or something else than a file.

    Opened so that a pipe does not make this wait.
    """
    try:
        return safe_open.read_file(path.resolve(), limit).decode("utf-8", "replace")
    except (OSError, ValueError, UnsafePathError):
        return ""


def _no_clone(directory: Path) -> InputError:
    return InputError(f"{directory} is no clone of git", hint="name a directory with .git in it")


def _damaged(what: str) -> DamagedCloneError:
    return DamagedCloneError(f"the clone {what}", hint="run 'git fsck' there, or clone it anew")
