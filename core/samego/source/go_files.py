"""What go.mod, go.sum and vendor/modules.txt state.

Formats: go.dev/ref/mod (go.mod, go.sum) and cmd/go/internal/modload/vendor.go (modules.txt).
Upstream's files are as the go command writes them; what is written otherwise is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from samego.errors import InputError

_COMMENT = re.compile(r"\s*//.*")
_BLOCK = re.compile(r"(\w+) \($")
_DIRECTIVES = frozenset(
    {"module", "go", "toolchain", "godebug", "require", "tool", "ignore", "retract"}
)
_REQUIRE_WORDS = 2
_SUM_WORDS = 3


@dataclass(frozen=True, slots=True)
class GoMod:
    """``required`` is by module; ``replacing`` says that a directive exchanges modules."""

    go: str
    required: Mapping[str, str]
    replacing: bool


@dataclass(frozen=True, slots=True)
class ListedModule:
    """A module of modules.txt; ``go`` is the version that its own go.mod states, if noted."""

    path: str
    version: str
    explicit: bool
    go: str
    replaced: bool
    packages: tuple[str, ...]


def parse_go_mod(data: bytes, *, name: str) -> GoMod:
    """Read a go.mod. Raises InputError, naming ``name``."""
    go, block = "", ""
    required: dict[str, str] = {}
    replacing = False
    for raw in _text(data, name).splitlines():
        line = _COMMENT.sub("", raw).strip()
        if not line:
            continue
        if block and line == ")":
            block = ""
            continue
        if match := _BLOCK.fullmatch(line):
            block = match[1]
            continue
        directive, *words = [block, *line.split()] if block else line.split()
        if directive in {"replace", "exclude"}:
            replacing = True
        elif directive not in _DIRECTIVES:
            raise _unread(name, line)
        elif directive == "go":
            go = words[0] if words else ""
        elif directive == "require":
            if len(words) != _REQUIRE_WORDS or words[0] in required:
                raise _unread(name, line)
            required[words[0]] = words[1]
    return GoMod(go, required, replacing)


def parse_go_sum(data: bytes, *, name: str) -> Mapping[tuple[str, str], str]:
    """The ``h1:`` of each (module, version); those of go.mod files have ``VERSION/go.mod``.

    Raises InputError, naming ``name``.
    """
    sums: dict[tuple[str, str], str] = {}
    for line in _text(data, name).splitlines():
        words = line.split()
        if len(words) != _SUM_WORDS or (words[0], words[1]) in sums:
            raise _unread(name, line)
        sums[words[0], words[1]] = words[2]
    return sums


def parse_modules_txt(data: bytes, *, name: str) -> tuple[ListedModule, ...]:
    """The modules that a vendor directory holds. Raises InputError, naming ``name``."""
    modules: list[ListedModule] = []
    packages: list[str] = []
    for line in _text(data, name).splitlines():
        if line.startswith("# "):
            words = line[2:].split()
            if len(words) < _REQUIRE_WORDS or any(words[0] == each.path for each in modules):
                raise _unread(name, line)
            packages = []
            replaced = len(words) > _REQUIRE_WORDS
            modules.append(
                ListedModule(
                    words[0], words[1], explicit=False, go="", replaced=replaced, packages=()
                )
            )
        elif not modules:
            raise _unread(name, line)
        elif line.startswith("## "):
            notes = [note.strip() for note in line[3:].split(";")]
            go = next((note[3:] for note in notes if note.startswith("go ")), "")
            last = modules[-1]
            modules[-1] = ListedModule(
                last.path, last.version, "explicit" in notes, go, last.replaced, ()
            )
        elif line and not line.startswith("#"):
            if not _below(line, modules[-1].path):
                raise _unread(name, line)
            packages.append(line)
            last = modules[-1]
            modules[-1] = ListedModule(
                last.path, last.version, last.explicit, last.go, last.replaced, tuple(packages)
            )
        else:
            raise _unread(name, line)
    return tuple(modules)


def _below(package: str, module: str) -> bool:
    return package == module or package.startswith(f"{module}/")


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is no text", hint="get the source again") from error


def _unread(name: str, line: str) -> InputError:
    return InputError(
        f"{name} has a line that samego cannot read: {line[:80]!r}",
        hint="get the source again; the go command does not write such a line",
    )
