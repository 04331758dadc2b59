"""Directories of GOROOT that hold nothing, and that only the package has.

Upstream's archives have no such directory: what unpacks them makes those that files need. An
empty one changes what the go command finds (a vendor directory, a package that is asked for),
so that the policy declares it or it is a finding.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from samego.compare.pairing import Pairing
from samego.formats.tree.goroot import GorootView
from samego.model.causes.differences import EmptyDirectory
from samego.model.finding import Finding, Side, unexplained
from samego.model.policy import Policy
from samego.model.tree import Kind


def judge_empty_directories(
    pairing: Pairing, view: GorootView, policy: Policy, withheld: Collection[str] = ()
) -> Iterator[Finding]:
    """A finding for each directory with no file and no link below it on either side.

    ``withheld`` are paths of upstream's that were not unpacked; their directories may be there.
    """
    files = [*pairing.both, *pairing.distro_only, *pairing.upstream_only, *withheld]
    needed = _above([*files, *view.links])
    alone = [
        path
        for path, entry in pairing.distro.items()
        if entry.kind is Kind.DIRECTORY and path not in needed and path not in pairing.upstream
    ]
    declared = {path for path in alone if policy.find("added", path) is not None}
    for path in alone:
        if path not in declared and path not in _above(declared):
            yield unexplained(path, Side.DISTRO, "directory", EmptyDirectory())


def _above(paths: Iterable[str]) -> set[str]:
    """All directories that these paths lie in."""
    found: set[str] = set()
    for path in paths:
        above = path.rpartition("/")[0]
        while above and above not in found:
            found.add(above)
            above = above.rpartition("/")[0]
    return found
