"""A way of building that was made wrong on purpose, against a real and genuine package.

samego itself is changed: what it builds with sees one variable more. Every executable that it
builds then differs from the package's; the control must stop it before that accuses anybody.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from support.cli import Result, Samego

pytestmark = [pytest.mark.network, pytest.mark.long, pytest.mark.timeout(2 * 3600)]

#: samego with GOAMD64=v3 in the environment of every build, or of the quick ones alone.
_CHANGED = """#!{python}
import sys

from samego.cli.main import main
from samego.rebuild import host_build
from samego.rebuild.cmd_dist import CmdDist
from samego.reference import full

quick = CmdDist.environment
CmdDist.environment = lambda *given: {{**quick(*given), "GOAMD64": "v3"}}
if {whole}:
    whole = host_build.run_make_bash
    full.run_make_bash = lambda goroot, environment, *rest: whole(
        goroot, {{**environment, "GOAMD64": "v3"}}, *rest
    )
sys.exit(main())
"""


def check(tmp_path: Path, upstream: Path, source: Path, debs: list[Path], *, whole: bool) -> Result:
    program = tmp_path / "samego"
    program.write_text(_CHANGED.format(python=sys.executable, whole=whole), "utf-8")
    program.chmod(0o755)
    (tmp_path / "home").mkdir()
    (dsc,) = source.glob("*.dsc")
    samego = Samego(home=tmp_path / "home", patience=2 * 3600, program=program)
    given = ("--upstream", upstream, "--source", dsc, "--format", "json")
    return samego("check", "--rebuild", *debs, *given)


def test_a_wrong_method_accuses_nobody(
    tmp_path: Path, go1244_module_zip: Path, go124_source: Path, trixie_go124_debs: list[Path]
) -> None:
    result = check(tmp_path, go1244_module_zip, go124_source, trixie_go124_debs, whole=True)
    assert result.status == 2, result.stdout
    error, hint = result.stderr.splitlines()[-2:]
    assert "this build method does not reproduce upstream's own files" in error
    assert "(make.bash for linux-amd64:" in error
    assert "GOAMD64" in error, "it says what differs"
    assert hint.startswith("hint: ")
    assert not result.stdout


def test_the_whole_build_decides_where_the_quick_one_is_wrong(
    tmp_path: Path, go1244_module_zip: Path, go124_source: Path, trixie_go124_debs: list[Path]
) -> None:
    result = check(tmp_path, go1244_module_zip, go124_source, trixie_go124_debs, whole=False)
    assert result.status == 0, result.stderr
    found = [item for item in result.report["findings"] if item["rule"] == "witness_build"]
    assert found
    assert {item["proof"]["details"]["built_by"] for item in found} == {"make.bash"}
