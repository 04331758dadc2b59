"""What all statements have in common: in-toto Statement v1, and the types of their predicates.

Formats: in-toto/attestation, spec/v1 (statement.md, resource_descriptor.md, digest_set.md,
field_types.md). The predicates: its spec/predicates, and slsa-framework/slsa, spec.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

from samego.errors import InputError
from samego.model.report import Report
from samego.system.terminal import visible

STATEMENT = "https://in-toto.io/Statement/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
SVR = "https://in-toto.io/attestation/svr/v0.2"
VSA = "https://slsa.dev/verification_summary/v1"
PROVENANCE = "https://slsa.dev/provenance/v1"
#: What samego itself names, in docs/attest.md. It has no place on the web that its URIs could
#: lead to, so they are package URLs: a kind, and the version of its meaning.
OWN = "pkg:generic/samego"
#: What a verdict was made from: a field of summaries that they may have beside their own.
MADE_FROM = f"{OWN}/made-from@v1"
_H1 = "h1:"
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class StatedFile:
    """A file that a statement is about: its name, and its digests by algorithm."""

    name: str
    digest: Mapping[str, str]

    def descriptor(self) -> dict[str, Any]:
        """The file as a ResourceDescriptor."""
        return {"name": self.name, "digest": dict(self.digest)}


def stated_packages(report: Report) -> tuple[StatedFile, ...]:
    """The packages that a report is about.

    Raises InputError for a report on installed files: they have no digest.
    """
    packages = [package for package in report.subject.packages if package.sha256]
    if not packages:
        raise InputError(
            "the report is not about package files: there is no digest to sign",
            hint="check the packages themselves, and attest that report",
        )
    return tuple(
        StatedFile(
            f"{package.name} {package.version} {package.architecture}", {"sha256": package.sha256}
        )
        for package in packages
    )


@dataclass(frozen=True, slots=True)
class Signing:
    """Who states something, and when.

    ``identity`` is the URI under which the signer is known, as a builder or as a verifier.
    """

    identity: str
    when: datetime


def digest_set(*sums: str) -> dict[str, str]:
    """A DigestSet from a sha256 in hex and a ``h1:`` hash, either of which may be missing."""
    found: dict[str, str] = {}
    for sum_ in sums:
        if sum_.startswith(_H1):
            found["dirHash"] = base64.b64decode(sum_.removeprefix(_H1)).hex()
        elif _SHA256.fullmatch(sum_):
            found["sha256"] = sum_
    return found


def payload(files: Iterable[StatedFile], kind: str, predicate: Mapping[str, Any]) -> bytes:
    """A statement as JSON."""
    statement = {
        "_type": STATEMENT,
        "subject": [file.descriptor() for file in files],
        "predicateType": kind,
        "predicate": predicate,
    }
    return compact(statement)


def compact(value: object) -> bytes:
    """JSON without spaces, its keys in order."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def timestamp(when: datetime) -> str:
    """A Timestamp: RFC 3339, in UTC."""
    return when.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def checked_uri(uri: str, what: str) -> str:
    """A URI with its scheme and authority in lower case, as ResourceURI and TypeURI want it.

    Raises InputError, naming ``what``, for anything else.
    """
    try:
        host = urlsplit(uri).netloc
        fits = _URI.fullmatch(uri) and host == host.lower() and uri[:1].islower()
    except ValueError:
        fits = False
    if not fits:
        raise InputError(
            f"{what} {visible(uri)} is not a URI",
            hint="write one such as https://rebuilder.example.org/samego, in lower case up to its"
            " path",
        )
    return uri
