"""What a comparison says of one path."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, replace

from samego.model.candidate import Candidate
from samego.model.places.files import Lines
from samego.model.proof import Proof, Standing, worst
from samego.model.reach import Reach
from samego.model.value import Cause, Failure, Place


class Side(enum.Enum):
    """Which side has the path."""

    BOTH = "both"
    DISTRO = "distro"
    UPSTREAM = "upstream"


class Effect(enum.Enum):
    """Whether the tree's own code acts on a broken pin."""

    BREAKS = "breaks"
    LATENT = "latent"

    @property
    def heading(self) -> str:
        """What stands above such consequences in a report."""
        return {"breaks": "What breaks", "latent": "Latent: nothing in this release acts on it"}[
            self.value
        ]


class Why(enum.Enum):
    """Why a path was not compared."""

    #: Nothing here has the same path.
    NO_COUNTERPART = "no counterpart"
    #: A package that was not given has it.
    PACKAGE_NOT_GIVEN = "package not given"
    #: Whoever looks after the machine told the package manager not to unpack it.
    NOT_UNPACKED = "not unpacked"


@dataclass(frozen=True, slots=True)
class Uncompared:
    """A path that was not compared: neither a difference nor a pass.

    ``package`` is the one that would have it, where that is known.
    """

    path: str
    why: Why = Why.NO_COUNTERPART
    package: str = ""


#: What a file that is not there has in place of a digest.
MISSING = "no such file"


@dataclass(frozen=True, slots=True)
class Consequence:
    """Something that breaks because of a difference, whatever its cause.

    ``side`` is the side whose file misses the pin, ``pinned_by`` the side whose pin it is.
    ``failure`` is what no longer works.
    """

    effect: Effect
    path: str
    side: Side
    pinned_in: str
    pinned: str
    actual: str
    failure: Failure
    pinned_by: Side
    waived: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One path that is not identical on both sides.

    ``path`` is relative to GOROOT as upstream spells it, or absolute for a payload path
    outside GOROOT. ``kind`` names what the file is (elf, zip, text, link, ...).
    ``standing`` is the finding's own; the effective one also takes ``rests_on`` into
    account. ``causes`` say why it differs, ``where`` where the difference lies, both as values;
    ``rebuild`` says that a rebuild would raise the standing, and ``command`` spells out how.
    ``reach`` is what it reaches, None where nobody asked. ``also`` are the kinds of what differs
    besides and does not pass (its mode, that it is a link): a proof of the bytes says nothing of
    that. ``candidates`` are settings that may have made an executable another: they prove nothing.
    """

    path: str
    standing: Standing
    side: Side
    kind: str
    rule: str
    causes: tuple[Cause, ...]
    proof: Proof | None = None
    rests_on: tuple[str, ...] = ()
    where: tuple[Place, ...] = ()
    command: str = ""
    rebuild: bool = False
    consequences: tuple[Consequence, ...] = ()
    also: tuple[str, ...] = ()
    reach: Reach | None = None
    candidates: tuple[Candidate, ...] = ()

    @property
    def lines(self) -> Lines | None:
        """The lines that differ, where both files are texts."""
        return next((place for place in self.where if isinstance(place, Lines)), None)

    @property
    def unaccounted(self) -> bool:
        """Whether no rule had anything to say of its bytes, and nothing but these differs."""
        return self.standing is Standing.UNEXPLAINED and not self.rule and not self.also


def proven(
    path: str, side: Side, kind: str, proof: Proof, *, where: tuple[Place, ...] = ()
) -> Finding:
    """A finding that a rule accounts for."""
    return Finding(
        path,
        proof.standing,
        side,
        kind,
        rule=proof.rule,
        causes=proof.causes,
        proof=proof,
        rests_on=proof.rests_on,
        where=where,
        rebuild=proof.rebuild,
    )


def unexplained(
    path: str, side: Side, kind: str, *causes: Cause, where: tuple[Place, ...] = ()
) -> Finding:
    """A finding that nothing accounts for."""
    return Finding(path, Standing.UNEXPLAINED, side, kind, rule="", causes=causes, where=where)


def combined(one: Finding, other: Finding) -> Finding:
    """Two differences of one path as one finding: the worse decides, and both are shown.

    What the first is about (side and kind) stays.
    """
    lead, rest = (one, other) if one.standing.rank >= other.standing.rank else (other, one)
    return replace(
        lead,
        standing=worst([one.standing, other.standing]),
        causes=tuple(dict.fromkeys((*lead.causes, *rest.causes))),
        where=(*lead.where, *rest.where),
        side=one.side,
        kind=one.kind,
        rests_on=tuple(sorted({*one.rests_on, *other.rests_on})),
        consequences=one.consequences or other.consequences,
        candidates=one.candidates or other.candidates,
        also=(*one.also, *(() if other.standing.passes else (other.kind,)), *other.also),
    )


def added(findings: Iterable[Finding], others: Iterable[Finding]) -> list[Finding]:
    """The findings with others among them; a path keeps a single one."""
    result = list(findings)
    index = {finding.path: number for number, finding in enumerate(result)}
    for other in others:
        if (number := index.get(other.path)) is not None:
            result[number] = combined(result[number], other)
        else:
            index[other.path] = len(result)
            result.append(other)
    return result
