"""What is known of the same bytes: the sum of all runs on them.

A run says of each path how well it is accounted for, and it had inputs: a source package, builds
of its own. What it says stays true, whatever a later run lacks:

* A proof stays. That a later run calls the path unproven says only what that run lacked.
* Better evidence replaces worse. What is equivalent stands on the bytes alone. What is explained,
  or merely no accusation any more, replaces an accusation only where the run had all that the
  accuser had.
* An accusation (unexplained) takes a proof away only where the run had all that the proof rests
  on: the same source package for what is explained, a build for what a build proved. Then two
  reports contradict each other, and the worse one counts until a run with no less says otherwise.
* A path without a word is the same on both sides, for a run that compared it.

An older samego may not look at all that a newer one judges: where it says nothing, it knows
nothing, and it takes away no proof of a newer one's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from samego.compare.verdict import effective
from samego.model.proof import Standing, worst
from samego.model.release import Release
from samego.monitor.history.evidence import Evidence, Word
from samego.monitor.history.record import Run
from samego.report.reasons import ReasonKind, phrase, reasons_of
from samego.report.words import amount
from samego.system.terminal import visible

#: What a rebuild of the packages decides; anything else says that it could not.
_DECIDED = ("same", "different")


@dataclass(frozen=True, slots=True)
class KnownWord:
    """The best word on a path, the run that said it, and what that run had."""

    word: Word
    run: str
    evidence: Evidence


class Known:
    """What is known of the same bytes. Runs are taken in the order of time."""

    def __init__(self) -> None:
        self._held: dict[str, KnownWord] = {}
        self._taken: list[tuple[Run, Evidence]] = []
        self._breaking: dict[str, Evidence] = {}
        self._reproduction = ""
        self._reproduced = ""

    def take(self, run: Run, evidence: Evidence) -> Run:
        """Add what a run says; the run with what is known after it."""
        for path, word in evidence.words.items():
            held = self._held.get(path)
            if held is None:
                if any(_looked_and_saw_nothing(path, word, evidence, e) for _, e in self._taken):
                    continue
            elif not replaces(word, evidence, held):
                continue
            self._held[path] = KnownWord(word, run.digest, evidence)
        for path in [path for path in self._held if path not in evidence.words]:
            if evidence.looked_at(path) and had_all(None, evidence, self._held[path]):
                del self._held[path]
        self._note_breaking(evidence)
        if run.reproduction and (run.reproduction in _DECIDED or not self._reproduction):
            self._reproduction, self._reproduced = run.reproduction, run.digest
        self._taken.append((run, evidence))
        return self._as_of(run, evidence)

    def _note_breaking(self, evidence: Evidence) -> None:
        """The bytes alone decide what breaks; a waiver is no knowledge about them."""
        for path, noted in list(self._breaking.items()):
            silent = path in evidence.waived or evidence.is_of_older(noted.samego)
            if path not in evidence.breaking and not silent:
                del self._breaking[path]
        self._breaking.update(dict.fromkeys(evidence.breaking, evidence))

    def _as_of(self, run: Run, evidence: Evidence) -> Run:
        findings = [held.word.finding() for held in self._held.values()]
        # A file without a published checksum proves explained at best.
        cap = [] if any(e.confirmed for _, e in self._taken) else [Standing.EXPLAINED]
        verdict = worst([*cap, *(finding.standing for finding in findings)])
        standings = effective(findings)
        breaking = tuple(sorted(self._breaking))
        shown = self._shown(verdict)
        identical, not_compared = self._counted()
        open_ = {path for path, held in self._held.items() if not held.word.standing.passes}
        # A waiver is nobody's knowledge: it counts for the run that had it, and never for what is
        # known to break.
        passes = not (open_ - evidence.excused) and not breaking
        why = reasons_of(
            findings,
            standings,
            identical=identical,
            not_compared=not_compared if passes else 0,
            broken=len(breaking),
            reproducible=Release.parse(run.release).reproducible,
        )
        alone = shown.verdict is verdict and set(shown.breaking) == set(breaking)
        proofs = () if alone else tuple(sorted({held.run for held in self._held.values()}))
        found = replace(
            run,
            verdict=verdict,
            passes=passes,
            breaking=breaking,
            latent=tuple(sorted(evidence.latent - self._breaking.keys())),
            counts=_counts(standings, identical, not_compared),
            reproduction=self._reproduction,
            reasons=(*(each for each in run.reasons if each.kind is ReasonKind.WAIVED), *why),
            shown=shown.digest,
            reproduced=self._reproduced,
            proofs=proofs,
        )
        alone = alone and shown.waived == run.waived
        return replace(found, headline=shown.headline if alone else _headline(found))

    def _shown(self, verdict: Standing) -> Run:
        """The run whose report says most nearly what is known; of several, the newest."""

        def distance(number: int) -> tuple[object, ...]:
            run, evidence = self._taken[number]
            standings = {path: held.word.standing for path, held in self._held.items()}
            said = {path: word.standing for path, word in evidence.words.items()}
            other = sum(
                said.get(path) is not standings.get(path) for path in said.keys() | standings.keys()
            )
            breaks = evidence.breaking != self._breaking.keys()
            return run.verdict is not verdict, breaks, other, -number

        return self._taken[min(range(len(self._taken)), key=distance)][0]

    def _counted(self) -> tuple[int, int]:
        """How many paths are identical, and how many no run compared."""
        widest = min((e for _, e in reversed(self._taken)), key=lambda e: e.not_compared)
        differing = _differing(widest.words.values()) - _differing(
            held.word for held in self._held.values()
        )
        return widest.identical + differing, widest.not_compared


def replaces(word: Word, evidence: Evidence, held: KnownWord) -> bool:
    """Whether a later word on a path counts instead of the one that is held."""
    before = held.word.standing
    if word.standing.rank < before.rank:
        on_its_own = word.standing.rank <= Standing.EQUIVALENT.rank
        return on_its_own or before is not Standing.UNEXPLAINED or had_all(word, evidence, held)
    if word.standing.rank > before.rank and word.standing is not Standing.UNEXPLAINED:
        return False
    return had_all(word, evidence, held)


def had_all(word: Word | None, evidence: Evidence, held: KnownWord) -> bool:
    """Whether a run had all that the held word rests on; it says ``word``, None: no difference."""
    if evidence.is_of_older(held.evidence.samego):
        return False
    if held.word.rebuilt and not (evidence.rebuilt if word is None else word.rebuilt):
        return False
    if held.word.standing.rank <= Standing.EQUIVALENT.rank:
        return True
    return held.evidence.source in ("", evidence.source)


def accuses(one: Evidence, other: Evidence) -> bool:
    """Whether a run finds unexplained what another proved with no more inputs."""
    for path, word in one.words.items():
        if word.standing is not Standing.UNEXPLAINED or not other.looked_at(path):
            continue
        theirs = other.words.get(path)
        if theirs is None:
            if not other.is_of_older(one.samego) and other.source in ("", one.source):
                return True
        elif theirs.standing.passes and had_all(word, one, KnownWord(theirs, "", other)):
            return True
    return False


def settles(later: Evidence, earlier: Evidence) -> bool:
    """Whether a later run answers every accusation of an earlier one, and says nothing worse."""
    for path, word in earlier.words.items():
        if word.standing is Standing.UNEXPLAINED:
            held = KnownWord(word, "", earlier)
            answer = later.words.get(path)
            if answer is None:
                if not (later.looked_at(path) and had_all(None, later, held)):
                    return False
            elif not replaces(answer, later, held):
                return False
    return not accuses(later, earlier)


def _looked_and_saw_nothing(path: str, word: Word, evidence: Evidence, earlier: Evidence) -> bool:
    """Whether an earlier run found no difference here, with all that this one had or more."""
    if earlier.samego != evidence.samego or path in earlier.words or not earlier.looked_at(path):
        return False
    return word.standing is not Standing.UNEXPLAINED or earlier.source not in ("", evidence.source)


def _differing(words: Iterable[Word]) -> int:
    return sum(word.standing is not Standing.IDENTICAL for word in words)


def _counts(standings: Mapping[str, Standing], identical: int, not_compared: int) -> dict[str, int]:
    """As a report counts (samego.report.summary)."""
    found = Counter(standing.value for standing in standings.values())
    counted = {standing.value: found[standing.value] for standing in Standing}
    return {**counted, Standing.IDENTICAL.value: identical, "not_compared": not_compared}


def _headline(run: Run) -> str:
    """The verdict in one line, where no single report says it."""
    why = "; ".join(phrase(each) for each in run.reasons if each.kind is not ReasonKind.WAIVED)
    name = f"{run.package} {run.version} {run.architecture}"
    together = f"put together from {amount(len(run.proofs), 'report')}" if run.proofs else ""
    return visible(
        f"{name} against {run.release} {run.target}: {run.verdict.value}, {run.outcome} ({why}),"
        f" {together}".rstrip(", ")
    )
