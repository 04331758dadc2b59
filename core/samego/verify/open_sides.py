"""Upstream's side of a second check: the very files that the report names, verified again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from samego.check.built_upstream import build_upstream
from samego.check.compose_report import described
from samego.config import CHANNELS, REBUILD_CHANNEL, Config
from samego.distro.interface import Shipment
from samego.distro.naming import fetching_of
from samego.errors import NetworkError, NotPostedError
from samego.formats.archive.spool import Spool
from samego.model.report import Report, Upstream
from samego.model.tree import Tree
from samego.model.verification import Verification
from samego.system.progress import Progress
from samego.upstream.channels.gosettings import read_settings
from samego.upstream.channels.interface import MODULE_LEAVES_OUT, Posted
from samego.upstream.checksums.log_record import GivenProof
from samego.upstream.connect import connect
from samego.upstream.open_tree import fill_in
from samego.upstream.resolver import UpstreamFiles
from samego.upstream.sumdb.proof import LogProofError
from samego.verify.replay import Broken

#: What the URL of a file begins with that lay on the machine of the report's author.
_OWN = "file:"
_BY_PROOF = "upstream's file was verified by the report's log proof, and nobody was asked"


@dataclass(frozen=True, slots=True)
class UpstreamInput:
    """What the user gave of upstream's files, by digest; None is fetched."""

    posted: Path | None = None
    source: Path | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """Both sides, read, and what upstream's is. With ``broken`` there is nothing to compare."""

    payload: Tree
    tree: Tree
    upstream: Upstream
    leaves_out: tuple[str, ...] = ()
    broken: tuple[Broken, ...] = ()
    notes: tuple[str, ...] = ()


def open_upstream(
    report: Report,
    shipment: Shipment,
    given: UpstreamInput,
    config: Config,
    spool: Spool,
    progress: Progress,
    *,
    build: bool = False,
) -> Opened:
    """Open upstream's files, given or fetched, and then the package.

    ``build`` builds a file again that is not posted. Where the report has a log proof, upstream's
    file is verified by it, and the checksum database is not asked. Raises what the channels and
    the build raise; NotPostedError for a source archive that the report had and that is nowhere
    to be had; LogProofError for a log proof that is not of the report's own file.
    """
    try:
        return _open(report, shipment, given, config, spool, progress, build=build)
    except LogProofError as error:
        raise LogProofError(
            f"the report is refused: {error.message}",
            hint="the report was changed, or GOSUMDB names another database than its author's:"
            " ask the author, or check the package again",
        ) from error


def _open(
    report: Report,
    shipment: Shipment,
    given: UpstreamInput,
    config: Config,
    spool: Spool,
    progress: Progress,
    *,
    build: bool,
) -> Opened:
    claimed = report.upstream
    asked = config
    if claimed.channel in (*CHANNELS, REBUILD_CHANNEL):
        config = replace(config, channel=claimed.channel)
    unverified = not claimed.verified
    proof = None
    if claimed.log_proof:
        proof = GivenProof.open(claimed.log_proof.encode(), read_settings().gosumdb)
    with connect(config, spool, progress, allow_unverified=unverified, log_proof=proof) as (
        files,
        opener,
    ):
        release, target = report.subject.release, report.subject.target
        archive = _source(files, report, shipment, given) if claimed.source else None
        if given.posted is not None:
            posted = files.take_file(given.posted, release, target)
        elif claimed.confirmed:
            posted = _fetched(files, report)
        else:
            posted = _built(report, shipment, asked, progress, build=build)
        if proof is not None and not posted.log_proof:
            raise LogProofError(
                f"a log proof is of a module zip, which {posted.path.name} is not", hint=""
            )
        tree = opener.open(posted)
        digests = [(posted.sha256, claimed.sha256, "upstream's file")]
        if archive is not None and claimed.source is not None:
            digests.append((archive.sha256, claimed.source.sha256, "upstream's source archive"))
        broken = tuple(
            Broken("", f"{what} has sha256 {here}, the report says {stated}")
            for here, stated, what in digests
            if here != stated
        )
        if broken:
            return Opened(tree, tree, claimed, broken=broken)
        leaves_out = MODULE_LEAVES_OUT if posted.form == "module" and archive is None else ()
        if archive is not None:
            tree = fill_in(tree, opener.open(archive))
        notes = _otherwise(claimed.verified, posted.verified)
        if proof is not None:
            notes = (_BY_PROOF, *notes)
        payload = shipment.read(frozenset(entry.sha256 for entry in tree.values()))
    return Opened(payload, tree, described(posted, archive), leaves_out, notes=notes)


def _fetched(files: UpstreamFiles, report: Report) -> Posted:
    """Upstream's file from the report's channel; where that fails, an error that names the file."""
    try:
        return files.fetch(report.subject.release, report.subject.target).posted
    except (NetworkError, NotPostedError) as error:
        raise type(error)(
            error.message, hint=_get(report.upstream, report), tried=error.tried
        ) from error


def _get(upstream: Upstream, report: Report) -> str:
    """Which file of upstream's is needed, and how it is had."""
    name, how = upstream.url, ""
    if name.startswith(_OWN):
        # It was beside the distro's source package.
        fetching = fetching_of(report.subject)
        name = name.removeprefix(_OWN)
        how = f" ({fetching.command})" if fetching is not None else ""
    return f"get {name}, sha256 {upstream.sha256}{how}, and name it among the files"


def _built(
    report: Report, shipment: Shipment, config: Config, progress: Progress, *, build: bool
) -> Posted:
    """The file that the report's author built, built again, as no channel has it."""
    release, target = report.subject.release, report.subject.target
    if not build:
        raise NotPostedError(
            f"upstream's {release} for {target} was built by the report's author, and no source"
            " states its checksum",
            hint="pass --rebuild to build it here as well",
        )
    candidates = [shipment.source_archive] if shipment.source_archive else []
    return build_upstream(release, target, candidates, config, progress)


def _source(
    files: UpstreamFiles, report: Report, shipment: Shipment, given: UpstreamInput
) -> Posted:
    candidates = [path for path in (given.source, shipment.source_archive) if path is not None]
    search = files.fetch_source(report.subject.release, candidates)
    if search.posted is None:
        raise NotPostedError(
            f"the report's source archive is not available ({'; '.join(search.notes)})",
            hint=_get(report.upstream.source or report.upstream, report),
        )
    return search.posted


def _otherwise(claimed: Iterable[Verification], here: Iterable[Verification]) -> tuple[str, ...]:
    """A note where upstream's file was verified in other ways than the report says."""
    ways = {way.how for way in here}
    others = [way.how for way in claimed if way.how not in ways]
    if not others:
        return ()
    here_in = "; ".join(sorted(ways)) or "in no way"
    note = f"upstream's file was verified here ({here_in}), but not again as the report says"
    return (f"{note}: {'; '.join(others)}",)
