"""What a rebuild found, as JSON (schema ``samego.rebuild/1``) and as text for a person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from samego.model import value
from samego.model.machine import published_url
from samego.model.verification import Verification
from samego.rebuild.bootstrap import PackedIn
from samego.rebuild.compare_files import FileResult
from samego.rebuild.compare_members import RebuildOutcome
from samego.rebuild.results import (
    BootstrapResult,
    Rebuild,
    StepResult,
    TargetResult,
    Verdict,
)
from samego.report import varied
from samego.report.shipped_schema import shipped_schema
from samego.system.terminal import visible
from samego.upstream.channels.interface import Posted
from samego.words import causes

SCHEMA = "samego.rebuild/1"
_WORDS = {
    RebuildOutcome.REPRODUCED: "reproduced",
    RebuildOutcome.EQUIVALENT: "equivalent",
    RebuildOutcome.DIFFERS: "DIFFERS",
    RebuildOutcome.NOT_POSTED: "not posted",
    RebuildOutcome.NOT_COMPARED: "not compared",
}
#: The module form's small files.
_SIDE_FILES = (".mod", ".info")
_VERDICTS = {
    Verdict.REPRODUCED: "reproduced: what was built here is what upstream posted",
    Verdict.DIFFERS: "DIFFERS: what was built here is not what upstream posted",
    Verdict.UNDECIDED: "undecided: there was nothing to compare with",
    Verdict.FAILED: "failed to build: whether it reproduces could not be decided",
}
#: What an undecided run says where files differ, and the way of building may be at fault.
_DOUBTED = "could not decide: this build method does not reproduce upstream's own files"


def schema() -> dict[str, Any]:
    """The JSON Schema, as it is shipped."""
    return shipped_schema("rebuild")


def render_json(result: Rebuild) -> str:
    """The result as JSON, checked against its own schema."""
    data = as_data(result)
    Draft202012Validator(schema()).validate(data)
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def as_data(result: Rebuild) -> dict[str, Any]:
    """The result as what JSON can say."""
    return {
        "schema": SCHEMA,
        "verdict": result.verdict.value,
        "release": str(result.release),
        "source": {**_posted(result.source), "complete": result.complete},
        "agreement": result.agreement,
        "disagreeing": list(result.disagreeing),
        "bootstraps": [_bootstrap(each) for each in result.bootstraps],
        "notes": list(result.notes),
        "seconds": round(result.seconds, 1),
        "samego": result.version,
    }


def render_text(result: Rebuild) -> str:
    """The result for a person: the answer first."""
    return "".join(f"{visible(line)}\n" for line in _lines(result))


def headline(result: Rebuild) -> str:
    """The answer in one line."""
    return f"{result.release}: {_headline(result)}"


def _headline(result: Rebuild) -> str:
    if result.disagreeing:
        return f"DIFFERS: the bootstraps do not agree on {', '.join(result.disagreeing)}"
    agreed = (
        f"; {len(result.bootstraps)} bootstraps agree on every file" if result.agreement else ""
    )
    aside = ""
    if result.verdict is Verdict.REPRODUCED and result.equivalent:
        aside = f" ({_count(result.equivalent, 'file')} equivalent, not the same bytes)"
    verdict = _VERDICTS[result.verdict]
    if result.verdict is Verdict.UNDECIDED and result.doubted:
        verdict = _DOUBTED
    return f"{verdict}{_which(result)}{aside}{agreed}"


def _which(result: Rebuild) -> str:
    """The targets that the verdict is about, where others are better."""
    verdicts = {
        str(target.target): target.verdict for each in result.bootstraps for target in each.targets
    }
    meant = [name for name, verdict in verdicts.items() if verdict is result.verdict]
    if result.verdict is Verdict.REPRODUCED or len(meant) in (0, len(verdicts)):
        return ""
    good = sum(verdict is Verdict.REPRODUCED for verdict in verdicts.values())
    return f" for {', '.join(meant)} ({good} of {_count(len(verdicts), 'target')} reproduced)"


def _lines(result: Rebuild) -> Iterator[str]:
    yield headline(result)
    yield f"source  {result.source.url} (sha256 {result.source.sha256})"
    for verification in result.source.verified[:1]:
        yield f"        verified: {verification.how}, {verification.rests_on}"
    for each in result.bootstraps:
        yield ""
        yield f"built with {each.bootstrap.origin}"
        for step in each.steps:
            yield f"  {_step_line(step)}"
        for target in each.targets:
            yield from _target_lines(target)
    if result.notes:
        yield ""
        yield from (f"note: {note}" for note in result.notes)


def _step_line(step: StepResult) -> str:
    if step.host is None:
        return f"{step.step}: FAILED TO BUILD: {step.error}"
    cost = _cost(step.host.cpu, step.host.wall, fresh=step.host.fresh)
    return f"{step.step}: {cost}, network {step.host.network}"


def _target_lines(target: TargetResult) -> Iterator[str]:
    if target.products is None:
        yield f"  {target.target}: FAILED TO BUILD: {target.error}"
        yield from (f"    {line}" for line in varied.counted_lines(target.variations))
        return
    products = target.products
    yield f"  {target.target}: {_cost(products.cpu, products.wall, fresh=products.fresh)}"
    yield from (f"    {line}" for line in varied.counted_lines(target.variations))
    if target.doubt:
        yield f"    what differs says nothing of upstream's files: {target.doubt}"
    for file in target.files:
        if file.name.endswith(_SIDE_FILES) and file.outcome is not RebuildOutcome.DIFFERS:
            continue  # they hold no toolchain; the JSON has them
        yield f"    {_WORDS[file.outcome]:12}  {file.name}: {causes.said(file.cause)}"
        if file.sha256:
            yield f"    {'':12}  sha256 {file.sha256}"
        for verification in file.verified[:1]:  # what it rests on in turn stands in the JSON
            yield f"    {'':12}  {verification.how}, {verification.rests_on}"
        yield from (f"    {'':12}  {line}" for line in file.where)


def _cost(cpu: float, wall: float, *, fresh: bool) -> str:
    kept = "" if fresh else " (built in an earlier run)"
    return f"{cpu:.0f} s of CPU, {wall:.0f} s{kept}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _bootstrap(result: BootstrapResult) -> dict[str, Any]:
    bootstrap = result.bootstrap
    return {
        "name": bootstrap.name,
        "origin": bootstrap.origin,
        "version": str(bootstrap.version) if bootstrap.version else None,
        "digest": bootstrap.digest,
        **({"files": [_packed_in(file) for file in bootstrap.files]} if bootstrap.files else {}),
        "verdict": result.verdict.value,
        "steps": [_step(step) for step in result.steps],
        "targets": [_target(target) for target in result.targets],
    }


def _packed_in(file: PackedIn) -> dict[str, str]:
    return {"name": file.name, "url": published_url(file.url), "sha256": file.sha256}


def _step(step: StepResult) -> dict[str, Any]:
    host = step.host
    return {
        "release": str(step.step.release),
        "by": step.step.by,
        "source": _posted(step.source),
        "error": step.error or None,
        "network": host.network if host else None,
        "environment": list(host.environment) if host else [],
        "cpu": round(host.cpu, 1) if host else None,
        "wall": round(host.wall, 1) if host else None,
        "fresh": host.fresh if host else False,
    }


def _target(target: TargetResult) -> dict[str, Any]:
    products = target.products
    rows = [varied.as_data(row) for row in target.variations]
    return {
        **({"variations": rows} if rows else {}),
        **({"build": products.build} if products and products.build else {}),
        "target": str(target.target),
        "verdict": target.verdict.value,
        "error": target.error or None,
        "doubt": target.doubt or None,
        "cpu": round(products.cpu, 1) if products else None,
        "wall": round(products.wall, 1) if products else None,
        "fresh": products.fresh if products else False,
        "files": [_file(file) for file in target.files],
    }


def _file(file: FileResult) -> dict[str, Any]:
    return {
        "name": file.name,
        "size": file.size if file.sha256 else None,
        "sha256": file.sha256 or None,
        "outcome": file.outcome.value,
        "cause": causes.said(file.cause),
        "causes": [value.to_object(file.cause)],
        "posted": file.posted,
        "verified": [_verification(each) for each in file.verified],
        "where": list(file.where),
    }


def _posted(posted: Posted) -> dict[str, Any]:
    return {
        "channel": posted.channel,
        "form": posted.form,
        "url": published_url(posted.url),
        "sha256": posted.sha256,
        "verified": [_verification(each) for each in posted.verified],
    }


def _verification(verification: Verification) -> dict[str, str]:
    return {"how": verification.how, "rests_on": verification.rests_on}
