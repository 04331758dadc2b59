"""Which runs count, and why others do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samego.monitor.history.counting import FILES, OTHERS, PART, SOURCE, why_not
from samego.monitor.history.evidence import Evidence
from samego.monitor.history.record import Run
from support.history_runs import run

ALL = ("aa", "bb", "cc")


def of(origin: str, packages: tuple[str, ...] = ALL, **more: object) -> Run:
    one = replace(run("1.24.4-1"), origin=origin, packages=packages, bytes=" ".join(packages))
    digest = f"{origin}{packages}{sorted(more)}"
    return replace(one, digest=digest, **more)  # type: ignore[arg-type]


SUITE = of("suite")


@pytest.mark.parametrize("origin", ["suite", "installed", ""])
def test_what_is_shipped_counts(origin: str) -> None:
    assert why_not([of(origin)], {}) == {}


def test_files_count_where_a_suite_holds_them() -> None:
    files = of("files")
    assert why_not([files], {}) == {files.digest: FILES}
    assert why_not([files, SUITE], {}) == {}
    assert why_not([files, replace(files, held=True, digest="said")], {}) == {}
    forged = of("files", ("aa", "bb", "dd"))
    assert why_not([SUITE, forged], {}) == {forged.digest: FILES}


def test_a_part_of_a_build_does_not_count_beside_it() -> None:
    for part in (of("files", ("aa",)), of("suite", ("aa", "bb")), of("", ("bb",))):
        left = why_not([part, SUITE], {})
        assert left == {part.digest: FILES if part.origin == "files" else PART}
    alone = of("suite", ("aa",))
    assert why_not([alone], {}) == {}


@pytest.mark.parametrize(
    "experiment",
    [
        of("suite", experiment="--release"),
        of("suite", experiment="upstream's file is not verified"),
        of("directory"),
        of("", distro="none"),
        of("suite", owner="alice"),
    ],
)
def test_an_experiment_never_counts(experiment: Run) -> None:
    (why,) = why_not([SUITE, experiment], {}).values()
    assert why == OTHERS if experiment.owner else why.startswith("an experiment (")


def test_another_source_package_than_the_suites_is_an_experiment() -> None:
    def with_source(source: str) -> Evidence:
        return Evidence({}, 1, source=source)

    files = of("files")
    for source, left in (("1.dsc", {}), ("", {}), ("2.dsc", {files.digest: SOURCE})):
        evidence = {SUITE.digest: with_source("1.dsc"), files.digest: with_source(source)}
        assert why_not([SUITE, files], evidence) == left
