"""The command line on tiny packages: what a check of one says, without network or a real Go."""

from __future__ import annotations

import contextlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samego.cli.main import main

#: A release that nobody announced: no known sum contradicts the toy.
RELEASE = "go1.24.99"
VERSION_FILE = f"{RELEASE}\ntime 2025-05-29T19:37:36Z\n".encode()
#: What upstream posts of the tiny Go that the makers of packages pack.
DEBIAN_FILES = {
    "VERSION": VERSION_FILE,
    "bin/go": b"\x7fELF go",
    "pkg/tool/linux_amd64/compile": b"\x7fELF compile",
    "src/zgenerated.go": b"package p\n",
    "src/main.go": b"package main\n",
    "doc/go_spec.html": b"<p>\n",
}
ARCH_FILES = {
    "VERSION": VERSION_FILE,
    "LICENSE": b"BSD\n",
    "bin/go": b"\x7fELF go",
    "bin/gofmt": b"\x7fELF gofmt",
    "pkg/tool/linux_amd64/compile": b"\x7fELF compile",
    "src/main.go": b"package main\n",
    "test/\u00defoo.go": b"package foo\n",
    "doc/go_spec.html": b"<p>\n",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """A run: its exit status, what it wrote as JSON, and what it said."""

    status: int
    report: Mapping[str, Any]
    said: str

    @property
    def standings(self) -> dict[str, str]:
        """The standing of every path that is not identical."""
        return {item["path"]: item["standing"] for item in self.report.get("findings", ())}

    def finding(self, path: str) -> Mapping[str, Any]:
        """The finding on a path, or nothing."""
        found = [item for item in self.report.get("findings", ()) if item["path"] == path]
        return found[0] if found else {}


def write_upstream(directory: Path, files: Mapping[str, bytes]) -> Path:
    """Upstream's archive of the toy, with plain modes."""
    path = directory / f"{RELEASE}.linux-amd64.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1, format=tarfile.USTAR_FORMAT) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(f"go/{name}")
            info.size, info.mode = len(data), 0o644
            archive.addfile(info, io.BytesIO(data))
    return path


def check(home: Path, upstream: Path, what: Sequence[Path | str], *options: str) -> Checked:
    """Run ``samego check`` in this process; nobody vouches for the toy's upstream side."""
    out, err = io.StringIO(), io.StringIO()
    words = ["check", *map(str, what), "--upstream", str(upstream), "--allow-unverified"]
    words += ["--offline", "--cache", str(home / "cache"), "--format", "json", *options]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(words)
    text = out.getvalue()
    report = json.loads(text) if text.startswith("{") else {}
    return Checked(status, report, f"{text}{err.getvalue()}")
