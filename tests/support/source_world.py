"""A go.dev, a module proxy and a checksum database for a made-up release, on the loopback."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from samego.config import Config
from samego.formats.archive.dirhash import hash1
from support.godev_server import GoDev, file_row, release_row
from support.made_source import (
    MODULES,
    RELEASE,
    VERSIONS,
    h1_of,
    module_zip_bytes,
    source_archive,
    source_files,
)
from support.sumdb_log import Key, Log, h1, leaf


@dataclass
class SourceWorld:
    """What is posted and logged. ``environment`` leads the go command's settings there."""

    directory: Path
    godev: GoDev
    log: Log = field(default_factory=lambda: Log(0, Key("sum.example.test")))

    def __post_init__(self) -> None:
        for module, files in MODULES.items():
            version = VERSIONS[module]
            text = (
                f"{module} {version} {h1_of(module, files)}\n"
                f"{module} {version}/go.mod {h1('mod ' + module)}\n"
            ).encode()
            self.log.texts.append(text)
            self.log.leaves.append(leaf(text))
            self.serve(module, files)
        self._publish([(module, VERSIONS[module]) for module in MODULES])
        self.source = source_archive(self.directory, source_files())
        self.post(self.source)

    @property
    def environment(self) -> Mapping[str, str]:
        """The go command's settings, as the environment has them."""
        return {"GOPROXY": f"{self.godev.url}/proxy,off", "GOSUMDB": self.log.key.verifier}

    @property
    def config(self) -> Config:
        """samego's settings."""
        return Config(godev_url=f"{self.godev.url}/dl", cache_directory=self.directory / "cache")

    def post(self, path: Path) -> None:
        """Have go.dev post a source archive."""
        data = path.read_bytes()
        self.godev.post(path.name, data)
        self.godev.set_index(release_row(RELEASE, file_row(path.name, data)))

    def serve(self, module: str, files: Mapping[str, bytes]) -> None:
        """Have the proxy serve this zip."""
        place = f"/proxy/{module}/@v/{VERSIONS[module]}.zip"
        self.godev.files[place] = module_zip_bytes(module, files)

    def log_toolchain(self, version: str, data: bytes) -> None:
        """Have the database know this module form of the release, and the proxy serve it."""
        module = "golang.org/toolchain"
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [
                (name, hashlib.sha256(archive.read(name)).hexdigest())
                for name in archive.namelist()
            ]
        text = f"{module} {version} {hash1(names)}\n{module} {version}/go.mod {h1('x')}\n"
        self.log.texts.append(text.encode())
        self.log.leaves.append(leaf(text.encode()))
        self._publish([*((module, VERSIONS[module]) for module in MODULES), (module, version)])
        self.godev.files[f"/proxy/{module}/@v/{version}.zip"] = data

    def _publish(self, records: Sequence[tuple[str, str]]) -> None:
        """Serve the log as it is now."""
        base = f"/proxy/sumdb/{self.log.key.name}"
        self.godev.files[f"{base}/supported"] = b""
        self.godev.files[f"{base}/latest"] = self.log.head()
        for number, (module, version) in enumerate(records):
            self.godev.files[f"{base}/lookup/{module}@{version}"] = self.log.lookup(number)
        tile = f"tile/8/0/000.p/{len(self.log.leaves)}"
        self.godev.files[f"{base}/{tile}"] = self.log.tile(tile) or b""

    def forget(self, module: str) -> None:
        """Have the database know nothing of a module."""
        place = f"/proxy/sumdb/{self.log.key.name}/lookup/{module}@{VERSIONS[module]}"
        del self.godev.files[place]
