"""The forms of an unpackaged toolchain on a disk, and how each differs from upstream's archive.

A form is recognised by its files, and the report names it. What it leaves out or adds is in a
policy file beside this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from samego.distro import golang_dl, module_cache
from samego.distro.interface import Remark
from samego.model.policy import UPSTREAM_LAYOUT, Policy
from samego.model.policy_file import load_policy
from samego.model.release import Release, Target
from samego.model.tree import Tree


def _as_it_is(tree: Tree) -> Tree:
    return tree


def _nothing(_directory: Path, _tree: Tree) -> Iterator[Remark]:
    return iter(())


@dataclass(frozen=True, slots=True)
class Form:
    """One form: ``note`` names it in the report, ``policy`` is its file beside this module.

    ``has`` recognises it by the tree and its directory; ``as_posted`` gives the tree as upstream
    has it; ``remarks`` are about what lies beside the directory.
    """

    note: str
    policy: str
    has: Callable[[Path, Tree], bool]
    as_posted: Callable[[Tree], Tree] = _as_it_is
    remarks: Callable[[Path, Tree], Iterator[Remark]] = _nothing

    def policy_for(self, release: Release, target: Target) -> Policy:
        """What the form leaves out of upstream's archive, and adds to it."""
        if not self.policy:
            return UPSTREAM_LAYOUT
        text = files(__package__).joinpath(self.policy).read_text(encoding="utf-8")
        return load_policy(text, name=self.policy, release=release, target=target)


def _of_tool_cache(directory: Path, _tree: Tree) -> bool:
    """Whether actions/tool-cache put it there: ``go/1.26.10/x64`` beside ``x64.complete``."""
    named = directory.parents[1].name == "go" if len(directory.parents) > 1 else False
    return named and directory.with_name(f"{directory.name}.complete").is_file()


#: In the order in which they are tried.
FORMS = (
    Form(
        module_cache.NOTE,
        "module_cache.toml",
        lambda _directory, tree: module_cache.is_module_cache(tree),
        module_cache.as_posted,
        module_cache.remarks,
    ),
    Form(
        golang_dl.NOTE,
        "golang_dl.toml",
        golang_dl.is_unpacked,
        golang_dl.as_posted,
        golang_dl.remarks,
    ),
    Form("read as a CI runner's tool cache has upstream's archive", "", _of_tool_cache),
)


def form_of(directory: Path, tree: Tree) -> Form | None:
    """The form of an unpacked toolchain; None for upstream's archive and nothing else."""
    return next((form for form in FORMS if form.has(directory, tree)), None)
