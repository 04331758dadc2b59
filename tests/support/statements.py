"""Statements of every kind, good and bad, as the signer of a report makes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from samego.attest import judgement, provenance, rebuilt_judgements, statement, summaries
from samego.attest.in_toto import Signing
from samego.model.report import Report
from samego.report import json as as_json
from samego.report.summary import Summary
from support import rebuild_results
from support.reports import clean, sid

SIGNING = Signing(
    "https://rebuilder.example.org/samego", datetime(2026, 11, 28, 18, 0, tzinfo=timezone.utc)
)
ARCHIVE = "go1.24.4.linux-amd64.tar.gz"


@dataclass(frozen=True, slots=True)
class Made:
    """A statement: what it is called here, its payload, and its result."""

    name: str
    payload: bytes
    result: str


def good_report() -> Report:
    """A report that passes, with nothing waived or latent."""
    return replace(clean(), findings=())


def report_data(report: Report) -> bytes:
    """A report as it lies in its file."""
    return as_json.render(Summary(report)).encode()


def rebuilt(outcome: str = "reproduced", **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """The result of a rebuild whose one archive has this outcome."""
    file = rebuild_results.file(ARCHIVE, outcome)
    if outcome != "reproduced":
        file["posted"] = "c" * 64
    target = rebuild_results.target("linux-amd64", file)
    target.update({"doubt": None, "cpu": 350.5, "wall": 400.2, **changed})
    result = rebuild_results.result(target)
    result["bootstraps"][0]["digest"] = "e" * 64
    return result


def every_statement() -> Iterator[Made]:
    """A good and a bad one of each kind; a provenance is neither."""
    for name, report in (("good", good_report()), ("bad", sid())):
        data = report_data(report)
        result = "PASSED" if name == "good" else "FAILED"
        found = judgement.of_report(report, data)
        yield Made(f"{name} test-result", statement.state(report, data), result)
        yield Made(f"{name} svr", summaries.state_svr(found, SIGNING), result)
        yield Made(f"{name} vsa", summaries.state_vsa(found, SIGNING), result)
    for name, outcome in (("good", "reproduced"), ("bad", "differs")):
        rebuild = rebuilt(outcome)
        data = json.dumps(rebuild).encode()
        (one,) = rebuilt_judgements.of_rebuild(rebuild, data)
        result = "PASSED" if name == "good" else "FAILED"
        yield Made(f"{name} svr of a rebuild", summaries.state_svr(one, SIGNING), result)
        yield Made(f"{name} vsa of a rebuild", summaries.state_vsa(one, SIGNING), result)
        (built,) = provenance.state_provenance(rebuild, data, SIGNING)
        yield Made(f"provenance of a {name} rebuild", built, "BUILT")
