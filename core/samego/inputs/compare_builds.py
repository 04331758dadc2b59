"""Builds compared: with what upstream posted, and with each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from samego.compare.where import locate
from samego.inputs.experiment import Experiment
from samego.inputs.script import PROGRAM, program_places
from samego.model.release import Release, Target
from samego.model.tree import Kind, Tree
from samego.rebuild.compare_files import Comparer, FileResult
from samego.rebuild.compare_members import RebuildOutcome, compare_trees
from samego.rebuild.posted import fetch_posted
from samego.rebuild.results import holds_toolchain
from samego.rebuild.targets import Product
from samego.upstream.channels.interface import Posted
from samego.upstream.open_tree import Opener
from samego.upstream.resolver import UpstreamFiles
from samego.words import places

#: What the name of a release's module zip begins with.
_MODULE = "v0.0.1-go"


@dataclass(frozen=True, slots=True)
class BuildComparer:
    """Compares builds of a release, or of the one ``program`` of it, for a target.

    ``posted_tree`` gives upstream's posted toolchain for a target.
    """

    release: Release
    target: Target
    program: str
    upstream: UpstreamFiles
    opener: Opener
    directory: Path
    posted_tree: Callable[[Target], Tree]

    def doubt(self, build: Experiment) -> str:
        """Why a build is not upstream's posted bytes; empty where it is."""
        if self.program:
            return self._program_doubt(build)
        results = self.files(build)
        differing = [each for each in results if each.outcome is RebuildOutcome.DIFFERS]
        if not differing and any(
            each.outcome.agrees and holds_toolchain(each.name) for each in results
        ):
            return ""
        bad = differing or [each for each in results if not each.outcome.agrees]
        return "; ".join(f"{each.name}: {each.cause}" for each in bad)

    def files(self, build: Experiment) -> tuple[FileResult, ...]:
        """A release's files, each held against what upstream posted.

        Raises what the rebuild's comparer raises.
        """
        comparer = Comparer(
            self.release,
            self.upstream.authorities,
            self.upstream.verifier,
            self.opener,
            partial(fetch_posted, self.release, self.upstream.channels),
            self.directory,
        )
        products = products_of(build)
        return comparer.compare(self.target, products)

    def _program_doubt(self, build: Experiment) -> str:
        tree = self.posted_tree(self.target)
        places = program_places(self.program, self.target)
        name = places[-1].rpartition("/")[2]
        posted = next((tree[place] for place in places if place in tree), None)
        if posted is None:
            return f"upstream's {self.release} for {self.target} has no {name}"
        same = posted.sha256 == build.files[PROGRAM][1]
        return "" if same else f"{name} is not as upstream posted it"

    def where(self, one: Experiment, other: Experiment) -> tuple[str, ...]:
        """Where two builds differ, one line for each file."""
        if self.program:
            data, plain = ((each.directory / PROGRAM).read_bytes() for each in (one, other))
            return (f"{self.program}: {places.phrase(locate(data, plain))}",)
        return compare_trees(self._open(one), self._open(other)).where

    def changed(self, one: Experiment, other: Experiment) -> tuple[str, ...]:
        """The paths that differ between two builds, sorted."""
        if self.program:
            return () if one.files[PROGRAM] == other.files[PROGRAM] else (self.program,)
        mine, theirs = (
            {path: entry.sha256 for path, entry in tree.items() if entry.kind is Kind.FILE}
            for tree in (self._open(one), self._open(other))
        )
        return tuple(
            sorted(
                path for path in mine.keys() | theirs.keys() if mine.get(path) != theirs.get(path)
            )
        )

    def _open(self, build: Experiment) -> Tree:
        """A build's module zip, under whatever version it is named."""
        name = next(name for name in build.files if name.startswith(_MODULE))
        sha256 = build.files[name][1]
        path = build.directory / name
        url = f"built-{sha256}-{name}"
        return self.opener.open(
            Posted("inputs", "module", self.release, self.target, url, path, sha256, ())
        )


def products_of(build: Experiment) -> dict[str, Product]:
    """A build's files as a rebuild has them."""
    return {
        name: Product(build.directory / name, size, sha256)
        for name, (size, sha256) in build.files.items()
    }
