"""Where the source of releases came from: a page for each source that was looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from samego.errors import ReportError
from samego.monitor.history.order import natural
from samego.monitor.history.record import SourceRun
from samego.monitor.history.source import newest_of_each_source, source_runs
from samego.monitor.history.store import History
from samego.monitor.site import places
from samego.monitor.site.words import RunStatus
from samego.report.load_source import parse_source

_UNREAD = RunStatus("cannot be read", "·", "none", 2)
_STATUSES = {
    "as_stated": RunStatus("as stated", "✓", "reproduced", 0),
    "undecided": RunStatus("undecided", "·", "unproven", 3),
    "differs": RunStatus("differs", "✗", "unexplained", 4),
}
_PACKINGS = {
    "posted": "upstream's file, byte for byte",
    "same_files": "another packing of upstream's files",
    "differs": "not upstream's files",
    "undecided": "not known to be upstream's",
}
_UNCHECKED = {
    "not_served": "nobody who was asked gives it",
    "unreached": "not all could be asked",
    "other_zip": "the log has no record of it, and the proxy's zip is not go.sum's",
    "no_hash": "neither the log nor go.sum states its hash",
}


@dataclass(frozen=True, slots=True)
class ModuleRow:
    """A vendored module. ``rests_on`` is empty where it was not checked, and ``why`` says why."""

    directory: str
    name: str
    version: str
    files: int
    identical: int
    rests_on: str
    why: str


@dataclass(frozen=True, slots=True)
class OpaqueRow:
    """A file that no one can read and that is more than test data."""

    path: str
    form: str
    use: str
    into: str
    origins: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TracedSource:
    """What the last run said of a source. ``differing`` are paths, each with how it differs."""

    release: str
    name: str
    page: str
    when: datetime
    digest: str
    sha256: str
    status: RunStatus
    packing: str = ""
    modules: tuple[ModuleRow, ...] = ()
    opaque: tuple[OpaqueRow, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    differing: tuple[tuple[str, str], ...] = ()
    git: str = ""

    @property
    def identical(self) -> int:
        """How many vendored files are their modules'."""
        return sum(module.identical for module in self.modules)

    @property
    def vendored(self) -> int:
        """How many vendored files there are."""
        return sum(module.files for module in self.modules)

    @property
    def number(self) -> int:
        """How many files no one can read."""
        return sum(number for _use, number in self.counts)


def traced_sources(history: History) -> tuple[TracedSource, ...]:
    """What was found last of each source, the newest release first.

    Raises HistoryError for a result that is missing or damaged.
    """
    runs = newest_of_each_source(source_runs(history))
    found = sorted(runs, key=lambda run: (natural(run.release), run.name), reverse=True)
    return tuple(_traced(run, history.report(run.digest)) for run in found)


def _traced(run: SourceRun, data: bytes) -> TracedSource:
    place = places.source(run.release, run.source)
    try:
        result = parse_source(data, name=f"the result {run.digest[:12]}")
    except ReportError:  # another samego's
        return TracedSource(run.release, run.name, place, run.when, run.digest, run.source, _UNREAD)
    uses = Counter(file["use"].replace("_", " ") for file in result["opaque"])
    git = result["git"]
    return TracedSource(
        run.release,
        run.name,
        place,
        run.when,
        run.digest,
        run.source,
        _STATUSES[result["verdict"]],
        _PACKINGS[result["packing"]["outcome"]],
        tuple(_modules(result)),
        tuple(_opaque(result)),
        tuple(sorted(uses.items())),
        tuple(_differing(result)),
        f"the tag {git['tag']}: {git['outcome'].replace('_', ' ')}" if git else "",
    )


def _modules(result: Mapping[str, Any]) -> Iterator[ModuleRow]:
    for directory in result["vendored"]:
        for module in directory["modules"]:
            yield ModuleRow(
                directory["path"],
                module["path"],
                module["version"],
                module["files"],
                module["identical"],
                module["rests_on"] or "",
                _UNCHECKED.get(module["not_checked_because"], ""),
            )


def _opaque(result: Mapping[str, Any]) -> Iterator[OpaqueRow]:
    for file in result["opaque"]:
        if file["use"] not in {"test_data", "no_build"}:
            words = (file["package"], file["constraint"])
            yield OpaqueRow(
                file["path"],
                file["form"],
                file["use"].replace("_", " "),
                "; ".join(word for word in words if word),
                tuple((each["path"], each["text"]) for each in file["origins"]),
            )


def _differing(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    git = result["git"]
    modules = [module for each in result["vendored"] for module in each["modules"]]
    for part in (result["packing"], *modules, *([git] if git else []), *result["generated"]):
        for each in part["differences"]:
            yield each["path"], each["what"]
    for directory in result["vendored"]:
        for each in directory["contradictions"]:
            yield each["about"], each["kind"].replace("_", " ")
    for file in result["opaque"]:
        if file["as_pinned"] is False:
            yield file["path"], f"not as {file['pinned_in']} states"
