"""Opening a container image: what it is, its manifests, and the file system of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from samego.errors import InputError
from samego.formats.archive.paths import too_large
from samego.formats.image.container import DirectoryFiles, ImageFiles, TarFiles, is_tar
from samego.formats.image.documents import ImageManifest, read_manifests
from samego.formats.image.image_root import ImageRoot
from samego.formats.image.limits import IMAGE_LIMITS, ImageLimits
from samego.formats.image.merged import Merged
from samego.formats.image.stored import StoredLayers

#: The file that marks an OCI layout, and the one that ``docker save`` writes.
_MARKS = ("oci-layout", "manifest.json")


def is_image(path: Path) -> bool:
    """Whether a directory is an OCI layout, or a file a tar of one or of ``docker save``."""
    try:
        if path.is_dir():
            return all((path / name).is_file() for name in ("oci-layout", "index.json"))
        if not path.is_file() or not is_tar(path):
            return False
        with TarFiles(path, IMAGE_LIMITS) as files:
            return any(map(files.has, _MARKS))
    except (InputError, OSError):
        return False


@contextmanager
def open_image(path: Path, limits: ImageLimits = IMAGE_LIMITS) -> Iterator[Image]:
    """Open an image. Raises InputError for anything else, VerificationError for a wrong digest."""
    files = DirectoryFiles(path) if path.is_dir() else TarFiles(path, limits)
    with files:
        yield Image(files, read_manifests(files, limits), limits)


class Image:
    """An open image; ``manifests`` are those with a file system, in the image's order."""

    def __init__(
        self, files: ImageFiles, manifests: tuple[ImageManifest, ...], limits: ImageLimits
    ) -> None:
        self.manifests = manifests
        self._files = files
        self._limits = limits

    @contextmanager
    def root(self, manifest: ImageManifest, work: Path, *, name: str = "/") -> Iterator[ImageRoot]:
        """The file system of a manifest: its layers read once each, verified, and put together.

        ``work`` is for temporary files. Raises InputError, VerificationError and
        HostileArchiveError, which name the layer.
        """
        stored = StoredLayers(self._files, manifest.layers, work, self._limits)
        merged = Merged(self._limits)
        left = self._limits.total_bytes
        try:
            for number, layer in enumerate(manifest.layers):
                content, size = stored.content(number, left)
                left -= size
                if left < 0:
                    raise too_large(self._files.name, "its layers unpack to too much")
                place = f"{self._files.name}: layer {number + 1} ({layer.blob.path})"
                merged.apply(content, name=place)
            yield ImageRoot(merged, stored, name=name)
        finally:
            stored.close()
