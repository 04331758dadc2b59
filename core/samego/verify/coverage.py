"""Every key of a report, compared with the report made here: repeated, taken over, or wrong.

What samego.verify.replay judges path by path, with messages of its own, is a part of a
report. This is the rest, and the net below that part: both reports are laid side by side as
JSON, and wherever they are not the same, samego.verify.keys says what that means.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from samego.model.asked import is_written_by_check
from samego.model.causes.differences import FollowsWith, NotRebuilt, SourcesLacking
from samego.model.proof import Standing
from samego.model.report import Report
from samego.report.json import to_object
from samego.report.summary import Summary
from samego.rules import content_equal, reference_build
from samego.verify.keys import Key, kind_of, leaves, row_of, unequal
from samego.verify.replay import Broken

_FINDING = "findings[]"
#: How a command begins that check writes for what a rebuild would prove.
_WRITTEN = "samego check --rebuild "
#: Causes that a rebuild adds to what it could not decide.
_OF_A_REBUILD = (SourcesLacking.kind, NotRebuilt.kind, FollowsWith.kind)
#: A value that is quoted in a message is cut to this length.
_QUOTED = 60
#: Lists of which a report may have fewer items than the one made here: each item is independent.
_SUBSETS = (("notes",), ("upstream", "verified"), ("upstream", "source", "verified"))
#: Keys that an earlier version did not have, and the key above each.
_LATER = (("inputs", "source"), ("subject", "payload"), ("upstream", "log_proof"))


@dataclass(frozen=True, slots=True)
class Taken:
    """A key whose value is the report's word: of which paths, empty for the whole's."""

    key: str
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """What came of each key; ``repeated`` are those that hold, for all paths or for some."""

    repeated: tuple[str, ...] = ()
    taken: tuple[Taken, ...] = ()
    broken: tuple[Broken, ...] = ()


@dataclass
class _Ledger:
    words: bool
    repeated: set[str] = field(default_factory=set)
    taken: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    broken: list[Broken] = field(default_factory=list)

    def enter(self, path: str, claimed: Any, found: Any, key: str, *, phrases: bool) -> None:  # noqa: ANN401 - JSON
        """Enter every key of one object; ``phrases`` says whether its phrases can be repeated."""
        other: set[str] = set()
        for name, stated, here in unequal(claimed, found, key):
            other.add(name)
            kind = kind_of(name)
            if kind in (Key.DERIVED, Key.CHOSEN):
                continue
            # An earlier version did not say all that this one does: the schema says what must be.
            silent = stated is None or not (self.words and phrases)
            if kind is Key.TAKEN or (kind is Key.PHRASE and silent):
                if name == f"{_FINDING}.command" and not _may_be_written(
                    stated, rebuild=found["rebuild"] or "candidates" in found
                ):
                    self.broken.append(Broken(path, "its command is none that samego writes"))
                self.taken[row_of(name)].add(path)
            else:
                shown = name.removeprefix(f"{_FINDING}.")
                why = f"{shown} is {_short(stated)} in the report, and {_short(here)} here"
                self.broken.append(Broken(path, why))
        self.repeated |= {name for name in leaves(claimed, key) if not _below(name, other)}

    def settled(self) -> Coverage:
        """The outcome."""
        taken = [Taken(key, tuple(sorted(self.taken[key] - {""}))) for key in sorted(self.taken)]
        return Coverage(tuple(sorted(self.repeated)), tuple(taken), tuple(self.broken))


def cover(
    claimed: Report,
    found: Report,
    *,
    words: bool,
    excused: Collection[str] = (),
    unsettled: Collection[str] = (),
) -> Coverage:
    """Compare a report with the one that was made here.

    ``words`` says whether both are of the same version of samego. ``excused`` are paths that
    are reported otherwise already, ``unsettled`` the declared inputs that are.
    """
    ledger = _Ledger(words)
    mine, theirs = to_object(Summary(claimed)), to_object(Summary(found))
    by_path, here = (_by_path(data.pop("findings")) for data in (mine, theirs))
    if claimed.in_words:  # an earlier version did not work out what a difference reaches
        for finding in (each for found_here in here.values() for each in found_here):
            finding.pop("reach", None)
    for path in by_path.keys() & here.keys() - set(excused):
        if len(by_path[path]) != len(here[path]):
            continue  # reported already
        for one, other in zip(_ordered(by_path[path]), _ordered(here[path]), strict=True):
            ledger.enter(path, one, other, _FINDING, phrases=not _circumstantial(one))
    for data in (mine, theirs):
        data["inputs"] = {k: v for k, v in _object(data["inputs"]).items() if k not in unsettled}
        packages = _object(data["subject"])["packages"]
        packages.sort(key=lambda item: (item["sha256"], item["name"]))
    for above, key in _LATER:
        if key not in _object(mine[above]):
            _object(theirs[above]).pop(key, None)
    for place in _SUBSETS:
        _take_over(mine, theirs, place)
    ledger.enter("", mine, theirs, "", phrases=True)
    return ledger.settled()


def _below(name: str, others: Collection[str]) -> bool:
    return any(name == other or name.startswith((f"{other}.", f"{other}[]")) for other in others)


def _by_path(findings: Any) -> Mapping[str, list[dict[str, Any]]]:  # noqa: ANN401 - JSON
    result: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for finding in findings:
        finding["rests_on"] = sorted(finding["rests_on"])
        finding["consequences"] = _ordered(finding["consequences"])
        if finding["proof"]:
            finding["proof"]["rests_on"] = sorted(finding["proof"]["rests_on"])
        result[finding["path"]].append(finding)
    return result


def _ordered(items: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    """Objects whose order says nothing, in one order."""
    return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _take_over(mine: Mapping[str, Any], theirs: Mapping[str, Any], place: Sequence[str]) -> None:
    """Replace a list made here by the report's, where it has all of that one's items."""
    *above, last = place
    for name in above:
        mine, theirs = _object(mine.get(name)), _object(theirs.get(name))
    if last in mine and last in theirs and all(item in theirs[last] for item in mine[last]):
        _object(theirs)[last] = mine[last]


def _circumstantial(finding: Mapping[str, Any]) -> bool:
    """Whether a finding's phrases depend on the machine: which tools and builds it had."""
    if any(cause["kind"] in _OF_A_REBUILD for cause in finding["causes"]):
        return True
    if finding["rule"] == reference_build.NAME:
        return str(finding["standing"]) == Standing.UNEXPLAINED.value
    return str(finding["rule"]) == content_equal.NAME


def _may_be_written(stated: object, *, rebuild: bool) -> bool:
    """Whether a command is one that check writes for another way of calling it."""
    return rebuild and str(stated).startswith(_WRITTEN) and is_written_by_check(str(stated))


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True, sort_keys=True)
    return text if len(text) <= _QUOTED else f"{text[: _QUOTED - 3]}..."


def described(items: Iterable[Taken]) -> Iterator[str]:
    """The taken keys as a person reads them: with how many paths."""
    for item in items:
        yield f"{item.key} ({len(item.paths):,})" if item.paths else item.key
