"""The main job: what a distro shipped against what upstream posted, as a report."""

from __future__ import annotations

import contextlib
import logging
import shlex
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path

from samego.check.compose_report import as_asked, compose_report
from samego.check.open_shipment import open_shipment, request_for, subject_of, with_payload
from samego.check.open_sides import Choice, OpenedUpstream, SharedUpstream, open_host, read_both
from samego.check.options import CheckOptions
from samego.check.other_releases import name_other_releases
from samego.check.undecided import Undecided, told_of
from samego.compare.engine import Comparison, Sides, compare
from samego.compare.reach import with_reach
from samego.distro.given import names_given, view_given
from samego.distro.interface import Shipment
from samego.distro.naming import fetching_of
from samego.errors import DiskFullError, InputError
from samego.formats.archive.index import IndexCache
from samego.formats.archive.spool import Spool
from samego.formats.tree.goroot import GorootView
from samego.model.finding import Finding, Side
from samego.model.inputs import Context
from samego.model.report import Report
from samego.model.subject import Subject
from samego.model.tree import Tree
from samego.rebuild.estimate import KEPT
from samego.reference.prove import Builder, needs_reference, prove_by_reference
from samego.reference.store import REFERENCE_DIRECTORY
from samego.rules.registry import default_rules
from samego.rules.replayed_source import replay_source
from samego.system import ending
from samego.system.host import host_target
from samego.system.progress import Progress
from samego.system.stoppable import Stoppable
from samego.system.temporary import temporary_directory

_log = logging.getLogger(__name__)
#: What helps where nothing could be compared: of a distro with source packages, and of any other.
_MORE = "also name the toolchain's other packages, or its source package with --source"
_WHOLE = "name what holds a whole toolchain"
_NOT_REPRODUCIBLE = "nothing was built, as upstream's binaries before go1.21 are not reproducible"


def check(options: CheckOptions, progress: Progress, undecided: Undecided | None = None) -> Report:
    """Compare what the user named with upstream's files and say how each path stands.

    ``undecided`` is told where upstream's file cannot be had, or proves nothing. Raises SamegoError
    for whatever cannot be read, fetched, verified or decided: an error is never a verdict.
    """
    listener = Stoppable(progress)
    with work_directory() as work, contextlib.closing(Spool(work)) as spool:
        request = request_for(options, work, listener)
        opening = open_shipment(request, options, options.config)
        return check_opened(opening, options, SharedUpstream(spool), listener, undecided)


def check_opened(
    opening: AbstractContextManager[Shipment],
    options: CheckOptions,
    shared: SharedUpstream,
    listener: Stoppable,
    undecided: Undecided | None = None,
) -> Report:
    """Compare what ``opening`` gives with upstream's files (see :func:`check`)."""
    began = time.monotonic()
    stages = _Stages()
    config = options.config
    if options.rebuild is not None:
        ending.keeps(KEPT)
    with ExitStack() as stack:
        shipment = stack.enter_context(opening)
        subject = subject_of(shipment.subject, options)
        stack.enter_context(told_of(undecided, shipment.subject, subject, options, began))
        stack.callback(listener.stop)
        choice = _choice(options, subject)
        stages.end("opening")
        payload, upstream = read_both(shipment, subject, choice, shared, listener)
        subject = with_payload(subject, payload)
        view = view_given(shipment, payload)
        stages.end("reading", building=upstream.seconds)
        listener.stage("comparing")
        context = _context(shipment, subject, view, upstream)
        with default_rules() as rules:
            context, notes = replay_source(context)
            sides = _sides(shipment, subject, payload, view, upstream)
            comparison = compare(sides, context, rules)
        _refuse_empty(comparison, upstream, subject)
        stages.end("comparing")
        if options.rebuild is not None and not subject.release.reproducible:
            notes = (*notes, f"--rebuild: {_NOT_REPRODUCIBLE}")
        findings = _rebuilt(comparison.findings, options, choice, context, shared.spool, listener)
        index = IndexCache(config.cache_directory / "index")
        findings = name_other_releases(findings, context, config, shared, options.beside)
        findings = with_reach(findings, context, index, upstream.posted.sha256)
        stages.end("rebuilding")
        upstream = replace(upstream, notes=upstream.notes + notes)
        comparison = replace(comparison, findings=findings)
        return compose_report(shipment, subject, upstream, comparison, options, stages.seconds)


class _Stages:
    """How long each stage of a check took, in seconds; each is logged when it ends."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = time.monotonic()

    def end(self, stage: str, *, building: float = 0.0) -> None:
        """End a stage, in which ``building`` seconds went into building upstream's files."""
        now = time.monotonic()
        self._note(stage, now - self._since - building)
        if building:
            self._note("building", building)
        self._since = now

    def _note(self, stage: str, seconds: float) -> None:
        self.seconds[stage] = seconds
        _log.info("%s took %.3f s", stage, seconds)


def _choice(options: CheckOptions, subject: Subject) -> Choice:
    return Choice(
        options.config,
        options.upstream,
        options.allow_unverified,
        build=options.rebuild is not None and subject.release.reproducible,
        go_env=options.go_env,
        words=shlex.join(as_asked(options)),
    )


def _context(
    shipment: Shipment, subject: Subject, view: GorootView, upstream: OpenedUpstream
) -> Context:
    return Context(
        subject.release,
        subject.target,
        shipment.policy,
        shipment.inputs,
        view.tree,
        upstream.tree,
    )


def _sides(
    shipment: Shipment, subject: Subject, payload: Tree, view: GorootView, upstream: OpenedUpstream
) -> Sides:
    return Sides(
        payload,
        view,
        upstream.tree,
        upstream.leaves_out,
        shipment.packaging,
        shipment.claims,
        shipment.self_description,
        names_given(subject),
        shipment.withheld,
    )


def _rebuilt(
    findings: tuple[Finding, ...],
    options: CheckOptions,
    choice: Choice,
    context: Context,
    spool: Spool,
    listener: Stoppable,
) -> tuple[Finding, ...]:
    """The findings, with the executables proved by a reference build where that is asked for."""
    if options.rebuild is None or not context.release.reproducible or not needs_reference(findings):
        return findings
    host = open_host(choice, context.release, host_target(), spool, listener)
    directory = options.config.cache_directory / REFERENCE_DIRECTORY
    return prove_by_reference(
        findings, context, Builder(options.rebuild, host, directory, listener)
    )


def _refuse_empty(comparison: Comparison, upstream: OpenedUpstream, subject: Subject) -> None:
    """Refuse a comparison in which no file has a counterpart of upstream's.

    Raises InputError then. A finding that does not pass is reported all the same.
    """
    compared = comparison.identical or any(f.side is Side.BOTH for f in comparison.findings)
    if compared or not all(finding.standing.passes for finding in comparison.findings):
        return
    raise InputError(
        f"no file here is in upstream's {upstream.posted.form} form: there is nothing to compare",
        hint=_MORE if fetching_of(subject) is not None else _WHOLE,
    )


@contextlib.contextmanager
def work_directory() -> Iterator[Path]:
    """A directory for what is short-lived. Raises DiskFullError where none can be made."""
    try:
        with temporary_directory() as directory:
            yield directory
    except FileNotFoundError as error:
        raise DiskFullError(
            f"there is no directory for temporary files ({error})",
            hint="free room in /tmp or set TMPDIR",
        ) from error
