"""Whether modules.txt, go.mod, go.sum and the vendored files agree with each other.

Source: cmd/go/internal/modload/vendor.go (checkVendorConsistency) for the first two.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping, Sequence

from samego.model.tree import Tree
from samego.source.go_files import GoMod, ListedModule
from samego.source.result import Disagreement, Unmet


def module_of(path: str, modules: Collection[str]) -> str:
    """The module that a path below a vendor directory belongs to: the longest one, or none."""
    while path and path not in modules:
        path = posixpath.dirname(path)
    return path


def listing_contradictions(listed: Sequence[ListedModule], mod: GoMod) -> Iterator[Disagreement]:
    """Where modules.txt does not say what go.mod requires."""
    if mod.replacing:
        yield Disagreement(Unmet.REPLACED, "go.mod")
    for each in listed:
        required = mod.required.get(each.path, "")
        if each.replaced:
            yield Disagreement(Unmet.REPLACED, each.path)
        if bool(required) is not each.explicit:
            yield Disagreement(Unmet.NOT_REQUIRED, each.path, each.version, required)
        elif required and required != each.version:
            yield Disagreement(Unmet.VERSION, each.path, each.version, required)
    for path in sorted(mod.required.keys() - {each.path for each in listed}):
        yield Disagreement(Unmet.NOT_LISTED, path, mod.required[path])


def file_contradictions(
    directory: str, listed: Sequence[ListedModule], tree: Tree
) -> Iterator[Disagreement]:
    """Where the files of a vendor directory are not of the modules and packages that are listed."""
    modules = {each.path for each in listed}
    packages = {package for each in listed for package in each.packages}
    prefix = f"{directory}/"
    below = [path[len(prefix) :] for path in tree if path.startswith(prefix)]
    holding = {posixpath.dirname(path) for path in below if path.endswith((".go", ".s", ".c"))}
    for path in sorted(below):
        if path != "modules.txt" and not module_of(path, modules):
            yield Disagreement(Unmet.NO_MODULE, f"{prefix}{path}")
    for package in sorted(packages - holding):
        yield Disagreement(Unmet.NO_PACKAGE, package)
    for package in sorted(holding - packages):
        if module_of(package, modules):
            yield Disagreement(Unmet.UNLISTED_PACKAGE, package)


def sum_contradiction(
    module: ListedModule, h1: str, sums: Mapping[tuple[str, str], str]
) -> Iterator[Disagreement]:
    """Where go.sum states another hash than the one that vouches for a module, or none."""
    stated = sums.get((module.path, module.version), "")
    if stated != h1:
        yield Disagreement(Unmet.GO_SUM, module.path, stated, h1)
