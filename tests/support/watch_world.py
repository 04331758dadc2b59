"""A world for ``samego watch``: a go.dev, a distro with a mirror, and a user with a history."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import sqlite3
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.cli import Result, Samego
from support.godev_server import GoDev, file_row, release_row, toolchain_archive

RELEASE = "go1.24.99"
_VERSION = f"{RELEASE}\ntime 2025-05-29T19:37:36Z\n".encode()
_FILES = {
    "LICENSE": b"BSD\n",
    "bin/go": b"a program\n",
    "misc/editors": b"none\n",
    "src/fmt/print.go": b"package fmt\n",
}
_PLUGIN = Path(__file__).parents[1] / "plugins/alder"
_ENTRY_POINTS = """\
[samego.distros]
birch = samego_alder.birch:DISTRO
[samego.listings]
birch = samego_alder.birch_listing:LISTER
"""


@dataclass
class World:
    """``directory`` is the user's home; ``environment`` is added to each run's."""

    directory: Path
    godev: GoDev
    environment: dict[str, str] = field(default_factory=dict)
    #: Releases that are posted besides the toy's own: their bytes.
    posted: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        info = self.directory / "plugins/samego_birch-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: samego-birch\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(_ENTRY_POINTS)
        config = self.directory / ".config/samego/config.toml"
        config.parent.mkdir(parents=True)
        # What this machine's own distro is has nothing to do with it.
        config.write_text("[debian]\nsuites = []\n[arch]\nsuites = []\n")
        (self.directory / "mirror/main").mkdir(parents=True)
        self.environment |= {
            "PYTHONPATH": f"{info.parent}:{_PLUGIN}",
            "SAMEGO_BIRCH_MIRROR": str(self.directory / "mirror"),
            "SAMEGO_GODEV_URL": f"{self.godev.url}/dl",
            "SAMEGO_CHANNEL": "go.dev/dl",
            "SAMEGO_HISTORY": str(self.history),
        }
        self.post(**{f"go1.23.{number}": b"old" for number in range(4)})

    @property
    def history(self) -> Path:
        """Where the history lies."""
        return self.directory / "history"

    @property
    def samego(self) -> Samego:
        """The command line."""
        return Samego(home=self.directory, environment=self.environment, patience=120)

    def watch(self, *arguments: str) -> Result:
        """A pass."""
        return self.samego("watch", "--quiet", *arguments)

    def passed(self, *arguments: str) -> dict[str, Any]:
        """What a pass tells as JSON."""
        result = self.watch("--format", "json", *arguments)
        assert result.stdout, result.stderr
        notified: dict[str, Any] = json.loads(result.stdout)
        return notified

    def post(self, **releases: bytes) -> None:
        """Post the toy release, and these with such bytes beside those that are."""
        self.posted |= releases
        data = toolchain_archive(RELEASE, _FILES)
        self.godev.post(f"{RELEASE}.linux-amd64.tar.gz", data)
        rows = [release_row(RELEASE, file_row(f"{RELEASE}.linux-amd64.tar.gz", data))]
        for name, other in self.posted.items():
            rows.append(release_row(name, file_row(f"{name}.src.tar.gz", other)))
        self.godev.set_index(*rows)

    def withdraw(self, release: str) -> None:
        """Post a release no more."""
        del self.posted[release]
        self.post()

    def ship(
        self, version: str, *, how: str = "", changed: Mapping[str, bytes] | None = None
    ) -> None:
        """Put a package on the mirror; ``how`` is how opening it goes (see the plugin)."""
        manifest = {"version": version, "arch": "x86_64", "go": RELEASE, "target": "linux-amd64"}
        members = {"+MANIFEST": json.dumps(manifest).encode()}
        members |= {
            f"opt/go/{name}": data for name, data in {**_FILES, "VERSION": _VERSION}.items()
        }
        del members["opt/go/misc/editors"], members["opt/go/LICENSE"]
        members |= {"opt/licences/go": b"BSD\n", **(changed or {})}
        raw = io.BytesIO()
        with tarfile.open(fileobj=raw, mode="w") as archive:
            for name, data in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
        path = self.directory / f"mirror/main/go-{version}.alder"
        path.write_bytes(gzip.compress(raw.getvalue(), mtime=0))
        self.behave(version, how)

    def behave(self, version: str, how: str = "") -> None:
        """Let opening a package go otherwise from now on."""
        path = self.directory / f"mirror/main/go-{version}.how"
        path.unlink(missing_ok=True)
        if how:
            path.write_text(how)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the history's database answers."""
        with contextlib.closing(sqlite3.connect(self.history / "history.sqlite3")) as connection:
            return connection.execute(query).fetchall()
