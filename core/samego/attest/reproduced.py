"""Whether independent builders gave the same file: SLSA_BUILD_REPRODUCED.

slsa-framework/slsa, spec/verified-properties.md: the property is only for what has provenance from
two or more independently operated build platforms that the issuer trusts. Who is independent, the
verifier's policy says (samego.quorum). One voice is one operator, one build and one builder: what
shares any of these with another voice is not a second one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import load_der_public_key
from securesystemslib.signer import SSlibKey

from samego.attest import bundle, envelope
from samego.attest.in_toto import OWN, PROVENANCE, StatedFile
from samego.attest.judgement import PASSED, Judgement
from samego.attest.reading import fails, kind_of, read
from samego.attest.rebuilt_judgements import posted_at
from samego.errors import VerificationError
from samego.quorum.policy import QuorumPolicy
from samego.report import strict_json
from samego.system.terminal import visible

LEVEL = "SLSA_BUILD_REPRODUCED"
#: SLSA wants two, however few a policy is content with.
_FEWEST = 2
_POLICY = f"{OWN}/policies/reproduced@v1"
#: How many reasons are named.
_SHOWN = 4
#: So many sets of independent voices are looked at: more than any policy's operators make.
_MOST_GROUPS = 1 << 14


@dataclass(frozen=True, slots=True)
class BuiltBy:
    """One build of one file, as an operator of the policy states it.

    ``build`` and ``builder`` are the statement's names for the invocation and the platform;
    ``envelope`` is the sha256 of the line that it stands in.
    """

    name: str
    sha256: str
    operator: str
    build: str
    builder: str
    envelope: str


@dataclass(frozen=True, slots=True)
class StatedBuilds:
    """All builds that signed results state, and why the other results do not count.

    ``denied`` are the operators, each with the sha256 of a file that it states not to pass.
    """

    builds: tuple[BuiltBy, ...]
    left_out: tuple[str, ...]
    denied: tuple[tuple[str, str], ...] = ()


def gather(paths: Iterable[Path], policy: QuorumPolicy) -> StatedBuilds:
    """The builds in envelopes and bundles, by keys of the policy.

    Raises InputError for a file that cannot be read.
    """
    keys = {key: SSlibKey.from_crypto(load_der_public_key(key.der)) for key in _keys(policy)}
    operators = {sslib.keyid: policy.operator_of(key) for key, sslib in keys.items()}
    builds: dict[BuiltBy, None] = {}
    left_out, denied = [], []
    for path in paths:
        for number, line in bundle.lines(path):
            where = f"{visible(path.name)}, line {number}" if number > 1 else visible(path.name)
            try:
                found = _read(line, tuple(keys.values()), operators, where)
            except VerificationError as error:
                left_out.append(error.message)
                denied += _denials(line, tuple(keys.values()), operators)
            else:
                builds.update(dict.fromkeys(found))
    return StatedBuilds(tuple(builds), tuple(left_out), tuple(denied))


def judge(
    file: StatedFile, evidence: StatedBuilds, policy: QuorumPolicy, policy_data: bytes, version: str
) -> Judgement:
    """The judgement on a file that independent builders gave.

    ``policy_data`` is the policy as it lies in its file. Raises VerificationError, which names the
    two sides, where operators contradict each other, and where too few are independent.
    """
    sha256 = file.digest["sha256"]
    agreeing = [each for each in evidence.builds if each.sha256 == sha256]
    names = {each.name for each in agreeing} | {file.name}
    for other in evidence.builds:
        if other.name in names and other.sha256 != sha256:
            raise _contradiction(other, agreeing, sha256)
    for operator, denied in evidence.denied:
        if denied == sha256:
            raise VerificationError(
                f"{visible(operator)} has signed that {visible(file.name)} does not pass",
                hint="ask why, and give that result no longer if it is not about how it was built",
            )
    needed = max(_FEWEST, policy.threshold)
    # Under which name the file is had, one operator alone does not say either.
    named, voices = _of_one_name(agreeing)
    if len(voices) < needed:
        raise _too_few(file, voices, agreeing, evidence, needed)
    name = voices[0].name
    return Judgement(
        files=(StatedFile(name, {"sha256": sha256}),),
        passed=True,
        properties=(PASSED, LEVEL),
        policy={
            "uri": _POLICY,
            "digest": {"sha256": hashlib.sha256(policy_data).hexdigest()},
            "annotations": {"operators": sorted(each.operator for each in voices)},
        },
        resource=posted_at(name),
        version=version,
        evidence=tuple(StatedFile(each.operator, {"sha256": each.envelope}) for each in named),
    )


def _keys(policy: QuorumPolicy) -> list[Any]:
    return [key for rebuilder in policy.rebuilders for key in rebuilder.keys]


def _read(
    line: bytes, keys: Sequence[SSlibKey], operators: Mapping[str, str], where: str
) -> list[BuiltBy]:
    """The builds that one envelope states. Raises VerificationError where it does not count."""
    sealed = envelope.parse(line, name=where)
    signed = {operators[key.keyid] for key in envelope.signed_by(sealed, keys)}
    if not signed:
        raise _not_counted(where, "none of the policy's keys has signed it, or it was changed")
    if len(signed) > 1:
        both = " and ".join(visible(each) for each in sorted(signed))
        raise _not_counted(where, f"{both} have signed it: whose build it is cannot be told")
    if kind_of(sealed.payload) != PROVENANCE:
        raise _not_counted(where, "it is no provenance of a build")
    try:
        stated = read(sealed.payload)
    except VerificationError as error:
        raise _not_counted(where, error.message) from error
    run = strict_json.parse(sealed.payload)["predicate"]["runDetails"]
    metadata = run.get("metadata")
    build = metadata.get("invocationId") if isinstance(metadata, dict) else None
    (operator,) = signed
    return [
        BuiltBy(
            name=name,
            sha256=sha256,
            operator=operator,
            build=build if isinstance(build, str) else hashlib.sha256(sealed.payload).hexdigest(),
            builder=stated.by,
            envelope=hashlib.sha256(line).hexdigest(),
        )
        for sha256, name in stated.subjects.items()
    ]


def _denials(
    line: bytes, keys: Sequence[SSlibKey], operators: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Who states in an envelope that a file does not pass, and its sha256."""
    try:
        sealed = envelope.parse(line, name="it")
        signed = {operators[key.keyid] for key in envelope.signed_by(sealed, keys)}
        stated = read(sealed.payload) if signed else None
    except VerificationError:
        return []
    if stated is None or not fails(stated):
        return []
    return [(operator, sha256) for operator in sorted(signed) for sha256 in stated.subjects]


def _of_one_name(builds: Sequence[BuiltBy]) -> tuple[list[BuiltBy], tuple[BuiltBy, ...]]:
    """The builds that give the file one name, and the voices of it: of the name that has most."""
    found: list[BuiltBy] = []
    best: tuple[BuiltBy, ...] = ()
    for name in sorted({each.name for each in builds}):
        named = [each for each in builds if each.name == name]
        voices = _independent(named)
        if len(voices) > len(best):
            found, best = named, voices
    return found, best


def _independent(builds: Sequence[BuiltBy]) -> tuple[BuiltBy, ...]:
    """The most builds of which no two share an operator, a build or a builder."""
    voices: dict[tuple[str, str, str], BuiltBy] = {}
    for each in builds:
        voices.setdefault((each.operator, each.build, each.builder), each)
    best: tuple[BuiltBy, ...] = ()
    groups: list[tuple[BuiltBy, ...]] = [()]
    for each in voices.values():
        for group in tuple(groups):
            if all(_apart(each, other) for other in group):
                groups.append((*group, each))
                best = max(best, groups[-1], key=len)
        if len(groups) > _MOST_GROUPS:
            break
    return best


def _apart(one: BuiltBy, other: BuiltBy) -> bool:
    return (
        one.operator != other.operator and one.build != other.build and one.builder != other.builder
    )


def _contradiction(other: BuiltBy, agreeing: Sequence[BuiltBy], sha256: str) -> VerificationError:
    if agreeing:
        first = agreeing[0]
        what = f"{visible(first.operator)} built it with sha256 {sha256}"
    else:
        what = f"the file at hand has sha256 {sha256}"
    return VerificationError(
        f"the results contradict each other on {visible(other.name)}: {visible(other.operator)}"
        f" built it with sha256 {other.sha256}, {what}",
        hint="ask both operators what they built: one of them, or the file, is not what it should"
        " be",
    )


def _too_few(
    file: StatedFile,
    voices: Sequence[BuiltBy],
    agreeing: Sequence[BuiltBy],
    evidence: StatedBuilds,
    needed: int,
) -> VerificationError:
    reasons = list(dict.fromkeys([*_shared(agreeing), *evidence.left_out]))
    more = f" and {len(reasons) - _SHOWN} more" if len(reasons) > _SHOWN else ""
    why = f" ({'; '.join(reasons[:_SHOWN])}{more})" if reasons else ""
    who = ", ".join(visible(each.operator) for each in voices) or "nobody"
    return VerificationError(
        f"{visible(file.name)} does not earn {LEVEL}: {needed} independent operators must have"
        f" built it, and it was {who}{why}",
        hint="give results of other operators, and name them and their keys in the policy",
    )


def _shared(builds: Sequence[BuiltBy]) -> Iterable[str]:
    """Why builds that agree are not as many voices."""
    seen: list[BuiltBy] = []
    for each in builds:
        for other in seen:
            if each.operator == other.operator:
                yield f"{visible(each.operator)} counts once, however many keys sign"
            elif each.build == other.build:
                both = f"{visible(other.operator)} and {visible(each.operator)}"
                yield f"{both} state the same build"
            elif each.name != other.name:
                both = f"{visible(other.operator)} and {visible(each.operator)}"
                yield f"{both} give it two names, {visible(other.name)} and {visible(each.name)}"
            elif each.builder == other.builder:
                both = f"{visible(other.operator)} and {visible(each.operator)}"
                yield f"{both} name the same builder, {visible(each.builder)}"
        seen.append(each)


def _not_counted(where: str, why: str) -> VerificationError:
    return VerificationError(f"{where} does not count: {why}", hint="give another result")
