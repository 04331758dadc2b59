"""What was found of a source, kept in the cache by the source's digest for the reports on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from samego.errors import SamegoError
from samego.source.result import SourceResult, SourceVerdict
from samego.upstream.cache.blobs import Cache

_KIND = "source-result"
_SAID = {
    SourceVerdict.AS_STATED: "all of it that could be checked is as upstream states it",
    SourceVerdict.DIFFERS: "it DIFFERS from what upstream states",
    SourceVerdict.UNDECIDED: "not all of it could be decided",
}


def remember(cache: Cache, result: SourceResult) -> None:
    """Keep a result's verdict. A cache that cannot be written is no error here."""
    modules = [module for directory in result.vendored for module in directory.modules]
    value = {
        "verdict": result.verdict.value,
        "vendored": sum(module.files for module in modules),
        "identical": sum(module.identical for module in modules),
        "opaque": len(result.opaque),
    }
    with suppress(SamegoError, OSError):
        cache.remember(_KIND, result.sha256, value)


def source_notes(cache: Cache, digests: Iterable[str]) -> Iterator[str]:
    """A line for each of these sources that ``samego source`` has looked at."""
    for sha256 in dict.fromkeys(digests):
        record = None
        with suppress(SamegoError, OSError):
            record = cache.record(_KIND, sha256)
        if record is not None and (line := _line(sha256, dict(record))):
            yield line


def _line(sha256: str, record: dict[str, object]) -> str:
    try:
        said = _SAID[SourceVerdict(record.get("verdict"))]
    except ValueError:
        return ""
    return (
        f"samego source of {sha256[:12]}: {said} ({record.get('identical')} of"
        f" {record.get('vendored')} vendored files identical to their modules,"
        f" {record.get('opaque')} files that no one can read)"
    )
