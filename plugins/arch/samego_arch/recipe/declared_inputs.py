"""What a replayed recipe declares: settings at once, patched files when they are needed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from samego.errors import SamegoError
from samego.model.inputs import Context, DeclaredSource, Inputs, Patch, ReplayedSource
from samego.model.tree import Kind, Tree
from samego.rules.generated.files import GENERATORS
from samego_arch.package.pkginfo import RecipeFields
from samego_arch.recipe.replay import Replay, ReplayedBuild, record, replay
from samego_arch.recipe.replay.metadata import written_fields
from samego_arch.recipe.replay.run import makepkg_tool
from samego_arch.version import ArchVersion

#: The variables that end up in Go's own files and executables; what upstream's rebuilder
#: clears before it builds (golang.org/x/build/cmd/gorebuild).
_SETTING = re.compile(
    r"GO(386|AMD64|ARM|ARM64|MIPS|MIPS64|PPC64|RISCV64|EXPERIMENT|FIPS140|ROOT_FINAL)"
    r"|GO_(EXTLINK_ENABLED|LDSO|GCFLAGS|LDFLAGS)|(CC|CXX)(_FOR_\w+)?|CGO_ENABLED|PKG_CONFIG",
    re.ASCII,
)
#: What a build makes, which is no part of the source (cmd/dist/build.go).
_MADE = ("bin/", "pkg/")
#: What VERSION says where a stand-in is packed: no field of the package is read from it.
_STANDING_IN = "go1"
_BY = "prepare() and build() of the {origin}"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a recipe declares, as inputs of the build.

    ``directory`` is where it lies. ``order`` is what makepkg can run of it, None where it could
    not be run: then ``settings`` are not known. ``declared`` is its own digest.
    ``relations`` are the fields of .PKGINFO that pacman acts on, as they stand in it.
    """

    origin: str
    directory: Path
    settings: Mapping[str, str]
    patches: tuple[Patch, ...]
    notes: tuple[str, ...]
    declared: DeclaredSource | None = None
    order: ReplayedBuild | None = None
    relations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether build() was run up to make.bash: no setting stands beside these."""
        return self.order is not None

    def inputs(self, timestamp: int | None, origins: Mapping[str, str]) -> Inputs:
        """The inputs that it declares, with the replay to run once both trees are known."""
        rerun = _Rerun(self) if self.order is not None else None
        patches = self.patches if self.order is not None else ()
        return Inputs(timestamp, self.settings, patches, origins, self.declared, replay=rerun)


def declare(recipe: Recipe, order: ReplayedBuild, version: ArchVersion) -> Recipe:
    """Run build() up to make.bash, and declare what make.bash was given."""
    try:
        recorded = record(order, f"go{version.pkgver}")
    except SamegoError as error:
        note = f"the {recipe.origin} was not replayed: {error.message}"
        return replace(recipe, notes=(*recipe.notes, note, "settings are the policy's"))
    return replace(recipe, settings=_settings(recorded), order=order)


def fields_of(recipe: Recipe) -> RecipeFields | None:
    """What a recipe says of .PKGINFO, to be run where it matters.

    None where it cannot be run, and for one that the package does not name as its own.
    """
    order = recipe.order
    if order is None or recipe.declared is None or not recipe.declared.listed_in:
        return None

    def written() -> Mapping[str, tuple[str, ...]] | str:
        try:
            return written_fields(order, _STANDING_IN)
        except SamegoError as error:
            return f"the {recipe.origin} was not replayed: {error.message}"

    return RecipeFields(recipe.relations, written, recipe.origin, makepkg_tool())


def _settings(recorded: Replay) -> dict[str, str]:
    return {
        name: value
        for name, value in sorted(recorded.environment.items())
        if _SETTING.fullmatch(name)
    }


@dataclass(frozen=True, slots=True)
class _Rerun:
    """Runs the whole recipe on upstream's source, where a source differs."""

    recipe: Recipe = field(repr=False)

    def __call__(self, context: Context) -> tuple[Context, tuple[str, ...]]:
        order = self.recipe.order
        if order is None or not any(_is_source(path, context) for path in context.differing_files):
            return context, ()
        try:
            done = replay(order, _source_of(context.upstream))
        except SamegoError as error:
            note = f"the {self.recipe.origin} was not replayed on the source: {error.message}"
            return context, (note,)
        inputs = context.inputs
        if _settings(done) != dict(self.recipe.settings):
            inputs = replace(inputs, settings=_settings(done))
        made = {
            path: None if data is None else hashlib.sha256(data).hexdigest()
            for path, data in done.files.items()
        }
        by = _BY.format(origin=self.recipe.origin)
        names = tuple(patch.name for patch in self.recipe.patches)
        replayed = ReplayedSource(made, by, names, done.tool)
        return replace(context, inputs=replace(inputs, replayed=replayed)), ()


def _is_source(path: str, context: Context) -> bool:
    """Whether a path that differs is one that a recipe can have changed before the build."""
    if path.startswith(_MADE) or path in GENERATORS:
        return False
    both = path in context.distro and path in context.upstream
    return both or path.startswith("src/")


def _source_of(upstream: Tree) -> Tree:
    """Upstream's files as its source archive has them: without what the build makes."""
    entries = {
        path: entry
        for path, entry in upstream.items()
        if entry.kind is Kind.FILE and not path.startswith(_MADE) and path not in GENERATORS
    }
    return upstream.with_entries(entries, carries_modes=upstream.carries_modes)
