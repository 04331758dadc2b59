"""A small toolchain as upstream posts it in two forms, and a checksum database that has it.

The forms are written from cmd/distpack/pack.go, and the record from golang.org/x/mod/sumdb/dirhash,
not with the code under test.
"""

from __future__ import annotations

import base64
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from forge.upstream import record_of
from support.sumdb_log import MODULE, Key, Log, leaf, path

VERSION = "v0.0.1-go1.24.99.linux-amd64"
ARCHIVE = "go1.24.99.linux-amd64.tar.gz"
#: By path below GOROOT; api, doc, misc and test are not in the module form.
FILES = {
    "VERSION": b"go1.24.99\ntime 2025-05-29T19:37:36Z\n",
    "api/go1.txt": b"pkg a\n",
    "bin/go": b"an executable",
    "go.mod.txt": b"no module\n",
    "pkg/tool/linux_amd64/link": b"a tool",
    "src/a.go": b"package a\n",
    "src/go.mod": b"module std\n",
    "test/a.go": b"package a\n",
}
_LEFT_OUT = ("api/", "doc/", "misc/", "test/")


def module_zip(files: Mapping[str, bytes] = FILES, version: str = VERSION) -> bytes:
    """The module form."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            if not name.startswith(_LEFT_OUT):
                renamed = f"{name[:-7]}/_go.mod" if name.endswith("/go.mod") else name
                archive.writestr(f"{MODULE}@{version}/{renamed}", data)
    return out.getvalue()


def archive(place: Path, files: Mapping[str, bytes] = FILES) -> Path:
    """The archive of go.dev/dl."""
    with tarfile.open(place, "w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(f"go/{name}")
            member.size, member.mode = len(data), 0o755 if name.startswith("bin/") else 0o644
            tar.addfile(member, io.BytesIO(data))
    return place


def log_with(module: bytes, key: Key, *, version: str = VERSION, size: int = 9) -> Log:
    """A log whose fifth record is the module's."""
    log = Log(size, key)
    log.versions[4] = version
    log.texts[4] = record_of(version, module)
    log.leaves[4] = leaf(log.texts[4])
    return log


def proof_text(log: Log, number: int = 4) -> str:
    """The tlog-proof of a record, from the definition of its format."""
    hashes = [base64.b64encode(each).decode() for each in path(number, log.leaves)]
    lines = ["c2sp.org/tlog-proof@v1", f"index {number}", *hashes, "", log.head().decode()]
    return "\n".join(lines)
