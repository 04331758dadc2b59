"""Module paths: their escaped form in URLs, and the globs of GONOSUMDB.

Source: golang.org/x/mod/module (EscapePath, EscapeVersion, MatchPrefixPatterns) and Go's
path.Match.
"""

from __future__ import annotations

import functools
import re

from samego.errors import InputError

_ELEMENT = r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*(?<!\.)"
_PATH = re.compile(rf"{_ELEMENT}(?:/{_ELEMENT})*", re.ASCII)
_VERSION = re.compile(r"v[A-Za-z0-9._+~-]+(?<!\.)", re.ASCII)

_MEMBER = r"(?:\\.|[^\\\]-])"
_RANGE = re.compile(rf"({_MEMBER})(?:-({_MEMBER}))?", re.DOTALL)
_TOKEN = re.compile(
    r"(?P<wild>[*?])|\\(?P<escaped>.)|(?P<plain>[^*?\\[])"
    rf"|\[(?P<not>\^?)(?P<set>(?:{_MEMBER}(?:-{_MEMBER})?)+)\]",
    re.DOTALL,
)


def escape_path(path: str) -> str:
    """A module path as URLs spell it: ``!`` and the small letter for each capital.

    Raises InputError for what is no module path.
    """
    if not _PATH.fullmatch(path):
        raise InputError(f"{path!r} is not a module path", hint="write it as in go.mod")
    return _escape(path)


def escape_version(version: str) -> str:
    """A module version as URLs spell it; raises InputError for what is no version."""
    if not _VERSION.fullmatch(version):
        raise InputError(f"{version!r} is not a module version", hint="write it as v0.0.1-go1.24.4")
    return _escape(version)


def matches_prefix(globs: str, target: str) -> bool:
    """Whether one of the comma-separated globs matches a leading part of a module path.

    A glob of N elements is matched against the first N elements of ``target``; a malformed
    glob matches nothing.
    """
    elements = target.split("/")
    for item in globs.split(","):
        glob = item.removesuffix("/")
        count = glob.count("/") + 1
        if glob and count <= len(elements):
            pattern = _glob_pattern(glob)
            if pattern and pattern.fullmatch("/".join(elements[:count])):
                return True
    return False


def _escape(text: str) -> str:
    return re.sub(r"[A-Z]", lambda match: f"!{match[0].lower()}", text)


@functools.cache
def _glob_pattern(glob: str) -> re.Pattern[str] | None:
    """A glob of Go's path.Match as a pattern, or None where it is malformed."""
    out: list[str] = []
    place = 0
    while place < len(glob):
        match = _TOKEN.match(glob, place)
        if match is None:
            return None
        place = match.end()
        if match["wild"]:
            out.append("[^/]*" if match["wild"] == "*" else "[^/]")
        elif match["set"]:
            out.append(f"[{match['not']}{_members(match['set'])}]")
        else:
            out.append(re.escape(match["escaped"] or match["plain"]))
    try:
        return re.compile("".join(out), re.DOTALL)
    except re.error:  # a range that runs backwards holds nothing
        return None


def _members(text: str) -> str:
    """The inside of a character class, each member as a range with its ends escaped."""
    return "".join(
        f"{re.escape(match[1][-1])}-{re.escape((match[2] or match[1])[-1])}"
        for match in _RANGE.finditer(text)
    )
