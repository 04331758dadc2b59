"""Things that are inputs: what is done to each, and what it must change."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import resources

import tomli

from samego.errors import BuildError
from samego.model.release import Target
from samego.model.tree import Tree


@dataclass(frozen=True, slots=True)
class Edit:
    """A file of the source, and the text that is added to its first line."""

    path: str
    line: str

    def apply(self, tree: Tree) -> bytes:
        """The file's new text. Raises BuildError for a source that has no such file."""
        if self.path not in tree:
            raise BuildError(f"{tree.name} has no {self.path}", hint="report this")
        first, newline, rest = tree.read(self.path).partition(b"\n")
        return first + self.line.encode() + newline + rest


@dataclass(frozen=True, slots=True)
class RealInput:
    """One of inputs.toml.

    ``whole`` are the patterns of a release's paths that must change, with | between those of
    different releases; ``program`` says whether
    one program must, and is None where that is not tried. An empty ``arch`` is every one.
    """

    name: str
    what: str
    settings: Mapping[str, str]
    edit: Edit | None
    arch: str
    whole: tuple[str, ...]
    program: bool | None

    def applies(self, target: Target, *, program: bool) -> bool:
        """Whether it can be tried for a target, and for one program or the whole release."""
        return self.arch in ("", target.goarch) and not (program and self.program is None)

    def unexpected(self, changed: Iterable[str]) -> tuple[str, ...]:
        """Paths of a release that changed and should not, and patterns that nothing changed of."""
        paths = tuple(changed)
        strays = [path for path in paths if not any(_fits(path, each) for each in self.whole)]
        unmet = [each for each in self.whole if not any(_fits(path, each) for path in paths)]
        return (*strays, *unmet)


def _fits(path: str, pattern: str) -> bool:
    return any(fnmatchcase(path, each) for each in pattern.split("|"))


@functools.cache
def real_inputs() -> tuple[RealInput, ...]:
    """All of them, in the order of the file."""
    text = resources.files("samego.inputs").joinpath("inputs.toml").read_text("utf-8")
    return tuple(
        RealInput(
            row["name"],
            row["what"],
            dict(row.get("setting", {})),
            Edit(**row["edit"]) if "edit" in row else None,
            row.get("arch", ""),
            tuple(row["whole"]),
            row.get("program"),
        )
        for row in tomli.loads(text)["input"]
    )
