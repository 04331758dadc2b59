"""The head of a Go source: its package, what it imports, and what it embeds.

Grammar: the Go specification, "Source file organization" and "Import declarations". A source need
not be formatted by gofmt. One that may be read in two ways is not read at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    rb"//[^\n]*|/\*.*?\*/|[\s;]+"
    rb'|(?P<text>"(?:[^"\\\n]|\\.)*"|`[^`]*`)'
    rb"|(?P<word>[A-Za-z_\x80-\xff][\w\x80-\xff]*|.)",
    re.DOTALL,
)
_EMBED = re.compile(rb"^[ \t]*//go:embed[ \t]+([^\r\n]*)", re.MULTILINE)
_PATTERN = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`|\S+')


@dataclass(frozen=True, slots=True)
class GoHead:
    """What a source says of itself: import paths as written, patterns of ``//go:embed``."""

    package: str
    imports: tuple[str, ...]
    embeds: tuple[str, ...]


def read_head(data: bytes) -> GoHead | None:
    """The head of a source, or None where it cannot be read for certain."""
    tokens = _tokens(data)
    try:
        if next(tokens) != b"package":
            return None
        package = next(tokens)
        imports = list(_imports(tokens))
        return GoHead(package.decode(), tuple(map(_import_path, imports)), _embeds(data))
    except (StopIteration, ValueError):
        return None


def _tokens(data: bytes) -> Iterator[bytes]:
    for match in _TOKEN.finditer(data):
        if match.lastgroup is not None:
            yield match[0]


def _imports(tokens: Iterator[bytes]) -> Iterator[bytes]:
    """The string of each import, up to the first other declaration."""
    for token in tokens:
        if token != b"import":
            return
        first = next(tokens, b"")
        if first != b"(":
            yield _path(first, tokens)
            continue
        while (inner := next(tokens, b"")) != b")":
            yield _path(inner, tokens)


def _path(first: bytes, tokens: Iterator[bytes]) -> bytes:
    """An import's string, behind the name under which it is imported, if there is one."""
    found = first if first[:1] in {b'"', b"`"} else next(tokens, b"")
    if found[:1] not in {b'"', b"`"}:
        raise ValueError(found)
    return found


def _import_path(text: bytes) -> str:
    if b"\\" in text:
        raise ValueError(text)  # escapes, which no import path needs
    return text[1:-1].decode()


def _embeds(data: bytes) -> tuple[str, ...]:
    if b"//go:embed" not in data:
        return ()
    lines = (match[1].decode() for match in _EMBED.finditer(data))
    words = (word for line in lines for word in _PATTERN.findall(line))
    return tuple(word[1:-1] if word[0] in '"`' else word for word in words)
