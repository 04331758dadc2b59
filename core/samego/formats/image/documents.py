"""The JSON documents of an image: indexes, manifests, configurations. Read strictly.

A document that is an index and a manifest at once (CVE-2021-41190), or that has a key twice, means
different things to different readers, and is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from samego.errors import HostileArchiveError, InputError, VerificationError
from samego.formats.archive.paths import hostile, too_large
from samego.formats.image.container import ImageFiles
from samego.formats.image.limits import ImageLimits

_DIGEST = re.compile(r"sha256:([0-9a-f]{64})", re.ASCII)
_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_LAYERS = re.compile(
    r"application/vnd\.oci\.image\.layer\.(?:nondistributable\.)?v1\.tar(?:\+gzip|\+zstd)?"
    r"|application/vnd\.docker\.image\.rootfs\.(?:foreign\.)?diff\.tar(?:\.gzip|\.zstd)?"
)
#: How BuildKit marks a manifest that holds statements about another, and no file system.
_REFERENCE, _ATTESTATION = "vnd.docker.reference.type", "attestation-manifest"
_NAME = "org.opencontainers.image.ref.name"
_HINT = "save or build the image again"


@dataclass(frozen=True, slots=True)
class ImageBlob:
    """A file of an image: its path there, and the sha256 and size that it must have.

    ``size`` is None where nothing states it.
    """

    path: str
    sha256: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer, as it is stored and what it decompresses to. ``blob.sha256`` may be empty."""

    blob: ImageBlob
    diff_id: str


@dataclass(frozen=True, slots=True)
class ImageManifest:
    """One image for one platform: its layers from the lowest on, and its environment.

    ``name`` is a tag or the start of its digest.
    """

    name: str
    os: str
    architecture: str
    layers: tuple[Layer, ...]
    variables: Mapping[str, str]

    @property
    def platform(self) -> str:
        """``linux-amd64``, as Go spells a target."""
        return f"{self.os}-{self.architecture}"


def read_manifests(files: ImageFiles, limits: ImageLimits) -> tuple[ImageManifest, ...]:
    """All manifests of an image. Raises InputError and VerificationError."""
    reader = _Reader(files, limits)
    has_layout, has_saved = files.has("index.json"), files.has("manifest.json")
    layout = reader.layout() if has_layout else ()
    saved = reader.saved() if has_saved else ()
    if has_layout and has_saved:
        reader.check_agreement(layout, saved)
    return layout or saved


class _Reader:
    def __init__(self, files: ImageFiles, limits: ImageLimits) -> None:
        self._files = files
        self._limits = limits
        self._count = 0

    def layout(self) -> tuple[ImageManifest, ...]:
        """The manifests of an OCI layout."""
        index = self._document("index.json", None)
        return tuple(self._of_index(index, "index.json", 0))

    def saved(self) -> tuple[ImageManifest, ...]:
        """The images of ``docker save``."""
        name = self._files.name
        rows = self._parse(self._bytes(ImageBlob("manifest.json", "", None)), "manifest.json")
        if not isinstance(rows, list) or len(rows) > self._limits.manifests:
            raise _bad(name, "manifest.json", "a list of images")
        return tuple(self._saved(row) for row in rows)

    def check_agreement(
        self, layout: Sequence[ImageManifest], saved: Sequence[ImageManifest]
    ) -> None:
        """Refuse an image whose two lists of layers differ: each tool uses one of them."""
        known = {tuple(layer.diff_id for layer in manifest.layers) for manifest in layout}
        for manifest in saved:
            if tuple(layer.diff_id for layer in manifest.layers) not in known:
                raise hostile(
                    self._files.name,
                    f"is two images: {manifest.name} in manifest.json has other layers than any in"
                    " index.json",
                )

    def _of_index(self, index: Mapping[str, Any], path: str, depth: int) -> list[ImageManifest]:
        if depth > self._limits.nesting:
            raise hostile(self._files.name, f"has indexes in indexes, over {depth} deep")
        rows = index.get("manifests")
        if not isinstance(rows, list) or "layers" in index or "config" in index:
            raise _bad(self._files.name, path, "an index")
        found: list[ImageManifest] = []
        for row in rows:
            self._count += 1
            if self._count > self._limits.manifests:
                raise too_large(self._files.name, f"over {self._limits.manifests} manifests")
            blob, kind, notes = self._descriptor(row, path)
            if notes.get(_REFERENCE) == _ATTESTATION:
                continue
            document = self._document(blob.path, blob)
            kind = kind or str(document.get("mediaType", ""))
            if kind in _INDEXES or (not kind and "manifests" in document):
                found += self._of_index(document, blob.path, depth + 1)
            elif kind in _MANIFESTS or not kind:
                tag = notes.get(_NAME) or f"sha256:{blob.sha256[:12]}"
                found.append(self._manifest(document, blob.path, tag, row.get("platform")))
            else:
                raise _bad(self._files.name, blob.path, f"an index or a manifest, but {kind!r}")
        return found

    def _manifest(
        self, document: Mapping[str, Any], path: str, tag: str, platform: object
    ) -> ImageManifest:
        rows = document.get("layers")
        if not isinstance(rows, list) or "manifests" in document:
            raise _bad(self._files.name, path, "a manifest")
        if len(rows) > self._limits.layers:
            raise too_large(self._files.name, f"{path} has {len(rows)} layers")
        blobs = []
        for row in rows:
            blob, kind, _notes = self._descriptor(row, path)
            if not _LAYERS.fullmatch(kind):
                raise InputError(
                    f"{self._files.name}: {path} has a layer of the kind {kind[:80]!r}",
                    hint="only images whose layers are tar archives can be checked",
                )
            blobs.append(blob)
        config, _kind, _notes = self._descriptor(document.get("config"), path)
        return self._configured(config, blobs, tag, platform)

    def _saved(self, row: object) -> ImageManifest:
        name = self._files.name
        if not isinstance(row, dict):
            raise _bad(name, "manifest.json", "a list of images")
        config, layers, tags = row.get("Config"), row.get("Layers"), row.get("RepoTags") or []
        if not isinstance(config, str) or not _texts(layers) or not _texts(tags):
            raise _bad(name, "manifest.json", "a list of images")
        if len(layers) > self._limits.layers:
            raise too_large(name, f"manifest.json has {len(layers)} layers")
        # docker save names files by their digests, in one of two ways.
        digest = config.removesuffix(".json").rpartition("/")[2]
        if not _DIGEST.fullmatch(f"sha256:{digest}"):
            raise _bad(name, "manifest.json", "with a configuration that is named by its digest")
        blobs = [ImageBlob(path, "", None) for path in layers]
        return self._configured(
            ImageBlob(config, digest, None),
            blobs,
            tags[0] if tags else f"sha256:{digest[:12]}",
            None,
        )

    def _configured(
        self, config: ImageBlob, blobs: Sequence[ImageBlob], tag: str, platform: object
    ) -> ImageManifest:
        document = self._document(config.path, config)
        rootfs = document.get("rootfs")
        ids = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
        words = [document.get(key, "") for key in ("os", "architecture")]
        if not _texts(ids) or not _texts(words) or not all(map(_DIGEST.fullmatch, ids)):
            raise _bad(self._files.name, config.path, "an image's configuration")
        if len(ids) != len(blobs):
            raise hostile(
                self._files.name,
                f"has {len(blobs)} layers for {tag}, and {config.path} names {len(ids)}",
            )
        stated = platform if isinstance(platform, dict) else {}
        for key, word in zip(("os", "architecture"), words, strict=False):
            if stated.get(key, word) != word:
                raise hostile(
                    self._files.name,
                    f"says {stated[key]!r} of {tag}, and its configuration {word!r} ({key})",
                )
        layers = tuple(
            Layer(blob, digest.removeprefix("sha256:"))
            for blob, digest in zip(blobs, ids, strict=True)
        )
        inner = document.get("config")
        return ImageManifest(tag, words[0], words[1], layers, _variables(inner))

    def _descriptor(self, row: object, path: str) -> tuple[ImageBlob, str, Mapping[str, str]]:
        name = self._files.name
        if not isinstance(row, dict):
            raise _bad(name, path, "with descriptors")
        digest, size, kind = row.get("digest"), row.get("size"), row.get("mediaType", "")
        match = _DIGEST.fullmatch(digest) if isinstance(digest, str) else None
        if match is None or type(size) is not int or size < 0 or not isinstance(kind, str):
            raise _bad(name, path, "with descriptors that have a sha256 digest and a size")
        notes = row.get("annotations") or {}
        if not isinstance(notes, dict) or not _texts(list(notes.values())):
            raise _bad(name, path, "with annotations")
        return ImageBlob(f"blobs/sha256/{match[1]}", match[1], size), kind, notes

    def _document(self, path: str, blob: ImageBlob | None) -> Mapping[str, Any]:
        document = self._parse(self._bytes(blob or ImageBlob(path, "", None)), path)
        if not isinstance(document, dict):
            raise _bad(self._files.name, path, "a document")
        return document

    def _parse(self, data: bytes, path: str) -> object:
        try:
            return json.loads(data, object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            raise _bad(self._files.name, path, f"a document ({error})") from error

    def _bytes(self, blob: ImageBlob) -> bytes:
        name, most = self._files.name, self._limits.document_bytes
        file, size = self._files.open(blob.path)
        with file:
            if size > most:
                raise too_large(name, f"{blob.path} has {size} bytes")
            data = file.read(most)
        check_blob(name, blob, hashlib.sha256(data).hexdigest(), len(data))
        return data


def check_blob(name: str, blob: ImageBlob, sha256: str, size: int) -> None:
    """Refuse bytes that differ from what a document states. Raises VerificationError."""
    if blob.sha256 and sha256 != blob.sha256:
        raise VerificationError(
            f"{name}: {blob.path} has the sha256 {sha256}, and the image says {blob.sha256}",
            hint="save the image again, and do not use this one",
        )
    if blob.size is not None and size != blob.size:
        raise VerificationError(
            f"{name}: {blob.path} has {size} bytes, and the image says {blob.size}",
            hint="save the image again, and do not use this one",
        )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("it has a key twice")
    return found


def _texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _variables(config: object) -> Mapping[str, str]:
    env = config.get("Env") if isinstance(config, dict) else None
    rows = env if isinstance(env, list) else []
    pairs = (row.partition("=") for row in rows if isinstance(row, str))
    return {name: value for name, _, value in pairs}


def _bad(name: str, path: str, what: str) -> HostileArchiveError:
    return HostileArchiveError(f"{name}: {path} is not {what} as images have it", hint=_HINT)
