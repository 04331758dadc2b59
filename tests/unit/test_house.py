from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import tomli

REPOSITORY = Path(__file__).resolve().parents[2]


def contract() -> list[list[str]]:
    """The rooms of each floor, from top to bottom, as lint-imports holds them."""
    settings = tomli.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = (
        each["layers"]
        for each in settings["tool"]["importlinter"]["contracts"]
        if each["type"] == "layers"
    )
    return [re.findall(r"samego\.(\w+)", floor) for floor in layers]


def test_the_page_shows_the_house_as_it_is() -> None:
    page = (REPOSITORY / "docs/development.md").read_text(encoding="utf-8")
    table = page.partition("| room |")[2].partition("\n\n")[0]
    rows = (line.split("|")[1] for line in table.splitlines()[2:])
    shown = [room for cell in rows for room in re.findall(r"`(\w+)`", cell)]
    by_floor = {room: floor for floor, rooms in enumerate(contract()) for room in rooms}
    assert sorted(shown) == sorted(by_floor)
    assert [by_floor[room] for room in shown] == sorted(by_floor.values())


def test_every_room_has_a_floor() -> None:
    core = REPOSITORY / "core/samego"
    rooms = {path.parent.name for path in core.glob("*/__init__.py")}
    assert rooms <= {room for floor in contract() for room in floor}
    loose = {path.stem for path in core.glob("*.py")} - {"__init__", "__main__"}
    assert loose == {"config", "errors"}


def test_a_public_class_of_the_core_has_a_name_of_its_own() -> None:
    modules: dict[str, list[str]] = defaultdict(list)
    for path in sorted((REPOSITORY / "core").rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                modules[node.name].append(str(path.relative_to(REPOSITORY)))
    assert len(modules) > 300
    assert {name: paths for name, paths in modules.items() if len(paths) > 1} == {}
