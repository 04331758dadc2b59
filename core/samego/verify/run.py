"""A second person's check: does what a report claims hold for these files?

From the report and the files alone, every proof is replayed (samego.verify.replay). The
rules are those of a check; the searching is not done again. What a claim needs and is not
available (a reference build, the distro's source package, a tool) is reported, and is no pass.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from samego.check.compose_report import declared
from samego.check.compose_report import tools_of as tools_of_findings
from samego.check.open_shipment import with_payload
from samego.check.published import machine_of, published
from samego.compare.engine import Comparison, Sides, compare
from samego.compare.reach import with_reach
from samego.config import Config
from samego.distro.given import names_given, view_given
from samego.distro.interface import Request, Shipment
from samego.errors import InputError
from samego.formats.archive.index import IndexCache
from samego.formats.archive.spool import Spool
from samego.model.inputs import Context
from samego.model.proof import Standing
from samego.model.report import Report, group_not_compared
from samego.model.waiver import Waiver
from samego.report.words import amount
from samego.rules.registry import default_rules
from samego.rules.replayed_source import replay_source
from samego.system.progress import Progress
from samego.system.stoppable import Stoppable
from samego.verify.chosen import chosen
from samego.verify.coverage import Taken, cover
from samego.verify.declared_inputs import as_reported
from samego.verify.inputs_given import (
    contradicted,
    installed_name,
    is_installed,
    open_package,
    other_subject,
    sort_files,
)
from samego.verify.open_sides import Opened, UpstreamInput, open_upstream
from samego.verify.reference import ReferenceMeans, hold_against_reference
from samego.verify.replay import (
    Broken,
    ClaimedRule,
    Unrepeated,
    differences,
)
from samego.verify.wanting import wanting


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """What to verify, with what. See ``samego verify --help``."""

    report: Report
    files: tuple[Path, ...]
    installed: bool = False
    source: Path | None = None
    rebuild: bool = False
    reference: Path | None = None
    required: str = Standing.EXPLAINED.value
    waive: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    config: Config = field(default_factory=Config)


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of it: how many differences were replayed, what does not hold, what is open.

    ``repeated`` are the report's keys that hold, ``taken`` those that are its own word
    (samego.verify.keys); with ``broken`` there may be none of either.
    """

    held: int
    broken: tuple[Broken, ...]
    unrepeated: tuple[Unrepeated, ...] = ()
    notes: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    taken: tuple[Taken, ...] = ()

    @property
    def exit_status(self) -> int:
        """0: what could be repeated holds. 1: a claim does not. 2: one that counts is open."""
        if self.broken:
            return 1
        return 2 if any(item.decides for item in self.unrepeated) else 0


def verify(options: VerifyOptions, progress: Progress) -> Verified:
    """Replay what a report claims of these files.

    Raises SamegoError for what cannot be read, fetched or verified.
    """
    report = options.report
    _refuse_other_kind(options)
    given = sort_files(options.files, report)
    strange = () if options.installed else contradicted(given, report)
    if strange:
        return Verified(0, strange)
    what = tuple(str(path) for path in given.what)
    listener = Stoppable(progress)
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="samego-")))
        request = Request(
            installed_name(report) if options.installed else what,
            work,
            options.config.cache_directory,
            offline=options.config.offline,
            installed=options.installed,
            source=options.source,
            release=report.subject.release,
            target=report.subject.target,
            say=listener.stage,
            options=options.config.plugins.get(report.subject.distro, {}),
        )
        shipment = stack.enter_context(open_package(request, report))
        broken = tuple(other_subject(shipment.subject, report.subject))
        if broken and options.installed:
            raise _others_installed("; ".join(item.why for item in broken))
        if broken:
            return Verified(0, broken)
        spool = stack.enter_context(contextlib.closing(Spool(work)))
        return _Replay(options, shipment, spool, listener).run(given.upstream)


def _refuse_other_kind(options: VerifyOptions) -> None:
    """Raise InputError where files are given for what was installed, or the other way round."""
    was_installed = is_installed(options.report)
    if options.installed and not was_installed:
        raise InputError(
            "the report is not on what was installed", hint="name its packages instead"
        )
    if was_installed and not options.installed:
        raise InputError(
            "the report is on packages as they were installed, and files do not stand for that",
            hint="on the machine that has them, run 'samego verify REPORT --installed'",
        )


def _others_installed(why: str) -> InputError:
    """Other files are no proof against a report: it speaks of those of its own machine."""
    return InputError(
        f"what is installed here is not what the report is on ({why})",
        hint="run it on the machine that the report is from, with the same packages",
    )


class _Replay:
    """One run: what its parts share."""

    def __init__(
        self, options: VerifyOptions, shipment: Shipment, spool: Spool, listener: Stoppable
    ) -> None:
        self._options = options
        self._report = options.report
        self._shipment = shipment
        self._spool = spool
        self._listener = listener
        self._inputs, self._packaging, self._missing = as_reported(shipment, options.report)

    def run(self, given: UpstreamInput) -> Verified:
        """Do everything."""
        report, shipment = self._report, self._shipment
        opened = open_upstream(
            report,
            shipment,
            given,
            self._options.config,
            self._spool,
            self._listener,
            build=self._options.rebuild,
        )
        if opened.broken:
            return Verified(0, opened.broken)
        if self._options.installed and report.subject.payload:
            here = with_payload(shipment.subject, opened.payload).payload
            if here != report.subject.payload:
                raise _others_installed("other files, owners or modes")
        view = view_given(shipment, opened.payload)
        self._listener.stage("replaying")
        context = Context(
            report.subject.release,
            report.subject.target,
            shipment.policy,
            self._inputs,
            view.tree,
            opened.tree,
        )
        context, _notes = replay_source(context)
        sides = Sides(
            opened.payload,
            view,
            opened.tree,
            opened.leaves_out,
            self._packaging,
            shipment.claims,
            shipment.self_description,
            names_given(shipment.subject),
            shipment.withheld,
        )
        with default_rules() as rules:
            claimed = ClaimedRule(report.findings, rules)
            comparison = compare(sides, context, (claimed,))
        findings, untold = hold_against_reference(
            report.findings,
            comparison.findings,
            context,
            ReferenceMeans(
                self._options.config,
                self._spool,
                self._listener,
                self._options.rebuild,
                self._options.reference,
            ),
        )
        index = IndexCache(self._options.config.cache_directory / "index")
        reached = with_reach(findings, context, index, opened.upstream.sha256)
        comparison = replace(comparison, findings=reached)
        return self._judged(comparison, untold, opened)

    def _judged(
        self, comparison: Comparison, unrepeated: tuple[Unrepeated, ...], opened: Opened
    ) -> Verified:
        report, notes = self._report, opened.notes
        same_words = report.version == version("samego") and not report.in_words
        unrepeated += tuple(wanting(report, comparison, self._missing, words=same_words))
        excused = {path for item in unrepeated for path in item.paths}
        broken = list(
            differences(report.findings, comparison.findings, excused=excused, words=same_words)
        )
        if comparison.identical != report.identical:
            count = amount(comparison.identical, "path")
            why = f"the report says {report.identical:,}"
            broken.append(Broken("", f"{count} are identical on both sides; {why}"))
        left = group_not_compared(e for e in comparison.not_compared if e.path not in excused)
        if left != tuple(sorted(report.not_compared)):
            broken.append(Broken("", "other paths could not be compared than the report says"))
        if not same_words:
            notes = (*notes, f"samego {report.version} wrote it: its words were not compared")
        if report.reproduction is not None:
            what = "whether a rebuild gives the packages, which is another question"
            unrepeated += (Unrepeated((), what, "the distro's rebuilder", decides=False),)
        options = self._options
        unrepeated += tuple(chosen(report, options.required, options.waive, options.waivers))
        coverage = cover(
            report,
            replace(self._found(comparison, opened), not_compared=left),
            words=same_words,
            excused=excused | {item.path for item in broken},
            unsettled=self._missing,
        )
        broken += [item for item in coverage.broken if item.path or not broken]
        held = sum(finding.path not in excused for finding in report.findings)
        return Verified(
            held, tuple(broken), unrepeated, tuple(notes), coverage.repeated, coverage.taken
        )

    def _found(self, comparison: Comparison, opened: Opened) -> Report:
        """The report that was made here."""
        shipment, inputs = self._shipment, self._inputs
        stated = _mapping(self._report.inputs.get("origins"))
        origins = {k: v for k, v in shipment.inputs.origins.items() if k in stated}
        found = Report(
            subject=with_payload(shipment.subject, opened.payload),
            upstream=opened.upstream,
            findings=comparison.findings,
            identical=comparison.identical,
            not_compared=group_not_compared(comparison.not_compared),
            required=self._report.required,
            inputs=declared(replace(inputs, origins=origins)),
            notes=(*shipment.notes, *opened.notes),
            tools=tools_of_findings(comparison.findings),
        )
        return published(found, machine_of(self._options.config))


def _mapping(value: object) -> Mapping[object, object]:
    return value if isinstance(value, Mapping) else {}
