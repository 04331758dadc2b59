"""A made-up release: a source tree with two vendored modules, and what vouches for them."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from samego.errors import NetworkError, NotPostedError
from samego.formats.archive.dirhash import hash1
from samego.model.verification import Verification
from samego.upstream.channels.module_zips import ModuleZip, OtherModuleError
from samego.upstream.sumdb.client import Lookup
from support.archives import memory_tree

RELEASE = "go1.24.99"
NET, TEXT = "golang.org/x/net", "golang.org/x/text"
#: The modules' versions, and what their zips hold.
VERSIONS = {NET: "v0.32.0", TEXT: "v0.21.0"}
MODULES: Mapping[str, Mapping[str, bytes]] = {
    NET: {
        "go.mod": b"module golang.org/x/net\n\ngo 1.18\n",
        "LICENSE": b"a license\n",
        "README.md": b"of no package\n",
        "idna/idna.go": b"package idna\n\n//go:embed data/*.txt\nvar table string\n",
        "idna/idna_test.go": b"package idna\n",
        "idna/gen.go": b"//go:build ignore\n\n/*\nInput to a generator\n*/\n\npackage main\n",
        "idna/data/table.txt": b"a table\n",
        "idna/data/other.bin": b"not embedded\n",
        "trie/trie.go": b"package trie\n",
    },
    TEXT: {
        "go.mod": b"module golang.org/x/text\n\ngo 1.18\n",
        "LICENSE": b"a license\n",
        "PATENTS": b"patents\n",
        "bidi/bidi.go": b"package bidi\n",
        "bidi/asm_amd64.s": b"TEXT x(SB),0,$0\n",
    },
}
_SYSO = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x01\x00\x3e\x00" + bytes(40)


def h1_of(module: str, files: Mapping[str, bytes]) -> str:
    """The ``h1:`` hash of a module's zip."""
    return hash1(
        (f"{module}@{VERSIONS[module]}/{path}", hashlib.sha256(data).hexdigest())
        for path, data in files.items()
    )


def module_zip_bytes(module: str, files: Mapping[str, bytes]) -> bytes:
    """A module's zip as a proxy serves it."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(zipfile.ZipInfo(f"{module}@{VERSIONS[module]}/{path}"), data)
    return raw.getvalue()


def source_files() -> dict[str, bytes]:
    """The release's source by path below GOROOT."""
    net, text = MODULES[NET], MODULES[TEXT]
    sums = "".join(
        f"{module} {VERSIONS[module]} {h1_of(module, files)}\n"
        f"{module} {VERSIONS[module]}/go.mod h1:{base64.b64encode(bytes(32)).decode()}\n"
        for module, files in MODULES.items()
    ).encode()
    vendored = {
        f"{NET}/LICENSE": net["LICENSE"],
        f"{NET}/idna/idna.go": net["idna/idna.go"],
        f"{NET}/idna/data/table.txt": net["idna/data/table.txt"],
        f"{TEXT}/LICENSE": text["LICENSE"],
        f"{TEXT}/PATENTS": text["PATENTS"],
        f"{TEXT}/bidi/bidi.go": text["bidi/bidi.go"],
        f"{TEXT}/bidi/asm_amd64.s": text["bidi/asm_amd64.s"],
    }
    return {
        "VERSION": f"{RELEASE}\ntime 2025-05-29T19:37:36Z\n".encode(),
        "src/make.bash": b"#!/usr/bin/env bash\n",
        "src/fmt/print.go": b"package fmt\n",
        "src/go.mod": (
            f"module std\n\ngo 1.24\n\nrequire {NET} {VERSIONS[NET]}\n\n"
            f"require (\n\t{TEXT} {VERSIONS[TEXT]} // indirect\n)\n"
        ).encode(),
        "src/go.sum": sums,
        "src/vendor/modules.txt": (
            f"# {NET} {VERSIONS[NET]}\n## explicit; go 1.18\n{NET}/idna\n"
            f"# {TEXT} {VERSIONS[TEXT]}\n## explicit; go 1.18\n{TEXT}/bidi\n"
        ).encode(),
        **{f"src/vendor/{path}": data for path, data in vendored.items()},
        "src/cmd/go.mod": f"module cmd\n\ngo 1.24\n\nrequire {TEXT} {VERSIONS[TEXT]}\n".encode(),
        "src/cmd/go.sum": sums,
        "src/cmd/vendor/modules.txt": (
            f"# {TEXT} {VERSIONS[TEXT]}\n## explicit; go 1.18\n{TEXT}/bidi\n"
        ).encode(),
        **{
            f"src/cmd/vendor/{path}": data
            for path, data in vendored.items()
            if path.startswith(TEXT)
        },
        "src/runtime/race/README": b"race_linux_arm64.syso built with LLVM 51bf and Go e7d5.\n",
        "src/runtime/race/race_linux_arm64.syso": _SYSO,
        "src/archive/zip/testdata/test.zip": b"PK\x03\x04" + bytes(30),
        "lib/time/zoneinfo.zip": b"PK\x03\x04" + bytes(40),
        "lib/time/update.bash": b"#!/bin/bash\n\nCODE=2025b\nDATA=2025b\n",
    }


def source_archive(
    directory: Path,
    files: Mapping[str, bytes],
    name: str = f"{RELEASE}.src.tar.gz",
    top: str = "go/",
) -> Path:
    """A tar of a source, below one directory."""
    path = directory / name
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for each in sorted(files):
            info = tarfile.TarInfo(f"{top}{each}")
            info.size = len(files[each])
            info.mode = 0o755 if each.endswith(".bash") else 0o644
            archive.addfile(info, io.BytesIO(files[each]))
    return path


@dataclass
class MadeZips:
    """Gives modules as the proxies and the log would.

    ``unlogged`` has those that the log does not know, ``refused`` those that no proxy serves,
    ``silent`` those of which nobody answers. ``served`` is what the zips hold.
    """

    unlogged: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    served: Mapping[str, Mapping[str, bytes]] = field(default_factory=lambda: MODULES)

    def logged(self, module: str, version: str) -> Lookup | None:
        """The log's record of the true module."""
        if module in self.silent:
            raise NetworkError("nobody answers", hint="")
        if module in self.unlogged:
            return None
        proof = (Verification("inclusion proof", "a tree"),)
        return Lookup("sum", module, version, 7, h1_of(module, MODULES[module]), "h1:", 9, proof)

    def fetch(self, module: str, version: str, logged: Lookup | None, stated: str) -> ModuleZip:
        """The zip that is served."""
        if module in self.refused:
            raise NotPostedError("answers 403", hint="")
        h1 = h1_of(module, self.served[module])
        if not logged and h1 != stated:
            raise OtherModuleError("another zip", hint="")
        return ModuleZip(Path(), "", h1, logged, memory_tree(self.served[module], name=version))
