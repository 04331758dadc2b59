"""The part of a report that says what a rebuild gave: as JSON, and in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from samego.model import value
from samego.model.proof import Standing, Tool
from samego.model.reproduction import (
    Artifact,
    Holder,
    Match,
    MemberDifference,
    Obstacle,
    Outcome,
    Reproduction,
    count,
)
from samego.report.words import amount, hanging
from samego.system.terminal import visible, visible_lines
from samego.words import causes, places

_WORDS = {
    Outcome.SAME: "same",
    Outcome.DIFFERENT: "different",
    Outcome.INCOMPLETE: "could not decide",
    Outcome.FAILED: "failed to build",
    Outcome.NOT_RUN: "could not run",
}
_MATCHES = {
    Match.SAME: "the same",
    Match.DIFFERENT: "differs",
    Match.MISSING: "is missing: the rebuild has no such file",
    Match.ADDED: "is added: only the rebuild has it",
    Match.ABSENT: "is recorded by the rebuild, but is not there",
    Match.ALTERED: "is there, but is not what the rebuild recorded",
}
#: How many members of one package, lines of a place, and lines of a log are shown.
_MEMBERS = 6
_LINES = 6
_LOG = 12


def to_object(reproduction: Reproduction) -> dict[str, object]:
    """The JSON object that the schema describes."""
    tool = reproduction.tool
    return {
        "outcome": reproduction.outcome.value,
        "tool": {"name": tool.name, "version": tool.version} if tool else None,
        "command": list(reproduction.command),
        "directory": reproduction.directory,
        "cause": reproduction.obstacle.value,
        "reason": reproduction.reason,
        "artifacts": [_artifact(artifact) for artifact in reproduction.artifacts],
        "log": list(reproduction.log),
    }


def from_object(data: dict[str, Any]) -> Reproduction:
    """The values back from what the schema allows.

    Raises ValueError where it says neither what was compared nor why nothing was.
    """
    if bool(data["artifacts"]) == bool(data["cause"]):
        raise ValueError("a reproduction has artifacts or a cause, and not both")
    artifacts = tuple(_from_artifact(artifact) for artifact in data["artifacts"])
    if len({artifact.name for artifact in artifacts}) != len(artifacts):
        raise ValueError("a reproduction has a file twice")
    for artifact in artifacts:
        _check(artifact)
    return Reproduction(
        tool=Tool(**data["tool"]) if data["tool"] else None,
        artifacts=artifacts,
        obstacle=Obstacle(data["cause"]),
        reason=data["reason"],
        command=tuple(data["command"]),
        log=tuple(data["log"]),
        directory=data["directory"],
    )


def sentence(reproduction: Reproduction) -> tuple[str, str, str]:
    """The answer in one line, in three parts: before, the outcome's words, and after them."""
    outcome = reproduction.outcome
    tool = reproduction.tool
    by = f" by {visible(f'{tool.name} {tool.version}'.strip())}" if tool else ""
    return f"Rebuilt{by}: ", _WORDS[outcome], f" ({visible(_reason(reproduction))})"


def headline(reproduction: Reproduction) -> str:
    """The answer in one line."""
    return "".join(sentence(reproduction))


def where_rebuilt(difference: MemberDifference) -> str:
    """Where a member differs from the rebuilt one: phrases, or lines."""
    return places.phrase(difference.where, "the rebuilt file")


def lines(reproduction: Reproduction, *, verbose: bool = False) -> Iterator[str]:
    """What is behind the answer: the files and members that differ, or the log's end."""
    for artifact in reproduction.artifacts:
        if artifact.match is not Match.SAME:
            yield from _describe(artifact, verbose=verbose)
    shown = reproduction.log if verbose else reproduction.log[-_LOG:]
    if shown:
        yield "  The end of the log:"
        yield from (f"    | {visible(line)}".rstrip() for line in shown)
    if reproduction.directory:
        yield from hanging("  ", f"Its files and its log are in {visible(reproduction.directory)}")


def _reason(reproduction: Reproduction) -> str:
    artifacts = reproduction.artifacts
    number = len(artifacts)
    if reproduction.outcome is Outcome.SAME:
        return f"{amount(number, 'file')}, bit for bit"
    if not artifacts:
        return reproduction.reason
    parts = [
        f"{amount(found, 'file')} {word}"
        for match, word in _SHORT.items()
        if (found := count(artifacts, match))
    ]
    return f"of {amount(number, 'file')}: {', '.join(parts)}"


_SHORT = {
    Match.DIFFERENT: "different",
    Match.MISSING: "missing",
    Match.ADDED: "added",
    Match.ABSENT: "recorded but not there",
    Match.ALTERED: "not as recorded",
    Match.SAME: "the same",
}


def _describe(artifact: Artifact, *, verbose: bool) -> Iterator[str]:
    text = _MATCHES[artifact.match]
    if artifact.match is Match.DIFFERENT and not artifact.compared:
        text += "; the shipped file is missing, so members were not compared"
    elif artifact.compared:
        named = sum(bool(difference.path) for difference in artifact.differences)
        text += f" in {amount(named, 'member')}, {artifact.identical:,} are identical"
    yield from hanging("  ", f"{visible(artifact.name)} {text}", "      ")
    shown = artifact.differences if verbose else artifact.differences[:_MEMBERS]
    for difference in shown:
        yield from _difference(difference)
    rest = len(artifact.differences) - len(shown)
    if rest > 0:
        yield f"      ... and {rest:,} more (--verbose shows all)"


def _difference(difference: MemberDifference) -> Iterator[str]:
    name = f"{visible(difference.path)} " if difference.path else ""
    about = f"({visible(difference.kind)}, {difference.standing.value})"
    yield from hanging(
        "      ", f"{name}{about}: {visible(causes.phrase(difference.causes))}", " " * 10
    )
    where = visible_lines(where_rebuilt(difference))
    if len(where) == 1:
        yield from hanging(" " * 10, where[0])
    else:
        yield from (f"{' ' * 10}{line}".rstrip() for line in where[:_LINES])


def _artifact(artifact: Artifact) -> dict[str, object]:
    return {
        "name": artifact.name,
        "match": artifact.match.value,
        "shipped": artifact.shipped,
        "rebuilt": artifact.rebuilt,
        "standing": artifact.standing.value,
        "compared": artifact.compared,
        "identical": artifact.identical,
        "differences": [
            {
                "path": difference.path,
                "holder": difference.holder.value,
                "kind": difference.kind,
                "standing": difference.standing.value,
                "cause": causes.phrase(difference.causes),
                "causes": [value.to_object(cause) for cause in difference.causes],
                "where": where_rebuilt(difference),
                "places": [value.to_object(place) for place in difference.where],
            }
            for difference in artifact.differences
        ],
    }


def _check(artifact: Artifact) -> None:
    """Refuse digests and members that say something else than the match."""
    same = artifact.shipped == artifact.rebuilt
    allowed = {
        (True, True): (Match.SAME, Match.DIFFERENT, Match.ABSENT, Match.ALTERED),
        (True, False): (Match.MISSING,),
        (False, True): (Match.ADDED,),
    }.get((bool(artifact.shipped), bool(artifact.rebuilt)), ())
    if artifact.match not in allowed:
        raise ValueError(f"{artifact.name} has digests that do not fit {artifact.match.value}")
    if (artifact.match is Match.SAME and not same) or (artifact.match is Match.DIFFERENT and same):
        raise ValueError(f"{artifact.name} is {artifact.match.value}, and its digests are not")
    if artifact.compared != bool(artifact.differences) or (
        artifact.compared and artifact.match is not Match.DIFFERENT
    ):
        raise ValueError(f"{artifact.name} differs in no member, or in members without differing")


def _from_artifact(data: dict[str, Any]) -> Artifact:
    return Artifact(
        data["name"],
        Match(data["match"]),
        data["shipped"],
        data["rebuilt"],
        compared=data["compared"],
        identical=data["identical"],
        differences=tuple(
            MemberDifference(
                item["path"],
                Holder(item["holder"]),
                item["kind"],
                Standing(item["standing"]),
                tuple(value.from_object(value.Cause, each) for each in item["causes"]),
                tuple(value.from_object(value.Place, each) for each in item["places"]),
            )
            for item in data["differences"]
        ),
    )
