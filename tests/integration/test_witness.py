"""Debian's executables against a witness that is built here: minutes of compiling."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.cli import Samego
from support.deb_repack import Deb

pytestmark = [pytest.mark.long, pytest.mark.network, pytest.mark.timeout(2 * 3600)]


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Samego:
    return Samego(home=tmp_path_factory.mktemp("witness-home"), patience=2 * 3600)


def test_trixies_go_passes_and_a_tampered_executable_is_the_alarm(
    builder: Samego,
    trixie_go124_debs: list[Path],
    go124_source: Path,
    go1244_module_zip: Path,
    tmp_path: Path,
) -> None:
    given = ("--rebuild", "--upstream", go1244_module_zip, "--format", "json")
    (dsc,) = go124_source.glob("*.dsc")
    passing = builder("check", *trixie_go124_debs, *given, "--source", dsc)
    assert passing.status == 0, passing.stderr
    counts = passing.report["counts"]
    assert (counts["unproven"], counts["unexplained"]) == (0, 0)
    assert sum(f["rule"] == "witness_build" for f in passing.report["findings"]) == 16

    deb = Deb(trixie_go124_debs[0])
    path = "usr/lib/go-1.24/pkg/tool/linux_amd64/compile"
    data = bytearray(deb[path].data)
    data[len(data) // 2] ^= 1
    changed = deb.repack(
        tmp_path / trixie_go124_debs[0].name, {path: deb[path].with_data(bytes(data))}
    )
    alarm = builder("check", changed, *trixie_go124_debs[1:], *given, "--source", dsc)
    assert alarm.status == 1, alarm.stderr
    (finding,) = [f for f in alarm.report["findings"] if f["standing"] == "unexplained"]
    assert finding["path"] == "pkg/tool/linux_amd64/compile"
    assert "does not follow from the package's own sources" in finding["cause"]
