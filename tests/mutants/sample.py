"""Which changes are tried: a seeded sample over the places of each room that can be changed."""

from __future__ import annotations

import ast
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.commands.init import _all_work_items
from cosmic_ray.work_item import MutationSpec


@dataclass(frozen=True, slots=True)
class Room:
    """Modules below one folder of the core, and the tests that hold them."""

    folder: str
    tests: tuple[str, ...]

    def modules(self) -> list[Path]:
        """Its modules, relative to the repository."""
        return sorted(Path(self.folder).rglob("*.py"))

    def tests_of(self, module: Path) -> list[str]:
        """The module's own tests first (they see most changes), then the room's."""
        inside = module.relative_to("core/samego")
        mirrored = Path("tests/unit") / inside.parent / f"test_{inside.name}"
        return [*([str(mirrored)] if mirrored.exists() else []), *self.tests]


def _rules(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/unit/rules/test_{name}.py" for name in names)


#: What is changed, by name. A reader's meaning is held by the rules that rest on it as well.
ROOMS = {
    "rules": Room("core/samego/rules", ("tests/unit/rules", "tests/property/test_rules.py")),
    "compare": Room("core/samego/compare", ("tests/unit/compare",)),
    "executable": Room(
        "core/samego/formats/executable",
        (
            "tests/unit/formats/executable",
            "tests/property/test_elf.py",
            *_rules("macho_signature", "elf_stripped", "added_tool", "embedded_settings"),
        ),
    ),
    "sumdb": Room(
        "core/samego/upstream/sumdb",
        (
            "tests/unit/upstream/sumdb",
            "tests/property/test_tlog.py",
            "tests/property/test_log_proof.py",
        ),
    ),
    "reference": Room("core/samego/reference", ("tests/unit/reference",)),
}


def sampled(room: Room, seed: int) -> Iterator[MutationSpec]:
    """The room's changes in the seed's order, one for each place.

    A place with many possible changes (each comparison has several) counts once, so that the
    score does not hang on how many the tool knows. Annotations are left out: no test runs them.
    """
    places: dict[tuple[str, tuple[int, int]], list[MutationSpec]] = defaultdict(list)
    for module in room.modules():
        unrun = _annotations(ast.parse(module.read_text(encoding="utf-8")))
        for item in _all_work_items([module], {}):
            change = item.mutations[0]
            if not any(start <= change.start_pos < end for start, end in unrun):
                places[str(module), change.start_pos].append(change)
    chance = random.Random(seed)
    order = sorted(places)
    chance.shuffle(order)
    for place in order:
        yield chance.choice(places[place])


def _annotations(tree: ast.Module) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where annotations begin and end, as (line, column)."""
    found: list[ast.expr | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign | ast.arg):
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(node.returns)
    return [
        ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
        for node in found
        if node is not None
    ]
