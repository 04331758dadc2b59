"""Real packages of Go with one thing changed that an installer, or a person, acts on."""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from support.cli import Result, Samego
from support.deb_repack import Deb, Member
from support.inputs import Inputs
from support.makepkg import STRIPPED, arch_package
from support.pkg_edit import edit_package

# The first of all tests that asks for Arch's package builds Go.
pytestmark = [pytest.mark.network, pytest.mark.timeout(2 * 3600)]

PASS = {"identical", "equivalent", "explained"}
GOROOT, SHARE = "usr/lib/go-1.24", "usr/share/go-1.24"
TOOLS = f"{GOROOT}/pkg/tool/linux_amd64"

Check = Callable[..., Result]


@pytest.fixture(scope="module")
def check(samego: Samego, go1244_module_zip: Path, go124_source: Path) -> Check:
    """Check Debian's packages with all that is genuine at hand."""
    source = next(go124_source.glob("*.dsc"))

    def run(*packages: Path) -> Result:
        given = ("--upstream", go1244_module_zip, "--source", source, "--format", "json")
        return samego("check", *packages, *given)

    return run


def failing(result: Result) -> dict[str, Mapping[str, str]]:
    """The findings that do not pass, by path."""
    return {
        finding["path"]: finding
        for finding in result.report["findings"]
        if finding["standing"] not in PASS
    }


def test_what_debian_ships_says_nothing_new(trixie_report: Path) -> None:
    report = json.loads(trixie_report.read_text("utf-8"))
    kinds = {finding["kind"] for finding in report["findings"]}
    assert not kinds & {"field", "identity", "directory"}
    counts = {key: report["counts"][key] for key in ("identical", "equivalent", "explained")}
    assert counts == {"identical": 14125, "equivalent": 16, "explained": 28}


def test_permissions_of_what_lies_around_and_of_what_is_added(
    check: Check, trixie_go124_debs: list[Path], tmp_path: Path
) -> None:
    go, src, doc = (Deb(path) for path in trixie_go124_debs)
    packages = [
        go.repack(
            tmp_path,
            {
                GOROOT: go[GOROOT].with_mode(0o777),
                "usr/lib": _owned(go["usr/lib"]),
                f"{GOROOT}/pkg/include": _owned(go[f"{GOROOT}/pkg/include"]),
                f"{TOOLS}/dist": go[f"{TOOLS}/dist"].with_mode(0o4755),
                f"{TOOLS}/distpack": go[f"{TOOLS}/distpack"].with_mode(0o2755),
            },
        ),
        src.repack(
            tmp_path,
            {
                SHARE: src[SHARE].with_mode(0o777),
                f"{SHARE}/src": src[f"{SHARE}/src"].with_mode(0o1777),
                f"{SHARE}/test/fixedbugs": _owned(src[f"{SHARE}/test/fixedbugs"]),
            },
        ),
        doc.repack(tmp_path, {"usr/share/doc": doc["usr/share/doc"].with_mode(0o775)}),
    ]
    found = failing(check(*packages))
    told = {
        f"/{GOROOT}": "mode 0777",
        "/usr/lib": "uid 1000",
        "pkg/include": "uid 1000",
        "pkg/tool/linux_amd64/dist": "mode 4755",
        "pkg/tool/linux_amd64/distpack": "mode 2755",
        f"/{SHARE}": "mode 0777",
        f"/{SHARE}/src": "mode 1777",
        "test/fixedbugs": "uid 1000",
        "/usr/share/doc": "mode 0775",
    }
    for path, where in told.items():
        assert found[path]["standing"] == "unexplained", path
        assert where in found[path]["where"]


def _owned(member: Member) -> Member:
    changed = member.with_mode(member.info.mode)
    changed.info.uid = changed.info.gid = 1000
    changed.info.uname = changed.info.gname = ""
    return changed


def test_fields_of_the_control_file(
    check: Check, trixie_go124_debs: list[Path], tmp_path: Path
) -> None:
    go, *others = trixie_go124_debs
    planted = "Pre-Depends: evil-daemon\nEssential: yes\nReplaces: coreutils\nConflicts: apparmor\n"
    changed = Deb(go).repack(tmp_path, {}, version=("Section: ", f"{planted}Section: "))
    found = failing(check(changed, *others))
    control = "/DEBIAN/golang-1.24-go.control"
    assert {path: item["standing"] for path, item in found.items() if path[0] == "/"} == {
        f"{control}:Pre-Depends": "unexplained",
        f"{control}:Essential": "unexplained",
        f"{control}:Replaces": "unexplained",
        # The very source package is at hand, and does not declare it.
        f"{control}:Conflicts": "unexplained",
    }


def test_an_old_go_that_calls_itself_a_new_one(
    check: Check, trixie_go124_debs: list[Path], tmp_path: Path
) -> None:
    packages = []
    for path in trixie_go124_debs:
        once = Deb(path).repack(tmp_path / path.name, {}, version=("1.24.4-1", "1.25.9-1"))
        packages.append(Deb(once).repack(once, {}, version=("golang-1.24", "golang-1.25")))
    found = failing(check(*packages))
    for part in ("go", "src", "doc"):
        control = f"/DEBIAN/golang-1.25-{part}.control"
        assert found[f"{control}:Version"]["cause"] == (
            "the package's version is 1.25.9-1, its files are go1.24.4"
        )
        assert f"{control}:Package" in found
        assert f"{control}:Source" in found


def _headers(member: tarfile.TarInfo, data: bytes) -> bytes:
    if member.name in MODES:
        member.mode = MODES[member.name]
    return data


#: What bsdtar would have written for such a tree, by path.
MODES = {
    "usr/lib/go": 0o777,
    "usr/lib/go/src": 0o1777,
    "usr/share": 0o775,
    "usr/lib/go/pkg/tool/linux_amd64/dist": 0o4755,
}


def _metadata(member: tarfile.TarInfo, data: bytes) -> bytes:
    if member.name in {".PKGINFO", ".BUILDINFO"}:
        data = data.replace(b"pkgver = 2:1.24.9-1", b"pkgver = 2:1.25.9-1")
    return data + b"depend = evil-daemon\n" if member.name == ".PKGINFO" else data


def _with_modes(listing: str) -> str:
    """The package's own list, as if it had been packed so."""
    for name, mode in MODES.items():
        pattern = rf"(?m)^(\./{re.escape(name)}) (.*?)( mode=\d+)?( .*)?$"
        listing = re.sub(pattern, rf"\1 \2 mode={mode:o}\4", listing)
    return listing


@pytest.fixture(scope="module")
def check_arch(samego: Samego, inputs: Inputs) -> Check:
    """Check a package of Arch against upstream's file at hand."""
    upstream = inputs.module_zip(STRIPPED.release, "linux-amd64")
    return lambda path: samego("check", path, "--upstream", upstream, "--format", "json")


@pytest.mark.long  # as in Debian's above; small packages of Arch's show modes too
def test_permissions_in_archs_package(check_arch: Check, inputs: Inputs, tmp_path: Path) -> None:
    package = arch_package(inputs, STRIPPED)
    changed = edit_package(package, tmp_path / package.name, _headers, _with_modes)
    found = failing(check_arch(changed))
    for path, mode in MODES.items():
        shown = path.removeprefix("usr/lib/go/") if "go/" in path else f"/{path}"
        assert found[shown]["standing"] == "unexplained"
        assert found[shown]["where"].startswith(f"mode {mode:04o}")
        assert ".MTREE" not in found[shown]["where"]


def test_what_archs_package_says_of_itself(
    check_arch: Check, inputs: Inputs, tmp_path: Path
) -> None:
    package = arch_package(inputs, STRIPPED)

    def unlisted(listing: str) -> str:
        return re.sub(r"(?m)^\./\.(PKGINFO|BUILDINFO) .*\n", "", listing)

    changed = edit_package(package, tmp_path / package.name, _metadata, unlisted)
    found = failing(check_arch(changed))
    assert found["/.PKGINFO:pkgver"]["cause"] == (
        "the package's version is 2:1.25.9-1, its files are go1.24.9"
    )
    assert "evil-daemon" in found["/.PKGINFO:depend"]["cause"]
