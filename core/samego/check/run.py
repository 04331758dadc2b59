"""The main job: what a distro shipped against what upstream posted, as a report."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from samego.check.open_sides import (
    Choice,
    OpenedUpstream,
    SharedUpstream,
    open_host,
    read_both,
)
from samego.check.published import machine_of, published
from samego.compare.engine import Comparison, Sides, compare
from samego.compare.reach import with_reach
from samego.compare.verdict import waive
from samego.config import Config, load_config
from samego.distro import interface as plugins
from samego.distro.given import names_given, view_given
from samego.distro.interface import Request, Shipment
from samego.distro.unpackaged import open_unpackaged
from samego.errors import DiskFullError, InputError
from samego.formats.archive.index import IndexCache
from samego.formats.archive.spool import Spool
from samego.model import tree
from samego.model.asked import Asked, From
from samego.model.finding import Finding, Side
from samego.model.inputs import Context, DeclaredSource, Inputs
from samego.model.proof import Standing, Tool
from samego.model.release import Release, Target
from samego.model.report import Report, Upstream, group_not_compared
from samego.model.subject import Subject
from samego.model.tree import Tree
from samego.reference.job import ReferenceKind
from samego.reference.prove import Builder, needs_reference, prove_by_reference
from samego.reference.store import REFERENCE_DIRECTORY
from samego.rules.registry import default_rules
from samego.rules.replayed_source import replay_source
from samego.system.host import host_target
from samego.system.progress import Progress
from samego.system.stoppable import Stoppable
from samego.system.temporary import temporary_directory
from samego.upstream.channels.interface import Posted

_log = logging.getLogger(__name__)
_NOT_REPRODUCIBLE = "nothing was built, as upstream's binaries before go1.21 are not reproducible"


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """What to check, against what, and what passes. See ``samego check --help``.

    ``source_places`` and ``tree`` are those of :class:`samego.distro.interface.Request`.
    ``go_env`` is whether the go.env of what is checked may name a module proxy where nothing else
    does. ``asked`` are the words that a report repeats in commands, where ``what`` and the like do
    not say it.
    """

    what: tuple[str, ...]
    installed: bool = False
    release: Release | None = None
    target: Target | None = None
    upstream: Path | None = None
    source: Path | None = None
    source_places: tuple[Path, ...] | None = None
    tree: Path | None = None
    distro: str = ""
    allow_unverified: bool = False
    rebuild: ReferenceKind | None = None
    waive: tuple[str, ...] = ()
    required: Standing = Standing.EXPLAINED
    unpatched: bool = False
    go_env: bool = True
    asked: tuple[str, ...] = ()
    config: Config = field(default_factory=load_config)


def check(options: CheckOptions, progress: Progress) -> Report:
    """Compare what the user named with upstream's files and say how each path stands.

    Raises SamegoError for whatever cannot be read, fetched, verified or decided: an error
    is never a verdict.
    """
    listener = Stoppable(progress)
    with work_directory() as work, contextlib.closing(Spool(work)) as spool:
        request = request_for(options, work, listener)
        opening = _open(request, options, options.config)
        return check_opened(opening, options, SharedUpstream(spool), listener)


def request_for(options: CheckOptions, work: Path, progress: Progress) -> Request:
    """What a plugin is asked to open, with a directory that is removed when the run ends."""
    config = options.config
    return Request(
        options.what,
        work,
        config.cache_directory,
        offline=config.offline,
        installed=options.installed,
        source=options.source,
        source_places=options.source_places,
        tree=options.tree,
        release=options.release,
        target=options.target,
        say=progress.stage,
        options=config.plugins.get(options.distro, {}),
    )


def check_opened(
    opening: AbstractContextManager[Shipment],
    options: CheckOptions,
    shared: SharedUpstream,
    listener: Stoppable,
) -> Report:
    """Compare what ``opening`` gives with upstream's files (see :func:`check`)."""
    began = time.monotonic()
    config = options.config
    with ExitStack() as stack:
        shipment = stack.enter_context(opening)
        subject = _subject(shipment.subject, options)
        stack.callback(listener.stop)
        choice = Choice(
            config,
            options.upstream,
            options.allow_unverified,
            build=options.rebuild is not None and subject.release.reproducible,
            go_env=options.go_env,
        )
        opened = time.monotonic()
        payload, upstream = read_both(shipment, subject, choice, shared, listener)
        subject = with_payload(subject, payload)
        view = view_given(shipment, payload)
        read = time.monotonic()
        listener.stage("comparing")
        with default_rules() as rules:
            context = Context(
                subject.release,
                subject.target,
                shipment.policy,
                shipment.inputs,
                view.tree,
                upstream.tree,
            )
            context, replay_notes = replay_source(context)
            sides = Sides(
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
            comparison = compare(sides, context, rules)
        _refuse_empty(comparison, upstream)
        compared = time.monotonic()
        rebuild_notes: tuple[str, ...] = ()
        if options.rebuild is not None and not subject.release.reproducible:
            rebuild_notes = (f"--rebuild: {_NOT_REPRODUCIBLE}",)
        elif options.rebuild is not None and needs_reference(comparison.findings):
            host = open_host(choice, subject.release, host_target(), shared.spool, listener)
            builder = Builder(
                options.rebuild, host, config.cache_directory / REFERENCE_DIRECTORY, listener
            )
            findings = prove_by_reference(comparison.findings, context, builder)
            comparison = replace(comparison, findings=findings)
        index = IndexCache(config.cache_directory / "index")
        reached = with_reach(comparison.findings, context, index, upstream.posted.sha256)
        comparison = replace(comparison, findings=reached)
        timings = {
            "opening": opened - began,
            "reading": read - opened - upstream.seconds,
            **({"building": upstream.seconds} if upstream.seconds else {}),
            "comparing": compared - read,
            "rebuilding": time.monotonic() - compared,
        }
        for stage, seconds in timings.items():
            _log.info("%s took %.3f s", stage, seconds)
        upstream = replace(upstream, notes=upstream.notes + replay_notes + rebuild_notes)
        return _report(shipment, subject, upstream, comparison, options, timings)


def _open(
    request: Request, options: CheckOptions, config: Config
) -> AbstractContextManager[Shipment]:
    found = plugins.distros()
    config.check_plugins([plugin.name for plugin in found])
    if options.distro:
        named = [plugin for plugin in found if plugin.name == options.distro]
        if not named:
            names = ", ".join(plugin.name for plugin in found)
            raise InputError(
                f"no plugin for the distro {options.distro!r} is installed",
                hint=f"name one of {names}" if names else "install its plugin",
            )
        found = tuple(named)
    plugin = plugins.recognise(request, found)
    if plugin is not None:
        return plugin.open(replace(request, options=config.plugins.get(plugin.name, {})))
    if options.installed:
        raise InputError(
            "no installed plugin knows what this system has installed",
            hint="name the packages or the GOROOT directory instead",
        )
    return open_unpackaged(request)


def _subject(subject: Subject, options: CheckOptions) -> Subject:
    """The subject, with the release and target that the user wants it held against."""
    return replace(
        subject,
        release=options.release or subject.release,
        target=options.target or subject.target,
    )


def _refuse_empty(comparison: Comparison, upstream: OpenedUpstream) -> None:
    """Where nothing at hand has a counterpart of upstream's, nothing can be decided.

    Raises InputError then. A finding that does not pass is reported all the same.
    """
    compared = comparison.identical or any(f.side is Side.BOTH for f in comparison.findings)
    if compared or not all(finding.standing.passes for finding in comparison.findings):
        return
    raise InputError(
        f"nothing in what was given is in upstream's {upstream.posted.form} form: there is nothing"
        " to compare",
        hint="give the toolchain's other packages too, or the source package with --source",
    )


def with_payload(subject: Subject, payload: Tree) -> Subject:
    """The subject with a digest of its files, where no package's digest stands for them."""
    if all(package.sha256 for package in subject.packages):
        return subject
    return replace(subject, payload=tree.digest(payload))


def _asked(shipment: Shipment, options: CheckOptions) -> Asked:
    """From where it came, and what the package says otherwise than the user."""
    own = shipment.subject
    overruled = {
        "release": options.release not in (None, own.release),
        "target": options.target not in (None, own.target),
    }
    instead = tuple(name for name, other in overruled.items() if other)
    if options.installed:
        return Asked(From.INSTALLED, instead)
    if options.what and options.what[0].startswith(f"{own.distro}:"):
        return Asked(From.SUITE, instead)
    packaged = all(package.sha256 for package in own.packages)
    return Asked(From.FILES if packaged else From.DIRECTORY, instead)


def _report(
    shipment: Shipment,
    subject: Subject,
    upstream: OpenedUpstream,
    comparison: Comparison,
    options: CheckOptions,
    timings: dict[str, float],
) -> Report:
    machine = machine_of(options.config)
    named = machine.words(_as_asked(options))
    findings, unused = waive(
        [_with_command(finding, named) for finding in comparison.findings], options.waive
    )
    notes = shipment.notes + upstream.notes
    notes += tuple(f"--waive {path}: nothing there breaks" for path in unused)
    report = Report(
        subject=subject,
        upstream=described(upstream.posted, upstream.source),
        findings=findings,
        identical=comparison.identical,
        not_compared=group_not_compared(comparison.not_compared),
        required=options.required,
        unpatched=options.unpatched,
        inputs=declared(shipment.inputs),
        notes=notes,
        tools=tools_of(findings),
        timings=timings,
        version=version("samego"),
        asked=_asked(shipment, options),
    )
    return published(report, machine)


def described(posted: Posted, source: Posted | None) -> Upstream:
    """What a report says of upstream's file, and of the source archive that filled it in."""
    return Upstream(
        posted.channel,
        posted.url,
        posted.sha256,
        posted.verified,
        described(source, None) if source else None,
        posted.confirmed,
    )


def _as_asked(options: CheckOptions) -> list[str]:
    """What the user named and gave, as words of a command line."""
    given = {
        "--release": options.release,
        "--target": options.target,
        "--distro": options.distro,
        "--upstream": options.upstream,
        "--source": options.source,
    }
    words = ["--installed"] if options.installed else []
    words += options.asked or options.what
    words += [word for name, value in given.items() if value for word in (name, str(value))]
    return words


def _with_command(finding: Finding, named: str) -> Finding:
    """Spell out the command that would prove a finding, for what the user named."""
    if not finding.rebuild:
        return finding
    return replace(finding, command=f"samego check --rebuild {named}")


def declared(inputs: Inputs) -> dict[str, object]:
    """What a report says of the inputs that the distro declared."""
    source = {"source": _source(inputs.source)} if inputs.source else {}
    return {
        "timestamp": inputs.timestamp,
        "settings": dict(inputs.settings),
        "patches": [patch.name for patch in inputs.patches],
        "origins": dict(inputs.origins),
        **source,
    }


def _source(source: DeclaredSource) -> dict[str, str]:
    return {**asdict(source), "signature": source.signature.value}


def tools_of(findings: tuple[Finding, ...]) -> tuple[Tool, ...]:
    """The third parties that took part in the proofs of these findings, by name."""
    tools = {tool for finding in findings if finding.proof for tool in finding.proof.tools}
    return tuple(sorted(tools, key=lambda tool: (tool.name, tool.version)))


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
