"""Upstream's side of a small world: a cut-down toolchain module, and who vouches for it.

The module's files are real ones; what vouches is a checksum database of the world's own,
with a key of its own. All of it lies in a directory that GOPROXY names as a file URL.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path

from support.sumdb_log import MODULE, Key, Log, leaf

_GO_MOD = b"module golang.org/toolchain\n"


def cut_module(whole: Path, version: str, kept: Collection[str]) -> bytes:
    """A module zip of some files of a whole one, each as it is there."""
    prefix = f"{MODULE}@{version}/"
    out = io.BytesIO()
    with (
        zipfile.ZipFile(whole) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, True, 1) as new,
    ):
        for info in old.infolist():
            path = info.filename.removeprefix(prefix)
            # A go.mod cannot lie in a module's zip: upstream puts an underscore before it.
            if path in kept or path.replace("_go.mod", "go.mod") in kept:
                new.writestr(info, old.read(info), zipfile.ZIP_DEFLATED, 1)
    return out.getvalue()


def files_of(module: Path, version: str) -> dict[str, bytes]:
    """The files of a module zip by their paths below GOROOT."""
    prefix = f"{MODULE}@{version}/"
    with zipfile.ZipFile(module) as archive:
        return {
            info.filename.removeprefix(prefix).replace("_go.mod", "go.mod"): archive.read(info)
            for info in archive.infolist()
        }


def names_of(module: Path, version: str) -> set[str]:
    """The paths of those files, for whom these are enough: nothing is unpacked."""
    prefix = f"{MODULE}@{version}/"
    with zipfile.ZipFile(module) as archive:
        return {
            name.removeprefix(prefix).replace("_go.mod", "go.mod") for name in archive.namelist()
        }


def serve_below(directory: Path, version: str, module: bytes) -> Mapping[str, str]:
    """Write a proxy's files; the environment of a go command or samego that asks it."""
    below = directory / MODULE / "@v"
    below.mkdir(parents=True)
    (below / f"{version}.zip").write_bytes(module)
    (below / f"{version}.mod").write_bytes(_GO_MOD)
    (below / f"{version}.info").write_text(f'{{"Version":"{version}"}}\n')
    (below / "list").write_text(f"{version}\n")
    log = Log(0, Key("sum.forge.test"))
    log.texts = [record_of(version, module)]
    log.leaves = [leaf(text) for text in log.texts]
    database = directory / "sumdb" / log.key.name
    (database / "tile/8/0/000.p").mkdir(parents=True)
    (database / "supported").write_bytes(b"")
    (database / "lookup" / MODULE).parent.mkdir(parents=True)
    (database / "lookup" / f"{MODULE}@{version}").write_bytes(log.lookup(0))
    (database / "latest").write_bytes(log.head())
    tile = log.tile("tile/8/0/000.p/1")
    assert tile is not None
    (database / "tile/8/0/000.p/1").write_bytes(tile)
    return {
        "GOPROXY": directory.as_uri(),
        "GOSUMDB": log.key.verifier,
        "GONOSUMDB": "",
        "GOPRIVATE": "",
        "GOENV": "off",
        "SAMEGO_CHANNEL": "module",
    }


def record_of(version: str, module: bytes) -> bytes:
    """The checksum database's record of a module zip."""
    with zipfile.ZipFile(io.BytesIO(module)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return (
        f"{MODULE} {version} {_hash1(members)}\n"
        f"{MODULE} {version}/go.mod {_hash1({'go.mod': _GO_MOD})}\n"
    ).encode()


def _hash1(files: Mapping[str, bytes]) -> str:
    """Of golang.org/x/mod/sumdb/dirhash: Hash1."""
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    digest = hashlib.sha256("".join(lines).encode()).digest()
    return f"h1:{base64.b64encode(digest).decode()}"
