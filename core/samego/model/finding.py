"""What a comparison says of one path."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, replace

from samego.model.location import Lines, Location
from samego.model.proof import Proof, Standing, worst


class Side(enum.Enum):
    """Which side has the path."""

    BOTH = "both"
    DISTRO = "distro"
    UPSTREAM = "upstream"


class Effect(enum.Enum):
    """Whether the tree's own code acts on a broken pin."""

    BREAKS = "breaks"
    LATENT = "latent"


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


@dataclass(frozen=True, slots=True)
class Consequence:
    """Something that breaks because of a difference, whatever its cause.

    ``side`` is the side whose file misses the pin. ``sentence`` is for a bug report;
    ``command`` shows it.
    """

    effect: Effect
    path: str
    side: Side
    pinned_in: str
    pinned: str
    actual: str
    sentence: str
    command: str
    waived: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One path that is not identical on both sides.

    ``path`` is relative to GOROOT as upstream spells it, or absolute for a payload path
    outside GOROOT. ``kind`` names what the file is (elf, zip, text, link, ...).
    ``standing`` is the finding's own; the effective one also takes ``rests_on`` into
    account. ``where`` says where the difference lies, with ``lines`` where it is one of texts;
    ``command`` what would raise the standing. ``also`` are the kinds of what differs besides and
    does not pass (its mode, that it is a link): a proof of the bytes says nothing of that.
    """

    path: str
    standing: Standing
    side: Side
    kind: str
    rule: str
    cause: str
    proof: Proof | None = None
    rests_on: tuple[str, ...] = ()
    where: str = ""
    command: str = ""
    consequences: tuple[Consequence, ...] = ()
    also: tuple[str, ...] = ()
    lines: Lines | None = None

    @property
    def unaccounted(self) -> bool:
        """Whether no rule had anything to say of its bytes, and nothing but these differs."""
        return self.standing is Standing.UNEXPLAINED and not self.rule and not self.also


def proven(path: str, side: Side, kind: str, proof: Proof, *, where: str = "") -> Finding:
    """A finding that a rule accounts for."""
    return Finding(
        path,
        proof.standing,
        side,
        kind,
        rule=proof.rule,
        cause=proof.cause,
        proof=proof,
        rests_on=proof.rests_on,
        where=where,
        command=proof.command,
    )


def unexplained(path: str, side: Side, kind: str, cause: str, *, where: str = "") -> Finding:
    """A finding that nothing accounts for."""
    return Finding(path, Standing.UNEXPLAINED, side, kind, rule="", cause=cause, where=where)


def located(finding: Finding, place: Location) -> Finding:
    """A finding with where its bytes differ."""
    return replace(finding, where=place.text, lines=place.lines)


def combined(one: Finding, other: Finding) -> Finding:
    """Two differences of one path as one finding: the worse decides, and both are told.

    What the first is about (side and kind) stays.
    """
    lead, rest = (one, other) if one.standing.rank >= other.standing.rank else (other, one)
    cause = "; ".join(dict.fromkeys((lead.cause, rest.cause)))
    return replace(
        lead,
        standing=worst([one.standing, other.standing]),
        cause=cause,
        where="; ".join(text for text in (lead.where, rest.where) if text),
        side=one.side,
        kind=one.kind,
        rests_on=tuple(sorted({*one.rests_on, *other.rests_on})),
        consequences=one.consequences or other.consequences,
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
