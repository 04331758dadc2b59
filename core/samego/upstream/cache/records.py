"""Small named facts kept on disk as JSON, one file each.

What was verified, an index with its ETag: written by rename, so that processes which
run at the same time see an old or a new record, never half of one.
"""

from __future__ import annotations

import errno
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from samego.errors import CacheError, DiskFullError
from samego.model.public_url import public_url
from samego.system import atomic
from samego.system.seal import Seal

VERIFY_HINT = "run 'samego cache verify' to find and remove what is damaged"

_KIND = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)
#: What the system says when a disk or a quota is full.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_KEYS = frozenset({"kind", "key", "value"})
# The largest record is go.dev's index, some megabytes.
_LARGEST = 64 << 20


@contextmanager
def disk_errors(root: Path) -> Iterator[None]:
    """Turn an OSError below ``root`` into CacheError, or DiskFullError where that fits."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise DiskFullError(
                f"no disk space is left for the cache in {root}",
                hint="free some space, or set SAMEGO_CACHE to a directory on another disk",
            ) from error
        where = f", {error.filename}" if error.filename else ""
        raise CacheError(
            f"the cache in {root} cannot be used ({error.strerror or error}{where})",
            hint="set SAMEGO_CACHE to a directory that you can write",
        ) from error


class Records:
    """The records below one directory, by kind and key.

    Each carries its writer's seal (samego.system.seal): records that another user or a build wrote
    or changed are ignored.

    Methods raise CacheError when the directory cannot be used, DiskFullError when it
    is full.
    """

    def __init__(self, root: Path, seal: Seal | None = None) -> None:
        self._root = root
        self._seal = seal or Seal()

    def get(self, kind: str, key: str) -> Mapping[str, object] | None:
        """The record of this kind and key, or None. Raises CacheError for a damaged one."""
        key = _public(key)
        path = self._path(kind, key)
        with disk_errors(self._root):
            try:
                record = _read(path)
            except FileNotFoundError:
                return None
        if record is None or (record["kind"], record["key"]) != (kind, key):
            raise CacheError(f"{path} was changed", hint=VERIFY_HINT)
        value = record["value"]
        if not isinstance(value, dict) or not self._sealed(record):
            return None
        return value

    def put(self, kind: str, key: str, value: Mapping[str, object]) -> None:
        """Write a record; of several writers, the last one wins."""
        key = _public(key)
        path = self._path(kind, key)
        content = _content({"kind": kind, "key": key, "value": value})
        data = json.dumps({**json.loads(content), "seal": self._seal.of(content)}, sort_keys=True)
        with disk_errors(self._root):
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic.write(path, data.encode(), mode=atomic.PRIVATE)

    def forget(self, kind: str, key: str) -> None:
        """Remove a record, if it is there."""
        with disk_errors(self._root):
            self._path(kind, _public(key)).unlink(missing_ok=True)

    def files(self) -> list[Path]:
        """Every file below the directory, whether a record or not."""
        if not self._root.is_dir():
            return []
        return sorted(
            path for kind in self._root.iterdir() if kind.is_dir() for path in kind.iterdir()
        )

    def remove_damaged(self) -> list[Path]:
        """Remove files that are no record of their own name; return their paths."""
        damaged = []
        with disk_errors(self._root):
            for path in self.files():
                if not self._holds(path):
                    path.unlink(missing_ok=True)
                    damaged.append(path)
        return damaged

    def _path(self, kind: str, key: str) -> Path:
        if not _KIND.fullmatch(kind):
            raise CacheError(f"{kind!r} is not a kind of record", hint="report this as a bug")
        return self._root / kind / f"{hashlib.sha256(key.encode()).hexdigest()}.json"

    def _holds(self, path: Path) -> bool:
        record = None if path.is_symlink() or not path.is_file() else _read(path)
        return (
            record is not None
            and path == self._path(str(record["kind"]), str(record["key"]))
            and self._sealed(record)
        )

    def _sealed(self, record: Mapping[str, object]) -> bool:
        return self._seal.holds(record.get("seal"), _content(record))


def _public(key: str) -> str:
    """A key; one that is a URL without its credentials, which do not belong in a record."""
    return public_url(key) if "://" in key else key


def _content(record: Mapping[str, object]) -> bytes:
    """The sealed bytes of a record."""
    content = {name: record[name] for name in sorted(_KEYS)}
    return json.dumps(content, sort_keys=True).encode()


def _read(path: Path) -> dict[str, object] | None:
    """The record in a file; None for anything else. Raises OSError."""
    with path.open("rb") as file:
        data = file.read(_LARGEST)
    try:
        record = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or record.keys() - {"seal"} != _KEYS:
        return None
    words = isinstance(record["key"], str) and _KIND.fullmatch(str(record["kind"]))
    return record if words and isinstance(record["value"], dict) else None
