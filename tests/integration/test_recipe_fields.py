"""What .PKGINFO says, compared with what the real makepkg writes for the package's PKGBUILD."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.arch_packages import ArchMaker, contents
from support.toy_check import ARCH_FILES, RELEASE, VERSION_FILE, Checked, check, write_upstream

#: A recipe of Go as Arch's is, with more lines before its functions and in package().
RECIPE = """pkgname=go
epoch=2
pkgver={version}
pkgrel=1
pkgdesc='Core compiler tools'
url='https://go.dev/'
arch=(x86_64)
license=(BSD-3-Clause)
makedepends=(git go)
options=(!strip staticlibs)
{outside}
build() {{
  cd go/src
  ./make.bash -v
}}
package() {{
  cd go
  install -dm755 "$pkgdir"/usr/lib/go
  cp -a api bin lib misc pkg src test VERSION go.env "$pkgdir"/usr/lib/go
  strip $STRIP_BINARIES "$pkgdir"/usr/lib/go/{{bin/*,pkg/tool/*/*}}
  {inside}
}}
"""


class Toy:
    """A tiny package of a tiny Go, that names its recipe."""

    def __init__(self, home: Path, outside: str = "", inside: str = "") -> None:
        self.home = home
        version = RELEASE.removeprefix("go")
        self.recipe = home / "PKGBUILD"
        self.recipe.write_text(RECIPE.format(version=version, outside=outside, inside=inside))
        (home / "packages").mkdir()
        self.maker = ArchMaker(
            home / "packages",
            version=f"2:{version}-1",
            contents=contents(RELEASE) | {"usr/lib/go/VERSION": VERSION_FILE},
            pkgbuild_sha256=hashlib.sha256(self.recipe.read_bytes()).hexdigest(),
        )
        self.upstream = write_upstream(home, ARCH_FILES)

    def check(self, *, source: bool = True) -> Checked:
        """Check the package, with its recipe at hand or without."""
        given = ("--source", str(self.recipe)) if source else ()
        return check(self.home, self.upstream, [self.maker.write()], *given)


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("GOPROXY", "off")


def fields(checked: Checked) -> dict[str, str]:
    """The standings of the fields of .PKGINFO that have a finding."""
    return {
        path.removeprefix("/.PKGINFO:"): standing
        for path, standing in checked.standings.items()
        if path.startswith("/.PKGINFO:")
    }


OWN: Mapping[str, object] = {"depend": ["glibc", "own-tool>=1.2"], "conflict": "gcc-go"}


@pytest.mark.parametrize(
    ("outside", "inside"),
    [
        ("depends=(glibc 'own-tool>=1.2')\nconflicts=(gcc-go)", ":"),
        (":", "depends=(glibc 'own-tool>=1.2'); conflicts=(gcc-go)"),
        ("depends=(glibc)\nconflicts_x86_64=(gcc-go)", "depends+=('own-tool>=1.2')"),
    ],
    ids=["outside of functions", "in package()", "in both"],
)
def test_what_the_recipe_declares_is_explained_by_makepkg(
    outside: str, inside: str, tmp_path: Path
) -> None:
    toy = Toy(tmp_path, outside, inside)
    toy.maker.pkginfo = dict(OWN)
    checked = toy.check()
    assert fields(checked) == {"depend": "explained", "conflict": "explained"}, checked.said
    proof = checked.finding("/.PKGINFO:depend")["proof"]
    assert proof["tools"][0]["name"] == "makepkg"
    lines = b"depend = glibc\ndepend = own-tool>=1.2\n"
    assert proof["digest"] == hashlib.sha256(lines).hexdigest()


@pytest.mark.parametrize(
    ("planted", "key"),
    [
        # The same as the next, by another version.
        pytest.param({"depend": ["glibc", "own-tool>=1.3"]}, "depend", marks=pytest.mark.long),
        ({"depend": ["glibc", "own-tool>=1.2", "evil-daemon"]}, "depend"),
        ({"license": ["BSD-3-Clause", "evil"]}, "license"),
        ({"depend": []}, "depend"),
    ],
)
def test_what_it_does_not_declare_is_unexplained(
    planted: dict[str, object], key: str, tmp_path: Path
) -> None:
    toy = Toy(tmp_path, "depends=(glibc 'own-tool>=1.2')\nconflicts=(gcc-go)")
    toy.maker.pkginfo = {**OWN, **planted}
    found = fields(toy.check())
    assert found[key] == "unexplained"
    assert found["conflict"] == "explained"


def test_a_recipe_that_is_not_at_hand_explains_nothing(tmp_path: Path) -> None:
    toy = Toy(tmp_path, "depends=(glibc 'own-tool>=1.2')\nconflicts=(gcc-go)")
    toy.maker.pkginfo = dict(OWN)
    toy.recipe.rename(tmp_path / "elsewhere")
    assert fields(toy.check(source=False)) == {"depend": "unproven", "conflict": "unproven"}


def test_a_package_function_that_fails_explains_nothing(tmp_path: Path) -> None:
    toy = Toy(tmp_path, "depends=(glibc 'own-tool>=1.2')\nconflicts=(gcc-go)", "false")
    toy.maker.pkginfo = dict(OWN)
    checked = toy.check()
    assert fields(checked) == {"depend": "unproven", "conflict": "unproven"}
    assert "package() did not reach its end" in checked.finding("/.PKGINFO:depend")["cause"]


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param("sed -i s/main/evil/ src/main.go", marks=pytest.mark.long),
        "install -m644 <(echo 'package evil') \"$pkgdir\"/usr/lib/go/src/main.go",
    ],
)
def test_what_package_edits_is_not_replayed_and_so_unexplained(edit: str, tmp_path: Path) -> None:
    """make.bash has been called then: a proof of the source before it says nothing of that."""
    toy = Toy(tmp_path, ":", f"{edit} || :")
    toy.maker.contents["usr/lib/go/src/main.go"] = b"package evil\n"
    checked = toy.check()
    assert checked.standings["src/main.go"] == "unexplained"
    assert checked.status == 1


def test_what_build_edits_after_make_bash_is_not_either(tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    text = toy.recipe.read_text()
    toy.recipe.write_text(text.replace("make.bash -v", "make.bash -v; sed -i s/main/evil/ main.go"))
    toy.maker.pkgbuild_sha256 = hashlib.sha256(toy.recipe.read_bytes()).hexdigest()
    toy.maker.contents["usr/lib/go/src/main.go"] = b"package evil\n"
    assert toy.check().standings["src/main.go"] == "unexplained"
