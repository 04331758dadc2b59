"""What a daemon says of one package: its result, when that came about, and what it rests on.

Both versions of the API are read. In v1 only the build itself shows that it failed, and when it
was. v0 up to 0.25 calls a failed build BAD.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from samego.integrations.rebuilderd.client import RebuilderdClient
from samego.integrations.rebuilderd.status import BuildState, StatusRow, row_v0, row_v1

#: Results that are looked at of one package, one for each release that has it; and rows that are
#: read for them, of a daemon that answers with others too.
_MOST_RESULTS, _MOST_ROWS = 100, 100_000


@dataclass(frozen=True, slots=True)
class PackageResult:
    """One row. ``built`` is in UTC; the paths are the daemon's, empty for what it does not have."""

    row: StatusRow
    built: dt.datetime | None = None
    page: str = ""
    log: str = ""
    attestation: str = ""


def read_package(
    client: RebuilderdClient, name: str, version: str, architecture: str, distribution: str = ""
) -> tuple[PackageResult, ...]:
    """All results of exactly this package, of any distribution where none is named.

    Raises NetworkError.
    """
    key = (name, version, architecture)
    if client.has_v1():
        filters = {"distribution": distribution} if distribution else {}
        rows: Iterable[Mapping[str, Any]] = client.binary_packages(
            name=name, version=version, **filters
        )
        found = (_result_v1(client, row) for row in _wanted(rows, key))
    else:
        filters = {"distro": distribution} if distribution else {}
        found = (_result_v0(row) for row in _wanted(client.pkgs_list(name=name, **filters), key))
    return _distinct(each for each in found if distribution in ("", each.row.distribution))


def of_list(
    rows: Iterable[Mapping[str, Any]],
    name: str,
    version: str,
    architecture: str,
    distribution: str = "",
) -> tuple[PackageResult, ...]:
    """The same from a saved list (``/api/v0/pkgs/list``)."""
    found = (_result_v0(row) for row in _wanted(rows, (name, version, architecture)))
    return _distinct(each for each in found if distribution in ("", each.row.distribution))


def _wanted(
    rows: Iterable[Mapping[str, Any]], key: tuple[str, str, str]
) -> Iterator[Mapping[str, Any]]:
    """The rows of exactly this package, whatever else a daemon answers."""
    mine = (
        row
        for row in islice(rows, _MOST_ROWS)
        if (row.get("name"), row.get("version"), row.get("architecture")) == key
    )
    return islice(mine, _MOST_RESULTS)


def _result_v1(client: RebuilderdClient, row: Mapping[str, Any]) -> PackageResult:
    number = _number(row.get("build_id"))
    build = client.build(number) if number is not None else None
    failed = build is not None and build.get("status") == BuildState.FAIL.value
    result = row_v1(row, {number} if failed else set())
    if number is None:
        return PackageResult(result)
    page = f"/api/v1/builds/{number}"
    artifact = _number(row.get("artifact_id"))
    attested = artifact is not None and row.get("attestation_log_id") is not None
    return PackageResult(
        result,
        _time(build.get("built_at")) if build is not None else None,
        page,
        log=f"{page}/log",
        attestation=f"{page}/artifacts/{artifact}/attestation" if attested else "",
    )


def _result_v0(row: Mapping[str, Any]) -> PackageResult:
    number = _number(row.get("build_id"))
    if number is None:
        return PackageResult(row_v0(row))
    page = f"/api/v0/builds/{number}"
    return PackageResult(
        row_v0(row),
        _time(row.get("built_at")),
        f"{page}/log",
        log=f"{page}/log",
        attestation=f"{page}/attestation" if row.get("has_attestation") is True else "",
    )


def _distinct(results: Iterable[PackageResult]) -> tuple[PackageResult, ...]:
    """A build that counts for several releases is one result."""
    found: dict[object, PackageResult] = {}
    for result in results:
        found.setdefault((result.row.build, result.row.state, result.row.url), result)
    return tuple(found.values())


def _time(value: object) -> dt.datetime | None:
    """The daemon's times have no zone, and are UTC."""
    if not isinstance(value, str):
        return None
    try:
        # Python 3.10 reads three or six digits of a second only, and rebuilderd writes nine.
        time = dt.datetime.fromisoformat(value.partition(".")[0])
    except ValueError:
        return None
    return time.replace(tzinfo=dt.timezone.utc) if time.tzinfo is None else time


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
