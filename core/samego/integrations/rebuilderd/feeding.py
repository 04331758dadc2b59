"""Queues those of upstream's archives in a daemon that it does not know yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from samego.config import Config
from samego.errors import ConfigError, NotPostedError
from samego.integrations.rebuilderd.client import RebuilderdClient
from samego.integrations.rebuilderd.packages import PackageReport, newest, package_reports
from samego.integrations.rebuilderd.rebuildctl import send
from samego.model.public_url import check_public, redacted
from samego.model.release import Release, Target
from samego.system.progress import Progress
from samego.upstream.cache.blobs import Cache
from samego.upstream.channels.release_index import IndexSource
from samego.upstream.transport.http import Http


@dataclass(frozen=True, slots=True)
class Fed:
    """How many archives there are, how many of them were new, and in how many groups those."""

    archives: int
    new: int
    groups: int
    sent: int


def reports_for(
    config: Config, wanted: Sequence[Release], targets: Sequence[Target], base: str
) -> tuple[PackageReport, ...]:
    """The groups of these releases (the newest of each supported line where none is named).

    ``base`` is where workers get the archives, which rebuilderd shows to everybody. Raises
    NotPostedError for a release that the index does not have, ConfigError for a URL with a
    password, and what asking the index raises.
    """
    check_public(base, "the URL that workers get the archives from")
    with (
        Http(offline=config.offline, read_timeout=config.timeout) as http,
        Cache(config.cache_directory, limit=config.cache_limit) as cache,
    ):
        allow_http = config.godev_url.startswith("http://")
        source = IndexSource(http, cache, config.godev_url, allow_http=allow_http)
        listings = tuple(source.index(fresh=not config.offline).listings())
    releases = tuple(wanted) or newest(listing.release for listing in listings)
    reports = package_reports(listings, releases, targets, base)
    posted = {version for report in reports for version in _versions(report)}
    missing = [str(release) for release in releases if str(release) not in posted]
    if missing or not reports:
        raise NotPostedError(
            f"the index of {redacted(config.godev_url)} has no such archive of"
            f" {', '.join(missing) or 'any release'}",
            hint="see 'samego upstream list'",
        )
    return reports


def feed(
    client: RebuilderdClient,
    reports: Iterable[PackageReport],
    named: str,
    progress: Progress,
    *,
    prune: bool = False,
) -> Fed:
    """Send each group that holds something new to the daemon that ``client`` reads.

    ``named`` is its URL, empty where rebuildctl finds it by itself. Raises ConfigError for a
    daemon without v1, NetworkError for one that does not answer, and what
    :func:`~samego.integrations.rebuilderd.rebuildctl.send` raises.
    """
    if not client.has_v1():
        raise ConfigError(
            f"{redacted(client.endpoint)} has only version 0 of rebuilderd's API",
            hint="upgrade the daemon to 0.26 or newer",
        )
    every = tuple(reports)
    sent = [_send(client, report, named, progress, prune=prune) for report in every]
    return Fed(
        archives=sum(len(report.packages) for report in every),
        new=sum(sent),
        groups=len(every),
        sent=sum(number > 0 for number in sent),
    )


def _send(
    client: RebuilderdClient, report: PackageReport, named: str, progress: Progress, *, prune: bool
) -> int:
    """Send a group if it holds something new; how many packages are new."""
    known = client.published(report)
    whole = report if prune else report.on_top_of(known)
    new = set(whole.packages) - known
    if new or (prune and known != set(whole.packages)):
        progress.stage(f"sending {report.release} {report.architecture}: {len(new)} new")
        send(whole, named)
    return len(new)


def _versions(report: PackageReport) -> set[str]:
    return {f"go{package.version}" for package in report.packages}
