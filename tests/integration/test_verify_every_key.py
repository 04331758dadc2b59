"""Every leaf of a genuine report, changed: nothing changed is only said to hold."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from samego.check.options import CheckOptions
from samego.check.run import check
from samego.compare import engine
from samego.config import Config
from samego.errors import SamegoError
from samego.model.report import Report
from samego.report.json import to_object
from samego.report.load import loads
from samego.report.summary import Summary
from samego.system.progress import Silent
from samego.verify import open_sides
from samego.verify.keys import row_of
from samego.verify.run import Verified, VerifyOptions, verify
from support.mutated import Mutation, mutations

pytestmark = [pytest.mark.network, pytest.mark.long, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return Config(cache_directory=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def dsc(go124_source: Path) -> Path:
    (found,) = go124_source.glob("*.dsc")
    return found


@pytest.fixture(scope="module")
def report(
    trixie_go124_debs: list[Path], go1244_module_zip: Path, dsc: Path, config: Config
) -> Report:
    what = tuple(map(str, trixie_go124_debs))
    options = CheckOptions(what, upstream=go1244_module_zip, source=dsc, config=config)
    return check(options, Silent())


@contextlib.contextmanager
def remembered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Read and compare the same files for the same claims once: only the judging is repeated."""
    kept: dict[str, dict[str, Any]] = {}
    current: dict[str, Any] = {}

    def open_upstream(report: Report, *others: Any, **more: Any) -> Any:  # noqa: ANN401 - passed on
        nonlocal current
        claims = [(f.path, f.rule, f.standing.passes) for f in report.findings]
        about = (claims, report.inputs, report.upstream, report.subject)
        current = kept.setdefault(repr(about), {})
        if "opened" not in current:
            current["opened"] = open_sides.open_upstream(report, *others, **more)
        return current["opened"]

    def compare(*arguments: Any) -> Any:  # noqa: ANN401 - passed on unchanged
        if "compared" not in current:
            current["compared"] = engine.compare(*arguments)
        return current["compared"]

    with monkeypatch.context() as patch:
        patch.setattr("samego.verify.run.open_upstream", open_upstream)
        patch.setattr("samego.verify.run.compare", compare)
        yield


def chosen(report: Report) -> Iterator[Mutation]:
    """The leaves of the whole, and those of one finding for each rule."""
    seen = {(f.rule, bool(f.consequences)): f.path for f in reversed(report.findings)}
    return (
        mutation
        for mutation in mutations(to_object(Summary(report)))
        if not mutation.path or mutation.path in seen.values()
    )


def is_told(mutation: Mutation, result: Verified) -> bool:
    return any(
        item.key == row_of(mutation.key) and (not item.paths or mutation.path in item.paths)
        for item in result.taken
    )


def test_no_changed_leaf_of_a_real_report_is_only_said_to_hold(
    report: Report,
    trixie_go124_debs: list[Path],
    go1244_module_zip: Path,
    dsc: Path,
    config: Config,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = (*trixie_go124_debs, go1244_module_zip)
    answers: Counter[str] = Counter()
    silent = []
    with remembered(monkeypatch):
        for mutation in chosen(report):
            try:
                forged = loads(json.dumps(mutation.data).encode(), name="forged")
                result = verify(VerifyOptions(forged, files, source=dsc, config=config), Silent())
            except SamegoError:
                answers["refused"] += 1
                continue
            answers[{0: "taken", 1: "broken", 2: "open"}[result.exit_status]] += 1
            if result.exit_status == 0 and not is_told(mutation, result):
                silent.append(f"{mutation.key} of {mutation.path or 'the whole'}")
    print(dict(answers))  # noqa: T201 - the figures of this long test
    assert silent == []
    assert min(answers[name] for name in ("refused", "taken", "broken")) > 20
