"""A snapshot service on the loopback, which answers as snapshot.debian.org does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from support.pgp import Keys
from support.web import Web, body, serve


def clear_signed(keys: Keys, name: str, text: bytes) -> bytes:
    """A text with a signature around it, as dpkg-buildpackage signs a .dsc."""
    return keys.gpg("--local-user", name, "--clearsign", "--output", "-", data=text)


def dsc(source: str, version: str, files: Mapping[str, bytes]) -> bytes:
    """The text of a .dsc that lists these files."""
    lines = ["Format: 3.0 (quilt)", f"Source: {source}", f"Version: {version}"]
    for field, algorithm in (("Checksums-Sha1", "sha1"), ("Checksums-Sha256", "sha256")):
        lines.append(f"{field}:")
        lines += [
            f" {hashlib.new(algorithm, data).hexdigest()} {len(data)} {name}"
            for name, data in files.items()
        ]
    return "\n".join(lines).encode() + b"\n"


def route_source(
    web: Web, source: str, version: str, files: Mapping[str, bytes], *, fileinfo: bool = True
) -> dict[str, str]:
    """Serve a source package's files; the path of each on the server, by name.

    Without ``fileinfo`` the list has digests alone, and each is asked for by itself.
    """
    digests = {
        name: hashlib.sha1(data, usedforsecurity=False).hexdigest() for name, data in files.items()
    }
    about = {
        digest: [{"archive_name": "debian", "name": name, "size": len(files[name])}]
        for name, digest in digests.items()
    }
    answer: dict[str, object] = {
        "_comment": "foo",
        "package": source,
        "version": version,
        "result": [{"hash": digest} for digest in digests.values()],
    }
    if fileinfo:
        answer["fileinfo"] = about
    place = f"/mr/package/{source}/{version}/srcfiles?fileinfo=1"
    web.routes[place] = body(json.dumps(answer).encode(), kind="application/json")
    for name, digest in digests.items():
        info = json.dumps({"hash": digest, "result": about[digest]}).encode()
        web.routes[f"/mr/file/{digest}/info"] = body(info, kind="application/json")
        web.routes[f"/file/{digest}"] = body(files[name])
    return {name: f"/file/{digest}" for name, digest in digests.items()}


@contextmanager
def snapshot_of(directory: Path, source: str, version: str) -> Iterator[Web]:
    """A service that has the files of a directory as one source package."""
    with serve() as web:
        files = {path.name: path.read_bytes() for path in sorted(directory.iterdir())}
        route_source(web, source, version, files)
        yield web
