"""The site as a whole: what belongs to it, what of it is stale, and writing that."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from samego.errors import HistoryError, SamegoError
from samego.monitor.history.record import Run
from samego.monitor.history.store import History
from samego.monitor.site import feed, output, pages, places, reports, trackers
from samego.monitor.site.output import Output
from samego.monitor.site.pages import Site
from samego.monitor.site.past import Past, read
from samego.monitor.site.words import status_of
from samego.report.html import Around
from samego.report.words import amount
from samego.system.progress import Progress
from samego.system.terminal import visible

#: Reports that are rendered before what was done is noted: a killed run goes on from there.
_BETWEEN = 1000
#: What pages are made with, beside the history.
_CODE = (
    "samego.monitor.site",
    "samego.monitor.site.templates",
    "samego.report",
    "samego.report.templates",
)
_TRACKERS = "samego.report.trackers"


@dataclass(frozen=True, slots=True)
class WrittenSite:
    """What came of it: files in all, those written, those removed."""

    files: int
    written: int
    removed: int


@dataclass(frozen=True, slots=True)
class _Item:
    """A file that is made here: the key of its data, and what makes its bytes."""

    key: str
    make: Callable[[], bytes]


def write_site(history: History, directory: Path, site: Site, progress: Progress) -> WrittenSite:
    """Bring the site in a directory up to what the history holds.

    Raises InputError for a directory that is not the site's, HistoryError where a report
    cannot be had: then all else is written.
    """
    progress.stage("reading the history")
    past = read(history)
    for line in trackers.left_out(past):
        progress.note(line)
    if not site.url:
        progress.note(
            f"no {places.FEED} is written: a feed needs to know where it is read"
            " (--url, or url in [site])"
        )
    items = _items(history, past, site)
    keys = {path: item.key for path, item in items.items()}
    for task in _tasks(history, past):
        keys.update(task.keys)
    with output.open_output(directory) as out:
        stale = out.stale(keys)
        out.begin(stale)
        tally = _Tally(out)
        tally.make({path: items[path] for path in stale if path in items})
        tally.bring(_tasks(history, past), set(stale), progress)
        removed = out.finish(keys)
    if tally.failed:
        raise HistoryError(
            f"{amount(len(tally.failed), 'file')} could not be made,"
            f" the first because {tally.failed[0]}",
            hint="all else is written: import those reports again",
        )
    return WrittenSite(len(keys), tally.written, removed)


class _Tally:
    """Writes files, counts them, and goes on where one cannot be made."""

    def __init__(self, out: Output) -> None:
        self.written = 0
        self.failed: list[str] = []
        self._out = out

    def make(self, items: Mapping[str, _Item]) -> None:
        """Write the files that are made here."""
        for path, item in items.items():
            try:
                data = item.make()
            except SamegoError as error:
                self.failed.append(str(error))
                continue
            before = self._out.sha256(path)
            self._note(path, item.key, output.write(self._out.directory, path, data, before))

    def bring(self, tasks: Iterable[reports.Task], stale: set[str], progress: Progress) -> None:
        """Write the reports' stale files."""
        number = len({places.digest(path) for path in stale} - {""})
        if number:
            progress.stage(f"writing {amount(number, 'report')}")
        wanted = (task for each in tasks if (task := each.only(stale, self._out.sha256)).keys)
        written = reports.write_all(self._out.directory, wanted, number)
        for count, done in enumerate(written, start=1):
            for path, digest in done.digests.items():
                self._note(path, done.task.keys[path], digest)
            if done.error:
                self.failed += [done.error] * (len(done.task.keys) - len(done.digests))
            progress.advance(count, number)
            if count % _BETWEEN == 0:
                self._out.checkpoint()

    def _note(self, path: str, key: str, digest: str) -> None:
        self.written += digest.startswith("+")
        self._out.note(path, key, digest.removeprefix("+"))


def _items(history: History, past: Past, site: Site) -> dict[str, _Item]:
    """All files but those of reports."""
    found: dict[str, _Item] = {}
    for file in trackers.tracker_files(past):
        make = functools.partial(_encoded, trackers.render, file, history.report)
        found[file.path] = _Item(_key(_stamp(), file), make)
    if past.rebuilds:
        digests = [rebuild.digest for rebuild in past.rebuilds]
        make = functools.partial(_encoded, trackers.render_gorebuild, past.rebuilds, history.report)
        found[trackers.GOREBUILD] = _Item(_key(_stamp(), digests), make)
    for page in pages.pages(past, site, sorted(found)):
        found[page.path] = _Item(
            _key(_stamp(), page), functools.partial(_encoded, pages.html, page)
        )
    if site.url:
        entries = feed.entries(past)
        make = functools.partial(feed.render, site.title, site.url, entries)
        found[places.FEED] = _Item(_key(_stamp(), site, entries), make)
    for path, data in _assets().items():
        found[path] = _Item(_key(data), functools.partial(bytes, data))
    return found


def _encoded(make: Callable[..., str], *arguments: object) -> bytes:
    return make(*arguments).encode("utf-8", "backslashreplace")


def _tasks(history: History, past: Past) -> Iterator[reports.Task]:
    """The files of every run and other result, made anew each time: there may be many."""
    for line in past.lines.values():
        for run, around in _around([run for group in line for run in group]):
            key = _key(_stamp(), run.digest, around)
            yield reports.task(history.directory, run.digest, around, key)
    for rebuild in past.rebuilds:
        yield reports.task(history.directory, rebuild.digest)
    for tried in past.tried:
        yield reports.task(history.directory, tried.digest)
    for source in past.sources:
        yield reports.task(history.directory, source.digest)


def _around(runs: Sequence[Run]) -> Iterator[tuple[Run, Around]]:
    """The runs of one line, oldest version first, with the links of each one's page."""
    for number, run in enumerate(runs):
        page = places.report(run.digest)
        up = places.up(page)
        near = []
        if number:
            near.append(("Before", *_link(runs[number - 1], up)))
        if number + 1 < len(runs):
            near.append(("After", *_link(runs[number + 1], up)))
        yield (
            run,
            Around(
                style=f"{up}{places.STYLE}",
                trail=(
                    ("Overview", f"{up}{places.INDEX}"),
                    (run.package, f"{up}{places.package(run.distro, run.package)}"),
                ),
                here=f"{run.version} {run.architecture}",
                when=run.when,
                data=f"{run.digest}.json",
                near=tuple(near),
            ),
        )


def _link(run: Run, up: str) -> tuple[str, str]:
    text = f"{run.version}, {status_of(run).word} ({run.when:%Y-%m-%d})"
    return visible(text), f"{up}{places.report(run.digest)}"


@functools.cache
def _assets() -> Mapping[str, bytes]:
    """The style sheet, which begins with that of reports, and the script."""
    own = files("samego.monitor.site.templates")
    style = files("samego.report.templates").joinpath("report.css").read_bytes()
    return {
        places.STYLE: style + own.joinpath(places.STYLE).read_bytes(),
        places.SCRIPT: own.joinpath(places.SCRIPT).read_bytes(),
    }


@functools.cache
def _stamp() -> str:
    """What changes whenever pages may look otherwise: samego's version, code and templates."""
    digest = hashlib.sha256(version("samego").encode())
    for package in (*_CODE, _TRACKERS):
        for item in sorted(files(package).iterdir(), key=lambda item: item.name):
            if item.is_file():
                digest.update(f"\n{package}/{item.name}\n".encode())
                digest.update(item.read_bytes())
    return digest.hexdigest()


def _key(*data: object) -> str:
    return hashlib.sha256(repr(data).encode("utf-8", "backslashreplace")).hexdigest()[:32]
