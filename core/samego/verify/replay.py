"""Replaying a report's proofs: each path is tried with the rule that the report names, alone.

Nothing is searched here. A comparison is made again with one rule in place of all, which
looks up what the report claims; the result must be what the report states, path by
path. A path that differs and that the report is silent about does not hold either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from samego.model.failures import ToldFailure
from samego.model.finding import Consequence, Finding
from samego.model.inputs import Context
from samego.model.proof import Proof, Standing
from samego.rules import content_equal, embedded_settings, nondeterminism_stripped, reference_build
from samego.rules.interface import Blob, Rule
from samego.words.findings import cause_of

#: Details of a proof about where and with what it was made, not about what it shows.
_CIRCUMSTANCES = {"witness", "network", "not_replayed"}
#: Whose texts say why a stronger proof could not be had on that machine.
_CIRCUMSTANTIAL = {content_equal.NAME}


@dataclass(frozen=True, slots=True)
class Broken:
    """A claim that does not hold: of which path (empty for the whole), and why."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Unrepeated:
    """Claims that could not be repeated here: their paths, why, and what would do.

    ``decides`` is whether the report's verdict rests on them.
    """

    paths: tuple[str, ...]
    what: str
    needs: str
    decides: bool = True


class ClaimedRule:
    """Tries, for each path, the one rule that a report names for it.

    A claim that does not pass is an accusation, which includes that no rule proves the file.
    There all rules are tried, as a check does, so that a standing cannot be lowered.
    """

    name = "claimed"

    def __init__(self, claims: Iterable[Finding], rules: Sequence[Rule]) -> None:
        self._rules: Mapping[str, Rule] = {rule.name: rule for rule in rules}
        self._all = rules
        self._claims = {finding.path: finding for finding in claims}

    def prove(self, distro: Blob, upstream: Blob, context: Context) -> Proof | None:
        """Prove the difference with the rule that is claimed, or return None."""
        for rule in self._named(upstream.path):
            proof = rule.prove(distro, upstream, context)
            if proof is not None:
                return proof
        return None

    def _named(self, path: str) -> Sequence[Rule]:
        claim = self._claims.get(path)
        if claim is None:
            return ()
        if not claim.standing.passes:
            return self._all
        # What a rebuild decides was found by the rule that asks for one.
        name = embedded_settings.NAME if claim.rule == reference_build.NAME else claim.rule
        if name in self._rules:
            return (self._rules[name],)
        # A path whose mode differs as well carries the rule of its mode alone: what proved
        # its bytes is not recorded, and any proof of them will do.
        return self._all


def judge(claim: Finding | None, found: Finding | None, *, words: bool) -> str:
    """Why what was found is not what is claimed of a path; empty when it is.

    ``words`` says whether the texts of what passes must be the same too: they are when the
    same version of samego wrote them.
    """
    if found is None:
        return "the report says that it differs, and it does not"
    if claim is None:
        return f"it differs ({cause_of(found)}), and the report is silent about it"
    return next(_objections(claim, found, words=words), "")


def _objections(claim: Finding, found: Finding, *, words: bool) -> Iterator[str]:
    if claim.standing is not found.standing:
        yield f"claimed {claim.standing.value}, but the replay gives {_given(found)}"
    if claim.side is not found.side or claim.kind != found.kind:
        claimed, given = (f"{item.side.value}, {item.kind}" for item in (claim, found))
        yield f"claimed {claimed}; it is {given}"
    if not _same_consequences(claim, found):
        yield (
            f"the report tells {len(claim.consequences)} consequences of it; there are"
            f" {len(found.consequences)}, and not all are those"
        )
    if claim.standing is Standing.UNEXPLAINED:
        return  # the claim is only that it differs
    if claim.rule != found.rule:
        yield f"claimed to be proven by {claim.rule}; it is by {found.rule}"
    if (claim.proof or claim.standing.passes) and _shown(claim.proof) != _shown(found.proof):
        yield f"the proof by {claim.rule} is not what its replay gives"
    if set(claim.rests_on) != set(found.rests_on):
        yield "the report names other paths than those that the proof rests on"
    compared = words and claim.standing.passes and claim.rule not in _CIRCUMSTANTIAL
    reasons = [(each.causes, each.where) for each in (claim, found)]
    if compared and reasons[0] != reasons[1]:
        cause = cause_of(claim)
        yield f"the report gives the cause {cause!r}, the replay {cause_of(found)!r}"


def differences(
    claims: Iterable[Finding],
    found: Iterable[Finding],
    *,
    excused: Collection[str] = (),
    words: bool = True,
) -> Iterator[Broken]:
    """Every path where the claims are not what was found, sorted; but for ``excused`` ones."""
    claimed = _by_path(claims)
    given = _by_path(found)
    for path in sorted(claimed.keys() | given.keys()):
        mine, theirs = claimed.get(path, []), given.get(path, [])
        if path in excused:
            continue
        if len(mine) > 1 or len(theirs) > 1:
            why = _judge_several(mine, theirs, words=words)
        else:
            why = judge(next(iter(mine), None), next(iter(theirs), None), words=words)
        if why:
            yield Broken(path, why)


def may_want(claim: Finding, found: Finding | None) -> bool:
    """Whether a claim may be wrong here only because an input or a tool is missing.

    Not where its consequences differ from the report's: these need only the files.
    """
    return found is None or _consequences(claim) == _consequences(found)


def falls_short(claim: Finding, found: Finding | None) -> bool:
    """Whether the replay gave less than is claimed."""
    return found is None or found.standing.rank > claim.standing.rank


#: The rules that a declared input takes part in, by the input's name in a report.
USES = {
    "timestamp": (nondeterminism_stripped.NAME, content_equal.NAME),
    "settings": ("generated_settings", "goenv_policy"),
    "patches": ("patched_source",),
}


def _judge_several(claims: Sequence[Finding], found: Sequence[Finding], *, words: bool) -> str:
    """The same for a path with several findings, which may stand in any order."""
    left = list(found)
    for claim in claims:
        match = next((item for item in left if not judge(claim, item, words=words)), None)
        if match is None:
            return judge(claim, left[0] if left else None, words=words)
        left.remove(match)
    return judge(None, left[0], words=words) if left else ""


def _by_path(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    result: dict[str, list[Finding]] = {}
    for finding in findings:
        result.setdefault(finding.path, []).append(finding)
    return result


def _shown(proof: Proof | None) -> object:
    """What a proof shows, without where and with which tools it was made."""
    if proof is None:
        return None
    details = {key: value for key, value in proof.details.items() if key not in _CIRCUMSTANCES}
    return proof.rule, proof.standing, proof.digest, details, set(proof.rests_on)


def _given(found: Finding) -> str:
    return f"{found.standing.value} ({cause_of(found)})"


def _same_consequences(claim: Finding, found: Finding) -> bool:
    """Whether the same breaks; whether that is waived is the reporter's choice."""
    told = [isinstance(item.failure, ToldFailure) for item in claim.consequences]
    if not any(told):
        return _consequences(claim) == _consequences(found)
    # An earlier version had what fails, and whose pin it is, in words alone.
    nothing = ToldFailure("", "")
    claimed, here = (
        [replace(item, failure=nothing, pinned_by=item.side) for item in _consequences(each)]
        for each in (claim, found)
    )
    return claimed == here


def _consequences(finding: Finding) -> list[Consequence]:
    plain = [replace(item, waived=False) for item in finding.consequences]
    return sorted(plain, key=lambda item: (item.path, item.side.value, item.pinned, item.actual))
