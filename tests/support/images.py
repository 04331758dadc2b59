"""Container images as the tests make them: layers from tar members, in each form that is read."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zstandard

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_INDEX = "application/vnd.oci.image.index.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"


def member(
    name: str, data: bytes = b"", mode: int = 0o644, **fields: bytes | str | float
) -> tuple[Any, bytes]:
    """A file for :func:`layer`; ``fields`` are those of a TarInfo."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), mode
    for key, value in fields.items():
        setattr(info, key, value)
    return info, data


def directory(name: str, mode: int = 0o755) -> tuple[Any, bytes]:
    """A directory."""
    return member(name, mode=mode, type=tarfile.DIRTYPE)


def link(name: str, target: str, *, hard: bool = False) -> tuple[Any, bytes]:
    """A symbolic or a hard link."""
    kind = tarfile.LNKTYPE if hard else tarfile.SYMTYPE
    return member(name, mode=0o777, type=kind, linkname=target)


def layer(members: Iterable[tuple[Any, bytes]]) -> bytes:
    """A layer's tar, as Go's archive/tar writes one: pax where ustar does not do."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, data in members:
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def tree_layer(root: Path) -> bytes:
    """A layer with everything below a directory, owned by root."""
    buffer = io.BytesIO()

    def owned(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        return info

    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(root.iterdir()):
            tar.add(path, path.name, filter=owned)
    return buffer.getvalue()


@dataclass
class Maker:
    """Collects blobs; ``compress`` is how layers are stored ("", "gzip", "zstd")."""

    compress: str = "gzip"
    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: list[dict[str, Any]] = field(default_factory=list)
    saved: list[dict[str, Any]] = field(default_factory=list)

    def image(
        self,
        layers: Sequence[bytes],
        *,
        platform: tuple[str, str] = ("linux", "amd64"),
        env: Sequence[str] = (),
        **changes: object,
    ) -> dict[str, Any]:
        """Add an image; ``changes`` are to its configuration. Its descriptor."""
        config = {
            "os": platform[0],
            "architecture": platform[1],
            "config": {"Env": list(env)},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{_sha(data)}" for data in layers]},
            **changes,
        }
        stored = [self.blob(self._stored(data), self._kind) for data in layers]
        described = self.blob(_json(config), _CONFIG)
        manifest = {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": described,
            "layers": stored,
        }
        row = self.blob(_json(manifest), _MANIFEST)
        row["platform"] = {"os": platform[0], "architecture": platform[1]}
        self.manifests.append(row)
        self.saved.append(
            {
                "Config": f"blobs/sha256/{described['digest'][7:]}",
                "RepoTags": ["go:test"],
                "Layers": [f"blobs/sha256/{each['digest'][7:]}" for each in stored],
            }
        )
        return row

    def blob(self, data: bytes, kind: str) -> dict[str, Any]:
        """Add a blob; its descriptor."""
        self.blobs[_sha(data)] = data
        return {"mediaType": kind, "digest": f"sha256:{_sha(data)}", "size": len(data)}

    def index(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Add an index as a blob; its descriptor."""
        data = _json({"schemaVersion": 2, "mediaType": _INDEX, "manifests": list(rows)})
        return self.blob(data, _INDEX)

    def layout(self, directory: Path) -> Path:
        """Write an OCI layout as a directory."""
        for name, data in self._files(oci=True, docker=False).items():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            (directory / name).write_bytes(data)
        return directory

    def archive(self, path: Path, *, oci: bool = True, docker: bool = False) -> Path:
        """Write an OCI layout, what ``docker save`` writes, or both at once, as a tar."""
        with tarfile.open(path, "w") as tar:
            for name, data in self._files(oci=oci, docker=docker).items():
                info, content = member(name, data)
                tar.addfile(info, io.BytesIO(content))
        return path

    def _files(self, *, oci: bool, docker: bool) -> dict[str, bytes]:
        files = {f"blobs/sha256/{name}": data for name, data in self.blobs.items()}
        if oci:
            files["oci-layout"] = b'{"imageLayoutVersion": "1.0.0"}'
            files["index.json"] = _json({"schemaVersion": 2, "manifests": self.manifests})
        if docker:
            files["manifest.json"] = _json(self.saved)
        return files

    @property
    def _kind(self) -> str:
        return _LAYER + (f"+{self.compress}" if self.compress else "")

    def _stored(self, data: bytes) -> bytes:
        if self.compress == "gzip":
            return gzip.compress(data, 1, mtime=0)
        if self.compress == "zstd":
            return zstandard.ZstdCompressor(1).compress(data)
        return data


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
