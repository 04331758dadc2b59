"""What ``samego inputs`` found, as JSON (schema ``samego.inputs/1``) and as text for a person."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from jsonschema import Draft202012Validator

from samego.inputs.experiment import Experiment
from samego.inputs.result import InputsResult, InputsVerdict, TargetInputs, VariedInput
from samego.model.varied import Varied
from samego.report import varied
from samego.report.load_inputs import SCHEMA
from samego.report.shipped_schema import shipped_schema
from samego.report.words import amount
from samego.system.terminal import visible

_VERDICTS = {
    InputsVerdict.SAME: "nothing that was varied is an input: upstream's posted bytes, both times",
    InputsVerdict.DIFFERS: "DIFFERS: what was varied changes the bytes",
    InputsVerdict.UNDECIDED: "undecided: not all was built, or the plain build is not upstream's",
}
#: How much of what the probe saw a cell of the table shows.
_CELL = 28
#: How many changed paths a line names.
_NAMED = 4


def render_json(result: InputsResult) -> str:
    """The result as JSON, checked against its own schema."""
    data = as_data(result)
    Draft202012Validator(shipped_schema("inputs")).validate(data)
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def as_data(result: InputsResult) -> dict[str, Any]:
    """The result as what JSON can say."""
    plain, other = result.bootstraps
    return {
        "schema": SCHEMA,
        "verdict": result.verdict.value,
        "release": str(result.release),
        "program": result.program or None,
        "bootstraps": {"plain": plain, "varied": other},
        "targets": [_target(target) for target in result.targets],
        "seconds": round(result.seconds, 1),
        "samego": result.version,
    }


def render_text(result: InputsResult) -> str:
    """The result for a person: the answer first, then the table."""
    return "".join(f"{visible(line)}\n" for line in _lines(result))


def _lines(result: InputsResult) -> Iterator[str]:
    what = f"{result.program} of {result.release}" if result.program else str(result.release)
    yield f"{what}: {_VERDICTS[result.verdict]}"
    plain, other = result.bootstraps
    yield f"bootstraps  {plain}" + (f"; varied: {other}" if other != plain else "")
    for target in result.targets:
        yield ""
        yield from _target_lines(target)


def _target_lines(target: TargetInputs) -> Iterator[str]:
    yield f"{target.target}: {_headline(target)}"
    yield f"  plain   {_cost(target.control)}"
    if target.varied is not None:
        yield f"  varied  {_cost(target.varied)}"
    yield from (f"  changed  {line}" for line in target.where)
    yield ""
    yield f"  {'varied':12}  {'from':{_CELL}}  {'to':{_CELL}}  changes"
    for row in target.variations:
        if not row.unseen:
            changes = "THE BYTES" if row.name in target.culprits else "nothing"
            yield f"  {row.name:12}  {_cell(row.plain)}  {_cell(row.other)}  {changes}"
    if target.tried:
        yield ""
        yield from _tried_lines(target.tried)
    missing = [row for row in target.variations if row.unseen]
    if missing:
        yield ""
        yield "  not varied here, so nothing is said of them:"
        yield from (f"  {row.name:12}  {row.unseen}" for row in missing)


def _tried_lines(tried: Sequence[VariedInput]) -> Iterator[str]:
    yield f"  {'input':16}  {'varied':{_CELL}}  changes"
    for each in tried:
        yield f"  {each.name:16}  {_cell(each.what)}  {_changes(each)}"
        yield from (f"  {'':16}  NOT EXPECTED: {path}" for path in each.unexpected)


def _changes(tried: VariedInput) -> str:
    if tried.error:
        return f"not known: {tried.error}"
    if not tried.changed:
        return "nothing"
    named = ", ".join(tried.changed[:_NAMED])
    more = len(tried.changed) - _NAMED
    return f"{named} and {more} more" if more > 0 else named


def _headline(target: TargetInputs) -> str:
    if target.doubt:
        return f"undecided: the plain build is not what upstream posted ({target.doubt})"
    if target.culprits and target.varied is None:
        keep = "together keep" if len(target.culprits) > 1 else "keeps"
        return f"undecided: {' and '.join(target.culprits)} {keep} it from being built"
    if target.culprits:
        joint = "together change" if len(target.culprits) > 1 else "changes"
        along = f" (and with it {', '.join(target.along)})" if target.along else ""
        return f"{' and '.join(target.culprits)}{along} {joint} what is built"
    if target.varied is None:
        return f"undecided: {target.error}"
    counted = sum(not row.unseen for row in target.variations)
    return f"{amount(counted, 'thing')} varied at once, and upstream's posted bytes both times"


def _cost(experiment: Experiment) -> str:
    kept = "" if experiment.fresh else " (built in an earlier run)"
    sums = ", ".join(f"{name} sha256 {row[1]}" for name, row in sorted(experiment.files.items()))
    return f"{experiment.cpu:.0f} s of CPU, {experiment.wall:.0f} s{kept}: {sums}"


def _cell(text: str) -> str:
    short = text if len(text) <= _CELL else f"{text[: _CELL - 3]}..."
    return f"{short:{_CELL}}"


def _target(target: TargetInputs) -> dict[str, Any]:
    return {
        "target": str(target.target),
        "verdict": target.verdict.value,
        "doubt": target.doubt or None,
        "error": target.error or None,
        "plain": _experiment(target.control),
        "varied": _experiment(target.varied) if target.varied is not None else None,
        "variations": [_row(row, target) for row in target.variations],
        "culprits": list(target.culprits),
        "along": list(target.along),
        "where": list(target.where),
        "inputs": [_tried(each) for each in target.tried],
    }


def _row(row: Varied, target: TargetInputs) -> dict[str, Any]:
    changes = row.name in target.culprits if not row.unseen else None
    return {**varied.as_data(row), "changes_the_bytes": changes}


def _tried(tried: VariedInput) -> dict[str, Any]:
    return {
        "name": tried.name,
        "what": tried.what,
        "changed": list(tried.changed),
        "unexpected": list(tried.unexpected),
        "error": tried.error or None,
    }


def _experiment(experiment: Experiment) -> dict[str, Any]:
    return {
        "files": {
            name: {"size": size, "sha256": sha256}
            for name, (size, sha256) in sorted(experiment.files.items())
        },
        "cpu": round(experiment.cpu, 1),
        "wall": round(experiment.wall, 1),
        "fresh": experiment.fresh,
    }
