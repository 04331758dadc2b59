"""What others say of a package: a rebuilderd's verdict on its bytes, debaudit's on its source.

Neither is believed to be current: an answer counts for exactly the version that was asked about.
What cannot be asked, or speaks of another version, is not known: it neither passes nor blocks.

Formats: rebuilderd's API (samego.integrations.rebuilderd); debaudit's results.json, which has for
each source package ``{"migration_status": {"orig-check": {"can_migrate": bool, "sid":
{"diagnostic", "version", "dsc_sha256", "url"}, "testing": {...}}}}``.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from samego.errors import NetworkError, NotPostedError, SamegoError
from samego.integrations.rebuilderd.client import RebuilderdClient
from samego.integrations.rebuilderd.status import BuildState, StatusRow, read_source
from samego.model.public_url import redacted
from samego.model.subject import Package
from samego.report.words import amount
from samego.upstream.transport.http import ForbiddenError, Http
from samego.upstream.transport.urls import check_scheme, split_url

REBUILDERD = "https://reproduce.debian.net/{architecture}"
DEBAUDIT = "https://debaudit.debian.net/results.json"
#: Stands in rebuilderd's URL for the architecture: each has a daemon of its own.
PLACE = "{architecture}"
_DISTRIBUTION = "debian"
_CHECK = "orig-check"
#: The longest answer of debaudit's that is read, in bytes: it has all source packages of Debian.
_LIMIT = 256 << 20
#: So many versions are named that an answer is about, where it is about others.
_VERSIONS = 3


class Answered(enum.Enum):
    """What an answer means for an upload."""

    PASSES = "passes"
    BLOCKS = "blocks"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one of those who are asked says; ``url`` is where, empty for the check made here.

    ``hint`` is what to do about it, empty where nothing is to be done.
    """

    who: str
    outcome: Answered
    text: str
    url: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What is asked about: a source package, its version, and the packages built from it.

    ``dsc`` is the sha256 of its .dsc, empty where that is not at hand.
    """

    source: str
    version: str
    packages: tuple[Package, ...]
    dsc: str = ""


def ask_rebuilderd(about: Uploaded, template: str, *, offline: bool) -> Answer:
    """Whether a rebuild gives the packages. FAIL, could not build, says nothing of the bytes.

    rebuilderd passes over a backend's exit status: a package that a build did not leave is BAD.
    """
    shown = redacted(template)
    try:
        known = [
            row
            for architecture in sorted({package.architecture for package in about.packages})
            for row in _rows(about, template.replace(PLACE, architecture), offline=offline)
        ]
    except SamegoError as error:
        return _not_known("rebuilderd", error.message, shown)
    states = {package: _state(package, known) for package in about.packages}
    return _of_states(about, states, known, shown)


def ask_debaudit(about: Uploaded, url: str, *, offline: bool) -> Answer:
    """Whether the source package's orig is upstream's, as debaudit checked it."""
    shown = redacted(url)
    try:
        check_scheme(split_url(url), allow_http=True)
        with Http(offline=offline) as http:
            data = json.loads(http.get_bytes(url, limit=_LIMIT, allow_http=True))
        return _of_debaudit(about, data, shown)
    except (NetworkError, ForbiddenError, NotPostedError, SamegoError) as error:
        return _not_known("debaudit", error.message, shown)
    except (ValueError, RecursionError, TypeError, KeyError):
        return _not_known("debaudit", "it does not answer as debaudit does", shown)


def _rows(about: Uploaded, endpoint: str, *, offline: bool) -> Sequence[StatusRow]:
    names = [package.name for package in about.packages]
    with RebuilderdClient(endpoint, offline=offline) as client:
        return read_source(client, _DISTRIBUTION, about.source, names)


def _state(package: Package, known: Sequence[StatusRow]) -> BuildState:
    """The state of exactly this package; of several answers, as for several suites, the worst."""
    found = {
        row.state
        for row in known
        if (row.name, row.version, row.architecture)
        == (package.name, package.version, package.architecture)
    }
    worst_first = (BuildState.BAD, BuildState.FAIL, BuildState.GOOD)
    return next((state for state in worst_first if state in found), BuildState.UNKWN)


def _of_states(
    about: Uploaded, states: Mapping[Package, BuildState], known: Sequence[StatusRow], url: str
) -> Answer:
    def named(state: BuildState) -> str:
        return ", ".join(each.name for each, found in states.items() if found is state)

    if bad := named(BuildState.BAD):
        text = f"BAD: a rebuild gives other bytes, or no file, for {bad}"
        hint = "read the log there, and compare: samego debian debrebuild FILE.buildinfo"
        return Answer("rebuilderd", Answered.BLOCKS, text, url, hint)
    if failed := named(BuildState.FAIL):
        text = f"FAIL: it could not build {failed}, which says nothing of the bytes"
        return _not_known("rebuilderd", text, url, "read the log of the build there")
    if unknown := named(BuildState.UNKWN):
        versions = sorted({row.version for row in known})
        others = f"; it knows {', '.join(versions[-_VERSIONS:])}" if versions else ""
        text = f"it has no result for {unknown} {about.version}{others}"
        return _not_known("rebuilderd", text, url)
    text = f"GOOD: a rebuild gives the same bytes for {amount(len(states), 'package')}"
    return Answer("rebuilderd", Answered.PASSES, text, url)


def _of_debaudit(about: Uploaded, data: Any, url: str) -> Answer:  # noqa: ANN401 - JSON
    if not isinstance(data, dict):
        raise TypeError(data)
    if about.source not in data:
        return _not_known("debaudit", f"it does not know {about.source}", url)
    check = data[about.source]["migration_status"][_CHECK]
    may, row = check["can_migrate"], check["sid"]
    version, diagnostic = row["version"], row["diagnostic"]
    page, dsc = row.get("url") or url, row.get("dsc_sha256") or ""
    if not isinstance(may, bool) or not all(isinstance(x, str) for x in (version, diagnostic)):
        raise TypeError(check)
    page = redacted(page) if isinstance(page, str) else url
    if version != about.version:
        text = f"it has checked {version}, and not {about.version}"
        return _not_known("debaudit", text, url)
    if about.dsc and dsc and dsc != about.dsc:
        return _not_known("debaudit", f"it has checked another .dsc of {version}", page)
    if not may:
        hint = "make the orig archive upstream's, or tell debaudit why it is not"
        return Answer("debaudit", Answered.BLOCKS, f"{_CHECK}: {diagnostic}", page, hint)
    return Answer("debaudit", Answered.PASSES, f"{_CHECK}: {diagnostic}", page)


def _not_known(who: str, text: str, url: str, hint: str = "") -> Answer:
    return Answer(who, Answered.NOT_KNOWN, text, url, hint)
