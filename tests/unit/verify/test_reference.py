from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from samego.config import Config
from samego.formats.archive.spool import Spool
from samego.model.proof import Standing
from samego.system.progress import Silent
from samego.verify.reference import ReferenceMeans, hold_against_reference
from support import contexts
from support.reports import embedding, explained

CLAIM = explained("bin/go", "witness_build", "rebuilt here")
OPEN = replace(embedding("bin/go"), rule="embedded_settings")


@pytest.fixture
def means(tmp_path: Path) -> Iterator[ReferenceMeans]:
    spool = Spool(tmp_path)
    yield ReferenceMeans(Config(cache_directory=tmp_path / "a"), spool, Silent())
    spool.close()


@pytest.mark.parametrize("key", ["", "../../secret", "/etc", "..", "unknown0"])
def test_without_the_reference_that_it_names_a_claim_is_not_repeated(
    key: str, means: ReferenceMeans, tmp_path: Path
) -> None:
    assert CLAIM.proof is not None
    claim = replace(CLAIM, proof=replace(CLAIM.proof, details={"witness": key}))
    # What a key could lead to, if it were taken as a path.
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/reference.json").write_text("{}", "utf-8")
    found, untold = hold_against_reference([claim], [OPEN], contexts.context({}, {}), means)
    assert [finding.standing for finding in found] == [Standing.UNPROVEN]
    (item,) = untold
    assert item.paths == ("bin/go",)
    assert item.decides


def test_that_a_rebuild_came_out_different_is_open_without_one(means: ReferenceMeans) -> None:
    claim = replace(CLAIM, standing=Standing.UNEXPLAINED, proof=None)
    _found, untold = hold_against_reference([claim], [OPEN], contexts.context({}, {}), means)
    assert [item.decides for item in untold] == [True]


def test_a_claim_of_what_does_not_differ_is_not_excused_for_want_of_a_reference(
    means: ReferenceMeans,
) -> None:
    claims = [CLAIM, replace(CLAIM, path="src/fmt/print.go", standing=Standing.UNEXPLAINED)]
    _found, untold = hold_against_reference(claims, [OPEN], contexts.context({}, {}), means)
    assert [item.paths for item in untold] == [("bin/go",)]


def test_without_such_claims_nothing_is_asked_for(means: ReferenceMeans) -> None:
    means = replace(means, rebuild=True)
    found = [OPEN]
    assert hold_against_reference(found, found, contexts.context({}, {}), means) == (
        tuple(found),
        (),
    )
