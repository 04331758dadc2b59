"""Alder Linux ships Go as one ``.alder`` file: a tar.gz that begins with ``+MANIFEST``."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO

from samego.distro.finders import Found, System
from samego.distro.interface import Hook, HookFile, PluginCommand, Request
from samego.distro.shipment import OpenShipment
from samego.errors import InputError
from samego.formats.archive.compression import open_decompressed
from samego.formats.archive.limits import DEFAULT_LIMITS
from samego.formats.archive.spool import Spool
from samego.formats.archive.tar.reader import find_in_tar, read_tar
from samego.formats.tree.directory import read_directory
from samego.formats.tree.goroot import merge
from samego.model.inputs import Inputs
from samego.model.policy import Policy
from samego.model.policy_file import load_policy
from samego.model.release import Release, Target
from samego.model.subject import Package, Subject
from samego.model.tree import Tree
from samego.system.hashing import sha256_file

_SUFFIX = ".alder"
_MANIFEST = "+MANIFEST"
_DATABASE = "var/lib/alder/go.json"
_PLACES = ("opt/go", "opt/licences")


def _hook_files(samego: str) -> tuple[HookFile, ...]:
    script = f'#!/bin/sh\nexec {samego} hook run alder-build -- "$1"\n'
    return (HookFile("/etc/alder/after-build.d/samego", script, mode=0o755),)


def _policy(release: Release, target: Target) -> Policy:
    text = files(__package__).joinpath("policy.toml").read_text(encoding="utf-8")
    return load_policy(text, name="Alder's policy", release=release, target=target)


class Alder:
    """The plugin (the core's Distro protocol)."""

    name = "alder"
    commands: tuple[PluginCommand, ...] = (
        PluginCommand("greet", "say hello", "samego_alder.greet"),
    )
    hooks: tuple[Hook, ...] = (
        Hook("alder-build", "alder-build", "check what alder-build built", _hook_files),
    )

    def recognises(self, request: Request) -> bool:
        return bool(request.what) and all(name.endswith(_SUFFIX) for name in request.what)

    def toolchains(self, system: System, request: Request) -> Iterator[Found]:
        del request
        database = system.database("alder", [_DATABASE])
        if database is None or not (database / _DATABASE).is_file():
            return
        manifest = json.loads((database / _DATABASE).read_bytes())
        opening = partial(self._open_installed, system, manifest)
        yield Found("opt/go", f"go {manifest['version']} {manifest['arch']}", opening)

    @contextmanager
    def _open_installed(
        self, system: System, manifest: dict[str, str], request: Request
    ) -> Iterator[OpenShipment]:
        del request
        release, target = Release.parse(manifest["go"]), Target.parse(manifest["target"])
        policy = _policy(release, target)
        package = Package("go", manifest["version"], manifest["arch"], "")

        def read(known: Container[str]) -> Tree:
            del known
            trees = [read_directory(system.root, place, name=place) for place in _PLACES]
            return merge(trees, name="what Alder installed")

        subject = Subject(self.name, (package,), release, target, policy.goroot)
        yield OpenShipment(subject, policy, Inputs(), (), read)

    @contextmanager
    def open(self, request: Request) -> Iterator[OpenShipment]:
        if len(request.what) != 1:
            raise InputError("Alder ships Go as one package", hint="name one")
        path = Path(request.what[0])

        def stream() -> BinaryIO:
            return open_decompressed(path.open("rb"), name=path.name, limits=DEFAULT_LIMITS)

        found = find_in_tar(stream, lambda member: member == _MANIFEST, name=path.name)
        if found is None:
            raise InputError(f"{path.name} has no {_MANIFEST}", hint="get it again")
        manifest = json.loads(found[1])
        release, target = Release.parse(manifest["go"]), Target.parse(manifest["target"])
        policy = _policy(release, target)
        package = Package("go", manifest["version"], manifest["arch"], sha256_file(path), path)
        spool = Spool(request.work)

        def read(known: Container[str]) -> Tree:
            tree = read_tar(stream, name=path.name, spool=spool, known=known)
            return tree.with_entries(
                {name: entry for name, entry in tree.items() if name != _MANIFEST},
                carries_modes=True,
            )

        subject = Subject(self.name, (package,), release, target, policy.goroot)
        try:
            yield OpenShipment(subject, policy, Inputs(), (), read)
        finally:
            spool.close()


DISTRO = Alder()
