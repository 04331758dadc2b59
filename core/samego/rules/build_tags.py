"""Whether a Go source is compiled for a target, by its build constraint.

The constraint is the line ``//go:build`` before the package clause (go/build, ``shouldBuild``;
go/build/constraint for its grammar). Upstream's tools are built with cgo and race detection
off; what an experiment sets is not known from a file, so a constraint on it may be true.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from samego.model.release import Release, Target

#: internal/syslist: the systems that the tag ``unix`` stands for.
_UNIX = frozenset(
    {
        *("aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "linux"),
        *("netbsd", "openbsd", "solaris"),
    }
)
#: go/build, matchTag: these systems also match another's tag.
_ALSO = {"android": "linux", "illumos": "solaris", "ios": "darwin"}
_LINE = re.compile(rb"^//go:build[ \t]+([^\r\n]+)", re.MULTILINE)
_CLAUSE = re.compile(rb"^package\s", re.MULTILINE)
_TOKEN = re.compile(r"\s*(\|\||&&|[!()]|[\w.]+)")
_RELEASE = re.compile(r"go1\.(\d+)")
_LARGEST = 1 << 20
_NEVER = "ignore"


def may_be_compiled(data: bytes, target: Target, release: Release) -> bool:
    """Whether a source of this name's package may be compiled for a target.

    True where its constraint is absent, in another form, or depends on what is not known here.
    """
    return _may(data, lambda name: _of_target(name, target, release))


def may_ever_be_compiled(data: bytes) -> bool:
    """Whether a source may be compiled for some target, with any tags.

    Only ``ignore`` is never set: it keeps a source out of its package (go/build).
    """
    return _may(data, lambda name: frozenset((False,) if name == _NEVER else (True, False)))


def _may(data: bytes, tag: Callable[[str], frozenset[bool]]) -> bool:
    clause = _CLAUSE.search(data[:_LARGEST])
    head = data[: clause.start()] if clause else data[:_LARGEST]
    # In a comment of the other form the line means nothing.
    lines = [] if b"/*" in head else _LINE.findall(head)
    if len(lines) != 1:
        return True
    try:
        tokens = list(_tokens(lines[0].decode("ascii")))
        values = _Expression(tokens, tag).parse()
    except (ValueError, RecursionError):
        return True
    return True in values


def _tokens(text: str) -> Iterator[str]:
    position = 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(text)
        yield match[1]
        position = match.end()


class _Expression:
    """A constraint's tokens; every part has a set of values that it may have."""

    def __init__(self, tokens: list[str], tag: Callable[[str], frozenset[bool]]) -> None:
        self._tokens = tokens
        self._tag = tag

    def parse(self) -> frozenset[bool]:
        """The values of the whole. Raises ValueError for what is no constraint."""
        values = self._or()
        if self._tokens:
            raise ValueError(self._tokens)
        return values

    def _next(self, wanted: str) -> bool:
        if self._tokens and self._tokens[0] == wanted:
            self._tokens.pop(0)
            return True
        return False

    def _or(self) -> frozenset[bool]:
        values = self._and()
        while self._next("||"):
            other = self._and()
            values = frozenset(one or two for one in values for two in other)
        return values

    def _and(self) -> frozenset[bool]:
        values = self._not()
        while self._next("&&"):
            other = self._not()
            values = frozenset(one and two for one in values for two in other)
        return values

    def _not(self) -> frozenset[bool]:
        if self._next("!"):
            return frozenset(not value for value in self._not())
        if self._next("("):
            values = self._or()
            if not self._next(")"):
                raise ValueError(self._tokens)
            return values
        if not self._tokens or not self._tokens[0][0].isalnum():
            raise ValueError(self._tokens)
        return self._tag(self._tokens.pop(0))


def _of_target(name: str, target: Target, release: Release) -> frozenset[bool]:
    """The values that a tag may have for a target."""
    goos, goarch = target.goos, target.goarch
    if name == "boringcrypto" or name.startswith(("goexperiment.", f"{goarch}.")):
        return frozenset((True, False))
    if version := _RELEASE.fullmatch(name):
        return frozenset((int(version[1]) <= release.minor,))
    known = {goos, goarch, _ALSO.get(goos, goos), "gc", *(("unix",) if goos in _UNIX else ())}
    return frozenset((name in known,))
