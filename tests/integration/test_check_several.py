"""Several toolchains in one run, on real packages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.cli import Samego

pytestmark = pytest.mark.network


def test_a_directory_of_two_builds_is_two_toolchains(
    samego: Samego,
    trixie_go124_debs: list[Path],
    sid_go127_debs: list[Path],
    go124_source: Path,
    tmp_path: Path,
) -> None:
    for path in (*trixie_go124_debs, *sid_go127_debs):
        (tmp_path / path.name).symlink_to(path)
    missing = str(tmp_path / "missing.deb")
    (dsc,) = map(str, go124_source.glob("*.dsc"))
    result = samego("check", str(tmp_path), missing, dsc, "--format", "json")
    assert result.status == 2, result.stderr
    survey: dict[str, Any] = json.loads(result.stdout)
    first, second, third = survey["toolchains"]
    counts = first["report"]["counts"]
    assert (counts["identical"], counts["equivalent"], counts["explained"]) == (14_125, 16, 28)
    assert (first["claims"], len(first["also"])) == ("golang-1.24 1.24.4-1 amd64", 3)
    assert second["claims"].startswith("golang-1.27 1.27.3-1")
    assert second["report"]["consequences"]
    assert third["error"]["message"] == f"there is no file {missing}"
