"""Small npm packages of a tiny Go, as pnpm packs them, with any of it changed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.archives import tar_bytes
from support.toy_check import VERSION_FILE

NAME = "@ttsc/linux-x64"
GOROOT = "bin/go"
#: What upstream posts of the tiny Go, and what the package has of that.
UPSTREAM = {
    "VERSION": VERSION_FILE,
    "LICENSE": b"BSD\n",
    "README.md": b"Go\n",
    "bin/go": b"\x7fELF go",
    "pkg/tool/linux_amd64/compile": b"\x7fELF compile",
    "src/main.go": b"package main\n",
    "src/main_test.go": b"package main\n",
    "src/cmd/go/main.go": b"package main\n",
    "src/a/testdata/x": b"x",
    "test/a.go": b"package a\n",
}
_LEFT_OUT = ("README.md", "src/main_test.go", "src/cmd/go/main.go", "src/a/testdata/x", "test/a.go")
MANIFEST: Mapping[str, Any] = {
    "name": NAME,
    "version": "0.30.4",
    "os": ["linux"],
    "cpu": ["x64"],
    "files": ["bin"],
    "scripts": {"build": "node build.cjs"},
}


def package_files() -> dict[str, bytes]:
    """The files of a package that is as ttsc's are."""
    files = {f"{GOROOT}/{path}": data for path, data in UPSTREAM.items() if path not in _LEFT_OUT}
    return files | {"bin/ttsc": b"\x7fELF ttsc", "README.md": b"ttsc\n"}


@dataclass
class NpmMaker:
    """A package to be: its files, its package.json, and header fields of some members."""

    files: dict[str, bytes] = field(default_factory=package_files)
    manifest: dict[str, Any] = field(default_factory=lambda: dict(MANIFEST))
    headers: dict[str, dict[str, object]] = field(default_factory=dict)
    name: str = "ttsc-linux-x64-0.30.4.tgz"
    raw: bytes | None = None

    def write(self, directory: Path) -> Path:
        """The package as a file."""
        path = directory / self.name
        members = [
            (f"package/{name}", {"mode": self._mode(name), **self.headers.get(name, {})}, data)
            for name, data in self._all().items()
        ]
        path.write_bytes(gzip.compress(tar_bytes(members), 1, mtime=0))
        return path

    def unpack(self, directory: Path) -> Path:
        """The same, unpacked into a directory."""
        for name, data in self._all().items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(self._mode(name))
        return directory

    def _mode(self, name: str) -> int:
        return 0o755 if name == "bin/ttsc" else 0o644

    def _all(self) -> dict[str, bytes]:
        manifest = json.dumps(self.manifest).encode() if self.raw is None else self.raw
        return {**self.files, "package.json": manifest}
