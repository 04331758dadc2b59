"""Modes, owners and extended attributes: what unpacking gives beside the bytes.

They are judged for every path of the payload, also where there are no bytes (directories,
links) or nothing to compare the bytes with. Upstream's archives speak of a file's mode alone:
they carry no directories, no owners and no attributes. What must be there then is what any
unpacker makes for root: directories 0755, all of it root's, no attribute.
"""

from __future__ import annotations

from collections.abc import Iterator

from samego.formats.tree.goroot import GorootView
from samego.model.finding import Finding, Side, unexplained
from samego.model.policy import Policy
from samego.model.proof import Proof
from samego.model.tree import Entry, Kind, Tree
from samego.rules.layout import judge_mode

UNACCOUNTED = "nothing accounts for this difference"
_DIRECTORY_MODE = 0o755
#: What a file may have that upstream's form at hand does not carry: nobody but root writes it,
#: everybody reads it, and it changes nobody's rights.
_PLAIN_MODES = (0o644, 0o755)
_ROOT = (0, 0)
#: How much of an attribute's value is shown; a file capability has 20 or 24 bytes.
_SHOWN_BYTES = 24


def judge_permissions(
    path: str, distro: Entry, upstream: Entry, policy: Policy
) -> Iterator[tuple[str, Proof | None]]:
    """Each difference in mode, owner or attributes, with the proof that the policy gives."""
    mode, expected = distro.mode, upstream.mode
    if mode is not None and expected is not None and mode != expected:
        proof = judge_mode(path, mode, expected, policy)
        yield f"mode {mode:04o}, upstream {expected:04o}", proof
    for problem in _foreign(distro):
        yield problem, None


def judge_alone(entry: Entry) -> Iterator[str]:
    """What is wrong with an entry of the payload that upstream has no counterpart of.

    The mode of a link is nobody's: systems that act on one (none of Go's Linux) give it 0777.
    """
    if entry.kind is Kind.DIRECTORY and entry.mode not in (None, _DIRECTORY_MODE):
        yield f"mode {entry.mode:04o}, not {_DIRECTORY_MODE:04o}"
    if entry.kind is Kind.FILE and entry.mode not in (None, *_PLAIN_MODES):
        yield f"mode {entry.mode:04o}, not {' or '.join(f'{m:04o}' for m in _PLAIN_MODES)}"
    yield from _foreign(entry)


def judge_places(payload: Tree, view: GorootView) -> Iterator[Finding]:
    """A finding for every directory and link of a payload that is not plainly root's.

    Those that lead to GOROOT and those that a link leads to or passes through are among them:
    who may write there may replace what is below. The path of a finding is below GOROOT where
    the walk through GOROOT came by, and absolute elsewhere.
    """
    for path, entry in payload.items():
        if entry.kind is Kind.FILE:
            continue
        problems = "; ".join(judge_alone(entry))
        if problems:
            shown = view.names.get(path, f"/{path}")
            yield unexplained(shown, Side.DISTRO, entry.kind.value, UNACCOUNTED, where=problems)


def _foreign(entry: Entry) -> Iterator[str]:
    if entry.owner is not None and entry.owner != _ROOT:
        yield f"owned by uid {entry.owner[0]}, gid {entry.owner[1]}, not by root"
    for name, value in entry.xattrs:
        more = " ..." if len(value) > _SHOWN_BYTES else ""
        yield (
            f"has the extended attribute {name} ({len(value)} bytes:"
            f" {value[:_SHOWN_BYTES].hex()}{more}), upstream none"
        )
