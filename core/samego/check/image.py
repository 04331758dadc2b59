"""``samego check IMAGE``: every toolchain in the file systems of a container image."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from samego.check.every import check_all
from samego.check.options import CheckOptions
from samego.distro.finders import System
from samego.errors import InputError, SamegoError
from samego.formats.image.documents import ImageManifest
from samego.formats.image.image import Image, open_image
from samego.model.release import Target
from samego.model.survey import Survey, Surveyed
from samego.system.progress import Progress


def check_image(path: Path, options: CheckOptions, work: Path, progress: Progress) -> Survey:
    """Check every toolchain of each manifest, or of those for ``options.target``.

    A manifest that cannot be read is its own error. Raises InputError where there is nothing to
    check, and VerificationError where the image's own documents are not what it says.
    """
    with ExitStack() as stack:
        progress.stage(f"reading {path.name}")
        image = stack.enter_context(open_image(path))
        systems: list[System] = []
        failed: list[Surveyed] = []
        for manifest, name in _named(_chosen(image.manifests, options.target, path)):
            progress.stage(f"reading the layers of {name}")
            try:
                systems.append(_system(image, manifest, name, work, stack, len(systems)))
            except SamegoError as error:
                failed.append(Surveyed(name, "", (), "image", manifest.platform, error=error))
        # Each toolchain is of its own target, whatever platform the manifest is for.
        own = replace(options, target=None)
        return check_all(path.name, systems, own, work, progress, failed=failed)


def _system(
    image: Image, manifest: ImageManifest, name: str, work: Path, stack: ExitStack, number: int
) -> System:
    root = stack.enter_context(image.root(manifest, work))
    own = work / f"image-{number}"
    own.mkdir()
    elsewhere = tuple(root.toolchains())
    return System(root, own, variables=manifest.variables, name=name, elsewhere=elsewhere)


def _chosen(
    manifests: Sequence[ImageManifest], target: Target | None, path: Path
) -> Sequence[ImageManifest]:
    chosen = [m for m in manifests if target is None or m.platform == str(target)]
    if not chosen:
        have = ", ".join(dict.fromkeys(manifest.platform for manifest in manifests)) or "none"
        raise InputError(
            f"{path.name} has no image{f' for {target}' if target else ''}",
            hint=f"its platforms: {have}",
        )
    return chosen


def _named(manifests: Sequence[ImageManifest]) -> list[tuple[ImageManifest, str]]:
    """Each manifest with a name that no other has: its platform, and its tag where that must be."""
    platforms = [manifest.platform for manifest in manifests]
    names = [
        manifest.platform
        if platforms.count(manifest.platform) == 1
        else f"{manifest.name} {manifest.platform}"
        for manifest in manifests
    ]
    return [
        (manifest, name if names.count(name) == 1 else f"{name} ({number})")
        for number, (manifest, name) in enumerate(zip(manifests, names, strict=True), start=1)
    ]
