"""A wheel, opened: the core's Shipment over a wheel's file or an unpacked wheel."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

from samego.distro.goroots import only_goroot
from samego.distro.interface import Request
from samego.distro.shipment import OpenShipment
from samego.distro.unpackaged import target_of, version_of
from samego.formats.tree.goroot import goroot_view
from samego.model.inputs import Inputs
from samego.model.subject import Package, Subject
from samego.model.tree import Tree
from samego.system.hashing import sha256_file
from samego_pypi.directory import Unpacked
from samego_pypi.policy import policy_for
from samego_pypi.wheel import record
from samego_pypi.wheel.bytecode import declared_bytecode
from samego_pypi.wheel.content import Content, read_file, read_unpacked
from samego_pypi.wheel.identity import read_fields, self_description_of

NOTE = "read as pip unpacks a wheel"


def open_file(path: Path, request: Request) -> OpenShipment:
    """A wheel that is one file. Raises InputError for one that is no Go toolchain."""
    return _assemble(read_file(path), request, path)


def open_unpacked(place: Unpacked, request: Request) -> OpenShipment:
    """A wheel that is unpacked. Raises InputError for one that is no Go toolchain."""
    return _assemble(read_unpacked(place), request, None)


def _assemble(content: Content, request: Request, path: Path | None) -> OpenShipment:
    tree = content.tree
    goroot = only_goroot(tree)
    view = goroot_view(tree, goroot).tree
    release = request.release or version_of(view)
    target = request.target or target_of(view)
    fields = read_fields(content)
    policy = policy_for(fields.package, goroot, release, target)
    policy = declared_bytecode(policy, tree, goroot)
    package = Package(
        fields.package,
        fields.version,
        ".".join(fields.platforms),
        sha256_file(path) if path else "",
        path,
    )

    def read(_known: Container[str]) -> Tree:
        return tree

    return OpenShipment(
        Subject("pypi", (package,), release, target, goroot),
        policy,
        Inputs(),
        (f"{NOTE}: {fields.package} {fields.version} of the package index",),
        read,
        claims=record.claims_of(content.record, tree),
        self_description=self_description_of(fields, content, policy, release, target),
    )
