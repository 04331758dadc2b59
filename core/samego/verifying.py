"""A second person's check: does what a report claims hold for these files?

From the report and the files alone, every proof is replayed (:mod:`samego.replay`). The
rules are those of a check; the searching is not done again. What a claim needs and is not
at hand (a witness, the distro's source package, a tool) is told, and is no pass.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from samego import distro as plugins
from samego.compare.engine import Comparison, Sides, compare
from samego.compare.finding import Finding
from samego.config import Config
from samego.distro import Packaging, Request, Shipment, Subject
from samego.errors import InputError, ToolError
from samego.goroot.payload import goroot_view
from samego.goroot.spool import Spool
from samego.progress import Progress
from samego.reading import Stoppable
from samego.replay import USES, Broken, ClaimedRule, Unrepeated, differences, wanting
from samego.report.model import Report, group_not_compared
from samego.report.words import amount
from samego.rules import nondeterminism_stripped, patched_source
from samego.rules.base import Context, Inputs, Tool
from samego.rules.registry import default_rules
from samego.rules.replay import StripNondeterminism
from samego.unpackaged import open_unpackaged
from samego.upstream.identify import sha256_of
from samego.verifying_upstream import GivenUpstream, open_upstream
from samego.verifying_witness import Means, hold_witnessed

#: What a report calls the distro of something that no plugin claims.
_UNPACKAGED = "none"


@dataclass(frozen=True, slots=True)
class Options:
    """What to verify, with what. See ``samego verify --help``."""

    report: Report
    files: tuple[Path, ...]
    source: Path | None = None
    rebuild: bool = False
    witness: Path | None = None
    config: Config = field(default_factory=Config)


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of it: how many claims hold, which do not, which could not be repeated."""

    held: int
    broken: tuple[Broken, ...]
    unrepeated: tuple[Unrepeated, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def exit_status(self) -> int:
        """0: all holds. 1: a claim does not. 2: one that counts could not be repeated."""
        if self.broken:
            return 1
        return 2 if any(item.decides for item in self.unrepeated) else 0


def verify(options: Options, progress: Progress) -> Verified:
    """Replay what a report claims of these files.

    Raises SamegoError for what cannot be read, fetched or verified.
    """
    report = options.report
    given = _sort(options.files, report)
    contradicted = _contradicted(given, report)
    if contradicted:
        return Verified(0, contradicted)
    listener = Stoppable(progress)
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="samego-")))
        request = Request(
            tuple(str(path) for path in given.what),
            work,
            options.config.cache_directory,
            offline=options.config.offline,
            source=options.source,
            release=report.subject.release,
            target=report.subject.target,
            say=listener.stage,
            options=options.config.plugins.get(report.subject.distro, {}),
        )
        shipment = stack.enter_context(_open(request, report))
        broken = tuple(_other_subject(shipment.subject, report.subject))
        if broken:
            return Verified(0, broken)
        spool = stack.enter_context(contextlib.closing(Spool(work)))
        return _Replay(options, shipment, spool, listener).run(given.upstream)


@dataclass(frozen=True, slots=True)
class _Given:
    """The files by what they are: the package's, upstream's, and neither."""

    what: tuple[Path, ...]
    upstream: GivenUpstream
    others: tuple[Path, ...]
    missing: tuple[str, ...]


def _sort(files: Iterable[Path], report: Report) -> _Given:
    wanted = {package.sha256: package for package in report.subject.packages if package.sha256}
    posted = report.upstream.sha256
    archive = report.upstream.source.sha256 if report.upstream.source else ""
    what: list[Path] = []
    others: list[Path] = []
    upstream = GivenUpstream()
    left = dict(wanted)
    for path in files:
        if path.is_dir():
            what.append(path)
            continue
        digest = sha256_of(path)
        if digest in wanted:
            what.append(path)
            left.pop(digest, None)
        elif digest == posted:
            upstream = replace(upstream, posted=path)
        elif archive and digest == archive:
            upstream = replace(upstream, source=path)
        else:
            others.append(path)
    if not wanted and not what:
        what, others = others, []
    missing = [f"{item.name} {item.version} {item.architecture}".strip() for item in left.values()]
    return _Given(tuple(what), upstream, tuple(others), tuple(missing))


def _contradicted(given: _Given, report: Report) -> tuple[Broken, ...]:
    """What is given that the report does not speak of.

    Raises InputError where nothing contradicts the report and a package is not given.
    """
    strange = tuple(
        Broken("", f"{path.name} is no file of this report: it has sha256 {sha256_of(path)}")
        for path in given.others
    )
    if not strange and (given.missing or not given.what):
        names = ", ".join(given.missing) or "what was checked"
        raise InputError(
            f"{names} is not among the files",
            hint=f"give every package of the report on {report.subject.distro}'s"
            f" {report.subject.release}",
        )
    return strange


@contextlib.contextmanager
def _open(request: Request, report: Report) -> Iterator[Shipment]:
    """Open the package with the plugin that the report names."""
    name = report.subject.distro
    if name == _UNPACKAGED:
        with open_unpackaged(request) as unpackaged:
            yield unpackaged
        return
    found = [plugin for plugin in plugins.distros() if plugin.name == name]
    if not found:
        raise InputError(
            f"no plugin for the distro {name!r} is installed", hint="install its plugin"
        )
    with found[0].open(request) as shipment:
        yield shipment


def _other_subject(mine: Subject, claimed: Subject) -> Iterator[Broken]:
    """Where the files are not what the report says that it is about.

    The release and target are not compared: a check may hold a package against others.
    """

    def named(subject: Subject) -> list[tuple[str, ...]]:
        return sorted(
            # An unpackaged directory is called by its path, which may be another here.
            (
                "" if subject.distro == _UNPACKAGED else item.name,
                item.version,
                item.architecture,
                item.sha256,
            )
            for item in subject.packages
        )

    if named(mine) != named(claimed):
        yield Broken("", "the packages are not those that the report names")
    if mine.goroot != claimed.goroot:
        yield Broken("", f"GOROOT is {mine.goroot}, the report says {claimed.goroot}")


class _Replay:
    """One run: what its parts share."""

    def __init__(
        self, options: Options, shipment: Shipment, spool: Spool, listener: Stoppable
    ) -> None:
        self._options = options
        self._report = options.report
        self._shipment = shipment
        self._spool = spool
        self._listener = listener
        self._inputs, self._packaging, self._missing = as_reported(shipment, options.report)

    def run(self, given: GivenUpstream) -> Verified:
        """Do everything."""
        report, shipment = self._report, self._shipment
        opened = open_upstream(
            report, shipment, given, self._options.config, self._spool, self._listener
        )
        if opened.broken:
            return Verified(0, opened.broken)
        view = goroot_view(opened.payload, report.subject.goroot)
        self._listener.stage("replaying")
        context = Context(
            report.subject.release,
            report.subject.target,
            shipment.policy,
            self._inputs,
            view.tree,
            opened.tree,
        )
        sides = Sides(
            opened.payload,
            view,
            opened.tree,
            opened.leaves_out,
            self._packaging,
            shipment.claims,
        )
        with default_rules() as rules:
            claimed = ClaimedRule(report.findings, rules)
            comparison = compare(sides, context, (claimed,))
        findings, untold = hold_witnessed(
            report.findings,
            comparison.findings,
            context,
            Means(
                self._options.config,
                self._spool,
                self._listener,
                self._options.rebuild,
                self._options.witness,
            ),
        )
        comparison = replace(comparison, findings=findings)
        return self._judged(comparison, untold, opened.notes)

    def _judged(
        self, comparison: Comparison, unrepeated: tuple[Unrepeated, ...], notes: Sequence[str]
    ) -> Verified:
        report = self._report
        unrepeated += tuple(self._wanting(comparison))
        excused = {path for item in unrepeated for path in item.paths}
        same_words = report.version == version("samego")
        broken = list(
            differences(report.findings, comparison.findings, excused=excused, words=same_words)
        )
        if comparison.identical != report.identical:
            count = amount(comparison.identical, "path")
            why = f"the report says {report.identical:,}"
            broken.append(Broken("", f"{count} are identical on both sides; {why}"))
        left = group_not_compared(set(comparison.not_compared) - excused)
        if left != tuple(sorted(report.not_compared)):
            broken.append(Broken("", "other paths could not be compared than the report says"))
        if not same_words:
            notes = (*notes, f"samego {report.version} wrote it: its words were not compared")
        if report.reproduction is not None:
            what = "whether a rebuild gives the packages, which is another question"
            unrepeated += (Unrepeated((), what, "the distro's rebuilder", decides=False),)
        held = sum(finding.path not in excused for finding in report.findings)
        return Verified(held, tuple(broken), unrepeated, tuple(notes))

    def _wanting(self, comparison: Comparison) -> Iterator[Unrepeated]:
        """The claims that fall short here for want of an input or a tool."""
        found = {finding.path: finding for finding in comparison.findings}
        by_need: dict[tuple[str, str], list[str]] = {}
        for claim in self._report.findings:
            if not wanting(claim, found.get(claim.path)):
                continue
            need = self._need(claim, comparison.not_compared)
            if need is not None:
                by_need.setdefault(need, []).append(claim.path)
        for (what, needs), paths in by_need.items():
            yield Unrepeated(tuple(paths), what, needs)

    def _need(self, claim: Finding, not_compared: Sequence[str]) -> tuple[str, str] | None:
        source = "the distro's source package of this version: give it with --source"
        for name in self._missing:
            if claim.rule in USES[name]:
                return f"what rests on the build's declared {name}", source
        if self._missing and claim.path in not_compared:
            return "that they are the source package's own files", source
        if claim.proof is None or not claim.standing.passes:
            return None
        have = _tools_of(claim.rule)
        if have is not None and set(claim.proof.tools) - set(have):
            wanted = ", ".join(f"{tool.name} {tool.version}" for tool in claim.proof.tools)
            return f"what {claim.rule} replayed", f"{wanted}, as the report used"
        return None


def _tools_of(rule: str) -> tuple[Tool, ...] | None:
    """The tools that a rule runs, as they are here: none where missing, None for no tools."""
    try:
        if rule == patched_source.NAME:
            return (patched_source.patch_tool(),)
        if rule == nondeterminism_stripped.NAME:
            with contextlib.closing(StripNondeterminism()) as replayer:
                return replayer.tools()
    except ToolError:
        return ()
    return None


def as_reported(
    shipment: Shipment, report: Report
) -> tuple[Inputs, Packaging | None, tuple[str, ...]]:
    """The declared inputs as the files give them, as far as the report had them too.

    Returns the inputs, the packaging's own files, and the names of inputs that the report
    had and that are not, or not the same, here. Where an input is the same, the phrase that
    says where it was read is the report's: it may have been read from another file.
    """
    inputs = shipment.inputs
    origins = report.inputs.get("origins")
    phrases = {str(k): str(v) for k, v in origins.items()} if isinstance(origins, dict) else {}
    if "patches" not in phrases:
        # The check had no source package: one that is at hand here must not help.
        inputs = replace(inputs, settings={}, patches=())
    values: dict[str, object] = {
        "timestamp": inputs.timestamp,
        "settings": dict(inputs.settings),
        "patches": [patch.name for patch in inputs.patches],
    }
    missing = tuple(name for name, value in values.items() if report.inputs.get(name) != value)
    patches = tuple(
        replace(patch, origin=phrases.get("patches", patch.origin)) for patch in inputs.patches
    )
    packaging = shipment.packaging if "patches" in phrases else None
    if packaging is not None:
        packaging = replace(packaging, origin=phrases["patches"])
    return replace(inputs, patches=patches, origins=phrases), packaging, missing
