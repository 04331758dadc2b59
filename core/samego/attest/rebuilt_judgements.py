"""What was decided by building: the judgements of ``samego rebuild`` and ``samego inputs``.

Each file of a result is judged by itself: it has a place of its own where it is had. The file is
upstream's, by the digests of what was posted. One that was not compared, that this way of
building may be at fault for, or that two bootstraps built differently is undecided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from samego.attest.in_toto import StatedFile, digest_set
from samego.attest.judgement import PASSED, Judgement, file_of, own_policy
from samego.rebuild.results import holds_toolchain

_REBUILT_POLICY = "policies/rebuilt@v1"
_INPUTS_POLICY = "policies/inputs@v1"
_REBUILT = {
    "reproduced": ("SAMEGO_REPRODUCED", "SAMEGO_EQUIVALENT"),
    "equivalent": ("SAMEGO_EQUIVALENT",),
}
#: What a statement was made from is called so in it.
REBUILD_RESULT, INPUTS_RESULT = "samego rebuild result", "samego inputs result"
_SAME_BYTES = "SAMEGO_SAME_BYTES"
_VERIFIED = "SAMEGO_UPSTREAM_VERIFIED"
#: Where upstream posts its archives, and the module proxy that Go asks by default has its modules.
_ARCHIVES = "https://go.dev/dl/"
_MODULES = "https://proxy.golang.org/golang.org/toolchain/@v/"
_MODULE = "v0.0.1-"


def of_rebuild(result: Mapping[str, Any], data: bytes) -> tuple[Judgement, ...]:
    """The judgements of a result (schema samego.rebuild/1), sorted by the file's name.

    ``data`` is the result in its file. Files that are undecided have none.
    """
    found = []
    for name, rows in sorted(_by_name(result).items()):
        outcome = _outcome(rows)
        if outcome is not None and (digest := _upstreams(rows[0][1])):
            verified = all(row["verified"] for _, row in rows)
            good = (PASSED, *_REBUILT[outcome]) if outcome in _REBUILT else ()
            found.append(
                Judgement(
                    files=(StatedFile(name, digest),),
                    passed=bool(good),
                    properties=(*good, *((_VERIFIED,) if verified else ())),
                    policy=own_policy(
                        _REBUILT_POLICY,
                        {"release": result["release"], "source": result["source"]["sha256"]},
                    ),
                    resource=posted_at(name),
                    version=result["samego"],
                    made_from=file_of(REBUILD_RESULT, data),
                )
            )
    return tuple(found)


def of_inputs(result: Mapping[str, Any], data: bytes) -> tuple[Judgement, ...]:
    """The same for a result of ``samego inputs`` (schema samego.inputs/1)."""
    return tuple(
        Judgement(
            files=(StatedFile(known, {"sha256": sha256}),),
            passed=target["verdict"] == "same_bytes",
            properties=(PASSED, _SAME_BYTES) if target["verdict"] == "same_bytes" else (),
            policy=own_policy(
                _INPUTS_POLICY,
                {
                    "release": result["release"],
                    "varied": [row["name"] for row in target["variations"] if row["seen"]],
                },
            ),
            resource=place,
            version=result["samego"],
            made_from=file_of(INPUTS_RESULT, data),
        )
        for target in result["targets"]
        if target["verdict"] != "undecided"
        for known, sha256, place in _plain_files(result, target)
    )


def posted_at(name: str) -> str:
    """Where upstream posts a file of this name."""
    return f"{_MODULES if name.startswith(_MODULE) else _ARCHIVES}{name}"


def _plain_files(
    result: Mapping[str, Any], target: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    """What the plain build gave: how it is called, its sha256, and where it is had."""
    for name, file in target["plain"]["files"].items():
        if program := result["program"]:
            yield f"{program} of {result['release']} {target['target']}", file["sha256"], ""
        elif holds_toolchain(name):
            yield name, file["sha256"], posted_at(name)


def _by_name(
    result: Mapping[str, Any],
) -> dict[str, list[tuple[Mapping[str, Any], Mapping[str, Any]]]]:
    """Each file that holds a toolchain, as each bootstrap gave it, beside its target."""
    found = defaultdict(list)
    for bootstrap in result["bootstraps"]:
        for target in bootstrap["targets"]:
            for file in target["files"]:
                if holds_toolchain(file["name"]):
                    found[file["name"]].append((target, file))
    return found


def _outcome(rows: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> str | None:
    """What all bootstraps say of a file; None where they do not, or where it is undecided."""
    outcomes = {file["outcome"] for _, file in rows}
    digests = {(file["sha256"], file["posted"]) for _, file in rows}
    if len(outcomes) > 1 or len(digests) > 1:
        return None
    (outcome,), ((built, posted),) = outcomes, digests
    if outcome == "reproduced" and not posted.startswith("h1:") and built != posted:
        return None  # the result was changed: it contradicts itself
    if outcome == "differs":
        return None if any(target.get("doubt") for target, _ in rows) else "differs"
    return outcome if outcome in _REBUILT else None


def _upstreams(file: Mapping[str, Any]) -> dict[str, str]:
    """The digests of upstream's file: of what was built only where that is the same."""
    same = file["sha256"] or "" if file["outcome"] == "reproduced" else ""
    return digest_set(same, file["posted"])
