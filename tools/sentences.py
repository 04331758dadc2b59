"""Refuse code that takes a decision from a sentence: make static runs it.

What is told to a person (a cause, a message, a reason, ...) may be shown and joined. It may not
be compared, searched or taken apart: whatever decides is a value of its own beside it. Breaking a
text into its lines is layout, and allowed. Where another program leaves nothing but its words,
the line ends with, or follows, a comment that says so: ``# words: why``.

usage: python tools/sentences.py [FILE|DIRECTORY]...
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

#: The attributes that hold sentences. ``is`` compares an enum, and is none of this.
SENTENCES = frozenset({"cause", "message", "sentence", "headline", "hint", "reason", "where"})
#: What takes a text apart, or asks what is in it.
_METHODS = frozenset(
    {"split", "rsplit", "partition", "rpartition", "startswith", "endswith", "find", "index"}
    | {"replace", "removeprefix", "removesuffix", "count"}
)
_SEARCHES = frozenset({"match", "search", "fullmatch", "findall", "finditer", "sub", "split"})
_DECIDING = (ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_ALLOWED = "# words: "


def findings(source: str, name: str) -> Iterator[str]:
    """What is refused in a module, as ``name:line: what``."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source, name)):
        if isinstance(node, ast.Compare | ast.Call) and (what := _refused(node)):
            span = lines[max(0, node.lineno - 2) : node.end_lineno]
            if not any(_ALLOWED in line for line in span):
                yield f"{name}:{node.lineno}: {what}: decide by a value, not by a sentence"


def _refused(node: ast.Compare | ast.Call) -> str:
    if isinstance(node, ast.Compare):
        decides = any(isinstance(operator, _DECIDING) for operator in node.ops)
        held = any(_holds(each) for each in (node.left, *node.comparators))
        empty = any(isinstance(each, ast.Constant) and not each.value for each in node.comparators)
        return "compares a sentence" if decides and held and not empty else ""
    if not isinstance(node.func, ast.Attribute):
        return ""
    if node.func.attr in _METHODS and _holds(node.func.value) and not _is_layout(node):
        return f"takes a sentence apart ({node.func.attr})"
    if node.func.attr in _SEARCHES and any(_holds(each) for each in node.args):
        return f"searches a sentence ({node.func.attr})"
    return ""


def _holds(node: ast.expr) -> bool:
    """Whether an expression is a sentence, or a tuple that has one."""
    if isinstance(node, ast.Tuple | ast.List):
        return any(map(_holds, node.elts))
    if isinstance(node, ast.Call):  # the words of an exception
        return (
            isinstance(node.func, ast.Name)
            and node.func.id == "str"
            and any(isinstance(each, ast.Name) and each.id == "error" for each in node.args)
        )
    if isinstance(node, ast.Name):
        return node.id in SENTENCES
    return isinstance(node, ast.Attribute) and node.attr in SENTENCES


def _is_layout(node: ast.Call) -> bool:
    return [each.value for each in node.args if isinstance(each, ast.Constant)] == ["\n"]


def main(arguments: list[str]) -> int:
    """Print what is refused; 1 where anything is."""
    found: list[str] = []
    for argument in map(Path, arguments):
        files = sorted(argument.rglob("*.py")) if argument.is_dir() else [argument]
        for file in files:
            found += findings(file.read_text("utf-8"), str(file))
    sys.stdout.writelines(f"{line}\n" for line in found)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
