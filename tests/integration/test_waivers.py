"""A file of waivers on real packages: what passes by it, and what a second person makes of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.cli import Samego

pytestmark = pytest.mark.network
TOOLS = "path pkg/tool/** for golang-1.24 until 2099-12-31: no machine here can build it\n"


def test_a_report_passes_where_all_that_fails_is_waived(
    samego: Samego,
    trixie_go124_debs: list[Path],
    go124_source: Path,
    go1244_module_zip: Path,
    tmp_path: Path,
) -> None:
    waivers, report = tmp_path / "samego.waivers", tmp_path / "report.json"
    debs = [str(trixie_go124_debs[0])]  # all executables are in it
    source = ("--source", *map(str, go124_source.glob("*.dsc")))

    def check(text: str) -> int:
        waivers.write_text(text)
        options = (*source, "--waivers", str(waivers), "--format", "json", "-o", str(report))
        return samego("check", *debs, "--upstream", str(go1244_module_zip), *options).status

    assert check(TOOLS) == 1
    part = json.loads(report.read_text())
    assert (part["verdict"], part["passes"]) == ("unproven", False)
    assert check(f"{TOOLS}path bin/go: the same\npath src/a.go: nothing differs there\n") == 0
    whole = json.loads(report.read_text())
    assert (whole["verdict"], whole["passes"]) == ("unproven", True)
    assert whole["findings"] == part["findings"]
    assert [len(each["paths"]) for each in whole["waivers"]] == [15, 1, 0]
    unused = "samego.waivers, line 3: the waiver takes nothing that fails: remove it"
    assert unused in whole["notes"]

    verify = ("verify", str(report), *debs, str(go1244_module_zip), *source)
    theirs = samego(*verify)
    assert theirs.status == 2
    assert "which samego.waivers waives: that is the word of its owner" in " ".join(
        theirs.stdout.split()
    )
    assert samego(*verify, "--waivers", str(waivers)).status == 0
