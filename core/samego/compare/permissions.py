"""Modes, owners and extended attributes: what unpacking gives beside the bytes.

They are judged for every path of the payload, also where there are no bytes (directories,
links) or nothing to compare the bytes with. Upstream's archives state only a file's mode:
they carry no directories, no owners and no attributes. What must be there then is what any
unpacker makes for root: directories 0755, all of it root's, no attribute.
"""

from __future__ import annotations

from collections.abc import Iterator

from samego.formats.tree.goroot import GorootView
from samego.model.causes.differences import Unaccounted
from samego.model.finding import Finding, Side, unexplained
from samego.model.places.entries import Attribute, Mode, Owner, UnusualMode
from samego.model.policy import Policy
from samego.model.proof import Proof
from samego.model.tree import Entry, Kind, Tree
from samego.rules.layout import judge_mode

#: What may be wrong with an entry beside its bytes.
Attributes = Mode | UnusualMode | Owner | Attribute
_DIRECTORY_MODE = 0o755
#: Allowed modes of a file for which upstream's form has no mode: only root writes, everybody
#: reads, and no setuid or setgid.
_PLAIN_MODES = (0o644, 0o755)
_ROOT = (0, 0)
#: How much of an attribute's value is shown; a file capability has 20 or 24 bytes.
_SHOWN_BYTES = 24


def judge_permissions(
    path: str, distro: Entry, upstream: Entry, policy: Policy
) -> Iterator[tuple[Attributes, Proof | None]]:
    """Each difference in mode, owner or attributes, with the proof that the policy gives."""
    mode, expected = distro.mode, upstream.mode
    if mode is not None and expected is not None and mode != expected:
        proof = judge_mode(path, mode, expected, policy)
        yield Mode(mode, expected), proof
    for problem in _foreign(distro):
        yield problem, None


def judge_alone(entry: Entry) -> Iterator[Attributes]:
    """What is wrong with an entry of the payload that upstream has no counterpart of.

    The mode of a link has no effect: systems that act on one (not Linux) give it 0777.
    """
    if entry.kind is Kind.DIRECTORY and entry.mode not in (None, _DIRECTORY_MODE):
        yield UnusualMode(entry.mode, (_DIRECTORY_MODE,))
    if entry.kind is Kind.FILE and entry.mode not in (None, *_PLAIN_MODES):
        yield UnusualMode(entry.mode, _PLAIN_MODES)
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
        problems = tuple(judge_alone(entry))
        if problems:
            shown = view.names.get(path, f"/{path}")
            yield unexplained(shown, Side.DISTRO, entry.kind.value, Unaccounted(), where=problems)


def _foreign(entry: Entry) -> Iterator[Owner | Attribute]:
    if entry.owner is not None and entry.owner != _ROOT:
        yield Owner(*entry.owner)
    for name, value in entry.xattrs:
        yield Attribute(name, len(value), value[:_SHOWN_BYTES].hex())
