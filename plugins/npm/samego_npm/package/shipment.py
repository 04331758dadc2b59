"""An npm package, opened: the core's Shipment over a package file or an unpacked package."""

from __future__ import annotations

from collections.abc import Container, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

from samego.distro.goroots import only_goroot
from samego.distro.interface import Request, SelfDescription
from samego.distro.shipment import OpenShipment
from samego.distro.unpackaged import target_of, version_of, without_owners
from samego.errors import InputError
from samego.formats.archive.compression import open_decompressed
from samego.formats.archive.limits import DEFAULT_LIMITS
from samego.formats.archive.spool import Spool
from samego.formats.archive.tar.reader import read_tar
from samego.formats.tree.directory import read_directory
from samego.formats.tree.goroot import goroot_view
from samego.model.inputs import Inputs
from samego.model.subject import Package, Subject
from samego.model.tree import Kind, Tree
from samego.system.hashing import sha256_file
from samego_npm.package.manifest import NAME, judge_manifest, read_manifest
from samego_npm.policy import policy_for

NOTE = "read as npm unpacks a package"
_ROOT = "package/"


@contextmanager
def open_file(path: Path, request: Request) -> Iterator[OpenShipment]:
    """A package that is one file. Raises InputError for one that is no Go toolchain."""

    def stream() -> BinaryIO:
        return open_decompressed(path.open("rb"), name=path.name, limits=DEFAULT_LIMITS)

    with closing(Spool(request.work)) as spool:
        tree = read_tar(stream, name=path.name, spool=spool, strip=_ROOT)
        yield _assemble(tree, request, path)


@contextmanager
def open_unpacked(root: Path, request: Request) -> Iterator[OpenShipment]:
    """A package that is unpacked. Raises InputError for one that is no Go toolchain."""
    yield _assemble(read_directory(root, name=str(root)), request, None)


def _assemble(read_as: Tree, request: Request, path: Path | None) -> OpenShipment:
    # npm gives all files to the installing user.
    tree = without_owners(read_as)
    goroot = only_goroot(tree)
    view = goroot_view(tree, goroot).tree
    release = request.release or version_of(view)
    target = request.target or target_of(view)
    entry = tree.get(NAME)
    if entry is None or entry.kind is not Kind.FILE:
        raise InputError(
            f"{tree.name} is not an npm package: it has no {NAME}",
            hint="name a package as the registry serves it, or where it was unpacked",
        )
    manifest = read_manifest(tree.read(NAME), name=tree.name)
    policy = policy_for(manifest.package, goroot, release, target)
    shipped = Package(
        manifest.package, manifest.version, str(target), sha256_file(path) if path else "", path
    )

    def read(_known: Container[str]) -> Tree:
        return tree

    return OpenShipment(
        Subject("npm", (shipped,), release, target, goroot),
        policy,
        Inputs(),
        (f"{NOTE}: {manifest.package} {manifest.version} of the npm registry",),
        read,
        self_description=SelfDescription(
            release, remarks=tuple(judge_manifest(manifest, policy, target))
        ),
    )
