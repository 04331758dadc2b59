"""A real package whose sources say one build and whose executables are another's."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from support.cli import Samego
from support.deb_repack import Deb

pytestmark = pytest.mark.network
GO = "usr/lib/go-1.24"
SETTINGS = "src/internal/buildcfg/zbootstrap.go"


def test_declared_settings_beside_upstreams_own_go_are_unproven(
    trixie_go124_debs: list[Path], go1244_module_zip: Path, go124_source: Path, tmp_path: Path
) -> None:
    deb = Deb(trixie_go124_debs[0])
    with zipfile.ZipFile(go1244_module_zip) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith("/bin/go"))
        genuine = archive.read(name)
    changed = deb.repack(tmp_path, {f"{GO}/bin/go": deb[f"{GO}/bin/go"].with_data(genuine)})
    (dsc,) = go124_source.glob("*.dsc")
    given = ("--upstream", go1244_module_zip, "--source", dsc, "--format", "json")
    result = Samego(home=tmp_path)("check", changed, *given)
    assert result.status == 1, result.stderr
    findings = {finding["path"]: finding for finding in result.report["findings"]}
    assert "bin/go" not in findings
    assert (findings[SETTINGS]["standing"], findings[SETTINGS]["rule"]) == (
        "unproven",
        "contradiction",
    )
    assert "no build gives both: bin/go is compiled from it" in findings[SETTINGS]["cause"]
