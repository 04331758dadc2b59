"""Refuse code that takes a decision from a sentence: make static runs it.

What is told to a person (a message, a reason, what samego.words makes of a value) may be shown
and joined. It may not be compared, searched, looked up or taken apart, neither where it stands
nor under another name in the same function: whatever decides is a value of its own beside it.
Breaking a text into its lines is layout, and allowed. Where another program leaves nothing but
its words, the line ends with, or follows, a comment that says so: ``# words: why``.

usage: python tools/sentences.py [FILE|DIRECTORY]...
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

#: The attributes and names that hold sentences. ``is`` compares an enum, and is none of this.
SENTENCES = frozenset({"cause", "message", "sentence", "headline", "hint", "reason"})
#: A place is a value, which may be compared; it is no text to take apart.
_PLACES = frozenset({"where"})
#: What makes sentences of values (samego.words, samego.report).
_SAYING = frozenset(
    {"cause_of", "where_of", "short_where_of", "phrase", "said", "headline", "sentence"}
)
#: What hands a text on as it is.
_PASSING = frozenset({"str", "visible"})
#: What takes a text apart, or asks what is in it.
_METHODS = frozenset(
    {"split", "rsplit", "partition", "rpartition", "startswith", "endswith", "find", "index"}
    | {"replace", "removeprefix", "removesuffix", "count"}
)
_SEARCHES = frozenset({"match", "search", "fullmatch", "findall", "finditer", "sub", "split"})
_DECIDING = (ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_ALLOWED = "# words: "

_Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def findings(source: str, name: str) -> Iterator[str]:
    """What is refused in a module, as ``name:line: what``."""
    lines = source.splitlines()
    for scope in _scopes(ast.parse(source, name)):
        inside = list(_own(scope))
        held = _Held(inside)
        for node in inside:
            if what := held.refused(node):
                start, end = _span(node)
                if not any(_ALLOWED in line for line in lines[max(0, start - 2) : end]):
                    yield f"{name}:{start}: {what}: decide by a value, not by a sentence"


def _scopes(module: ast.Module) -> Iterator[_Scope]:
    for node in ast.walk(module):
        if isinstance(node, _Scope):
            yield node


def _own(scope: _Scope) -> Iterator[ast.AST]:
    """The nodes of a scope that are in no scope below it."""
    pending: list[ast.AST] = list(ast.iter_child_nodes(scope))
    while pending:
        node = pending.pop(0)
        yield node
        if not isinstance(node, _Scope):
            pending += ast.iter_child_nodes(node)


def _span(node: ast.AST) -> tuple[int, int]:
    node = node.subject if isinstance(node, ast.Match) else node
    return getattr(node, "lineno", 1), getattr(node, "end_lineno", 1)


class _Held:
    """What holds a sentence in one scope: by its own name, or by what was assigned to it."""

    def __init__(self, inside: list[ast.AST]) -> None:
        # The words of an exception, which may be called error or be caught under another name.
        caught = {n.name for n in inside if isinstance(n, ast.ExceptHandler) and n.name}
        self._errors = {"error", *caught}
        self._names: set[str] = set()
        pairs = [pair for node in inside for pair in _assigned(node)]
        while found := {name for name, each in pairs if self.holds(each)} - self._names:
            self._names |= found

    def refused(self, node: ast.AST) -> str:
        """Why a node is refused; empty where it is not."""
        match node:
            case ast.Compare():
                return self._comparison(node)
            case ast.Match(subject=subject) if self.holds(subject):
                return "tells sentences apart (match)"
            case ast.Subscript(slice=key) if self.holds(key):
                return "looks up a sentence"
            case ast.Call(func=ast.Attribute(attr=method, value=value)):
                return self._call(node, method, value)
        return ""

    def _call(self, node: ast.Call, method: str, value: ast.expr) -> str:
        text = self.holds(value) or _named(value) in _PLACES
        if method in _METHODS and text and not _is_layout(node):
            return f"takes a sentence apart ({method})"
        if not any(map(self.holds, node.args)):
            return ""
        if method in _SEARCHES:
            return f"searches a sentence ({method})"
        return "looks up a sentence" if method == "get" else ""

    def _comparison(self, node: ast.Compare) -> str:
        decides = any(isinstance(operator, _DECIDING) for operator in node.ops)
        sides = (node.left, *node.comparators)
        empty = any(isinstance(each, ast.Constant) and not each.value for each in sides)
        held = any(map(self.holds, sides))
        return "compares a sentence" if decides and held and not empty else ""

    def holds(self, node: ast.AST) -> bool:
        """Whether an expression is a sentence, or has one in it."""
        match node:
            case ast.Name(id=name):
                return name in SENTENCES or name in self._names
            case ast.Attribute(attr=name):
                return name in SENTENCES
            case ast.Call(func=function, args=arguments):
                if _named(function) in _PASSING:
                    errors = any(_named(each) in self._errors for each in arguments)
                    return errors or any(map(self.holds, arguments))
                return _named(function) in _SAYING
        return any(map(self.holds, _parts(node)))


def _parts(node: ast.AST) -> list[ast.expr]:
    """The expressions that one is put together from."""
    match node:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return parts
        case ast.JoinedStr(values=values):
            return [each.value for each in values if isinstance(each, ast.FormattedValue)]
        case ast.BinOp(left=one, right=other) | ast.IfExp(body=one, orelse=other):
            return [one, other]
        case ast.NamedExpr(value=value):
            return [value]
    return []


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The names that a statement gives values to, with these."""
    match node:
        case ast.Assign(targets=targets, value=value):
            pass
        case ast.AnnAssign(target=one, value=ast.expr() as value):
            targets = [one]
        case ast.AugAssign(target=one, value=value) | ast.NamedExpr(target=one, value=value):
            targets = [one]
        case _:
            return
    for target in targets:
        match target, value:
            case ast.Name(id=name), _:
                yield name, value
            case ast.Tuple(elts=names), ast.Tuple(elts=values) if len(names) == len(values):
                for each, given in zip(names, values, strict=True):
                    if isinstance(each, ast.Name):
                        yield each.id, given


def _named(node: ast.AST) -> str:
    """The name of a name, or the last one of an attribute; else empty."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


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
