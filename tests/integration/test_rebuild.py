"""Real releases built from source: what go.dev posts comes out, bit for bit.

Each host build takes some ten minutes on two cores, each target four; one cache serves all
tests, so that a host is built once. SAMEGO_TEST_REBUILDS names a cache to go on with: what
an earlier run finished is then compared again and not built again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.cli import Result, Samego
from support.inputs import Inputs, Pinned

pytestmark = [pytest.mark.long, pytest.mark.network, pytest.mark.timeout(6 * 3600)]

#: The announced sums (go.dev/dl) of what is built here.
LINUX_1244 = "77e5da33bb72aeaef1ba4418b6fe511bc4d041873cbf82e5aa6318740df98717"
WINDOWS_1244 = "b751a1136cb9d8a2e7ebb22c538c4f02c09b98138c7c8bfb78a54a4566c013b1"
PPC64LE_1244 = "9ca4afef813a2578c23843b640ae0290aa54b2e3c950a6cc4c99e16a57dec2ec"
ARM_1244 = "6a554e32301cecae3162677e66d4264b81b3b1a89592dd1b7b5c552c7a49fe37"
LINUX_1249 = "5b7899591c2dd6e9da1809fde4a2fad842c45d3f6b9deb235ba82216e31e34a6"
SOURCE_1244 = "5a86a83a31f9fa81490b8c5420ac384fd3d95a3e71fba665c7b3f95d1dfef2b4"
#: Debian's archive of go1.24.9, which is upstream's.
ORIG_1249 = Pinned(
    "golang-1.24_1.24.9.orig.tar.gz",
    "c72f81ba54fe00efe7f3e7499d400979246881b13b775e9a9bb85541c11be695",
)
#: The module zips as they are posted.
MODULES_12610 = {
    "linux-amd64": "f64ecb0807852be2c98899561c45288a9ad57f4e88f3cd002ffabeccbd03bfe1",
    "linux-arm64": "195f18be92553fb272b9c4f9fca6e67b6a04d8831bf6c4b918ac70982fadb444",
    "windows-amd64": "d0af8a5bd523b052167052ab3b33db2acf289be57e12f8d9b14621abe85e7a22",
}
MODULE_12113 = "f3568bbc73073440d4e7e2093e37ccc84d1d852454c7bf5e044e809179ea7ab7"


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Samego:
    kept = os.environ.get("SAMEGO_TEST_REBUILDS")
    return Samego(
        home=tmp_path_factory.mktemp("rebuild-home"),
        environment={"SAMEGO_CACHE": kept} if kept else {},
        patience=5 * 3600,
    )


def outcomes(result: Result) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for bootstrap in result.report["bootstraps"]:
        for target in bootstrap["targets"]:
            for file in target["files"]:
                found[file["name"]] = (file["outcome"], file["sha256"])
    return found


def rebuild(builder: Samego, *arguments: str | Path) -> Result:
    return builder("rebuild", *arguments, "--format", "json")


def test_debians_source_and_compiler_give_go_devs_files(
    builder: Samego, go124_source: Path, trixie_go124_debs: list[Path], inputs: Inputs
) -> None:
    (orig,) = go124_source.glob("*.orig.tar.gz")
    debs = ",".join(str(path) for path in trixie_go124_debs[:2])
    names = ("linux-amd64", "windows-amd64", "linux-arm", "linux-ppc64le")
    targets = [part for name in names for part in ("--target", name)]
    result = rebuild(builder, "go1.24.4", "--source", orig, "--bootstrap", debs, *targets)
    assert result.status == 0, result.stderr
    found = outcomes(result)
    assert found["go1.24.4.linux-amd64.tar.gz"] == ("reproduced", LINUX_1244)
    assert found["go1.24.4.windows-amd64.zip"] == ("reproduced", WINDOWS_1244)
    # Built for ARMv6, and posted under that name.
    assert found["go1.24.4.linux-armv6l.tar.gz"] == ("reproduced", ARM_1244)
    assert found["go1.24.4.linux-ppc64le.tar.gz"] == ("reproduced", PPC64LE_1244)
    assert found["go1.24.4.src.tar.gz"] == ("reproduced", SOURCE_1244)
    # Upstream's file for another machine was built here, and another machine's package is held
    # against it; what stays open are the executables, as on amd64.
    (dsc,) = go124_source.glob("*.dsc")
    given = ("--channel", "rebuild", "--source", dsc, "--format", "json")
    checked = builder("check", *inputs.debs("trixie/1.24/ppc64el"), *given)
    assert checked.status == 1, checked.stderr
    assert checked.report["upstream"]["channel"] == "rebuild"
    assert checked.report["upstream"]["sha256"] == PPC64LE_1244
    counts = checked.report["counts"]
    assert (counts["unexplained"], counts["not_compared"]) == (0, 0)
    assert counts["identical"] > 14_000


def test_an_older_go_of_debians_gives_the_same(
    builder: Samego, inputs: Inputs, bookworm_backports_debs: Callable[[str], list[Path]]
) -> None:
    orig = inputs.pool("golang-1.24", ORIG_1249)
    debs = ",".join(str(path) for path in bookworm_backports_debs("1.23")[:2])
    result = rebuild(builder, "go1.24.9", "--source", orig, "--bootstrap", debs)
    assert result.status == 0, result.stderr
    found = outcomes(result)
    assert found["go1.24.9.linux-amd64.tar.gz"] == ("reproduced", LINUX_1249)
    assert found["go1.24.9.src.tar.gz"] == ("reproduced", ORIG_1249.sha256)


def test_gccs_go_and_upstreams_own_give_the_same(builder: Samego) -> None:
    bootstraps = ("--bootstrap", "gccgo-12", "--bootstrap", "upstream")
    result = rebuild(builder, "go1.21.13", "--source", "module", *bootstraps)
    assert result.status == 0, result.stderr
    report: dict[str, Any] = result.report
    assert report["agreement"] is True
    name = "v0.0.1-go1.21.13.linux-amd64.zip"
    assert outcomes(result)[name] == ("reproduced", MODULE_12113)


def test_a_chain_that_starts_with_gcc_ends_with_a_new_releases_targets(builder: Samego) -> None:
    names = ("linux-amd64", "linux-arm64", "windows-amd64", "darwin-arm64", "darwin-amd64")
    targets = [part for name in names for part in ("--target", name)]
    bootstrap = ("--bootstrap", "gccgo-12")
    result = rebuild(builder, "go1.26.10", "--source", "module", *bootstrap, *targets)
    assert result.status == 0, result.stderr
    (chain,) = result.report["bootstraps"]
    assert [step["release"].rpartition(".")[0] for step in chain["steps"]] == [
        "go1.21",
        "go1.23",
        "go1.25",
        "go1.26",
    ]
    found = outcomes(result)
    for name in names:
        outcome, sha256 = found[f"v0.0.1-go1.26.10.{name}.zip"]
        assert outcome == ("equivalent" if name.startswith("darwin") else "reproduced")
        assert sha256 == MODULES_12610.get(name, sha256)
    assert not [name for name in found if name.endswith(".tar.gz")]


def test_a_killed_run_goes_on_where_it_was(builder: Samego, inputs: Inputs) -> None:
    module = inputs.module_zip("go1.27.3", "linux-amd64")
    first = rebuild(builder, "go1.27.3", "--source", module)
    assert first.status == 0, first.stderr
    again = rebuild(builder, "go1.27.3", "--source", module)
    (bootstrap,) = again.report["bootstraps"]
    assert not any(step["fresh"] for step in bootstrap["steps"])
    assert not any(target["fresh"] for target in bootstrap["targets"])
