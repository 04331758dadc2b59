"""PKGBUILDs: what is read of them, what is told as not understood, and that nothing runs."""

from __future__ import annotations

import subprocess
import textwrap
from pathlib import Path

import pytest

from samego.errors import InputError
from samego_arch.pkgbuild import PkgBuild, parse_pkgbuild

FIXTURES = Path(__file__).parents[3] / "fixtures/arch"
SUM = "0123456789abcdef" * 4


def read(text: str, architecture: str = "x86_64") -> PkgBuild:
    data = textwrap.dedent(text).encode()
    return parse_pkgbuild(data, name="PKGBUILD", architecture=architecture)


def built(body: str, before: str = "") -> PkgBuild:
    """A recipe whose build() has this body and then calls make.bash."""
    lines = textwrap.dedent(body)
    return read(f"pkgname=go\n{textwrap.dedent(before)}\nbuild() {{\n{lines}\n./make.bash\n}}\n")


@pytest.mark.parametrize(
    ("release", "experiment"), [("1.24.9", {}), ("1.27.1", {"GOEXPERIMENT": "nodwarf5"})]
)
def test_arch_recipes(release: str, experiment: dict[str, str]) -> None:
    path = FIXTURES / f"go-{release}/PKGBUILD"
    found = parse_pkgbuild(path.read_bytes(), name="PKGBUILD", architecture="x86_64")
    assert (found.name, found.version) == ("go", f"2:{release}-1")
    common = {"GOAMD64": "v1", "GOROOT_FINAL": "/usr/lib/go"}
    assert found.settings == {**common, **experiment}
    assert found.unread == ()
    assert found.builds
    (source,) = found.sources
    assert source.name == f"go{release}.src.tar.gz"
    assert list(source.sums) == ["sha256sums"]


RECIPE = f"""\
# Maintainer: A Packager <packager@example.org>
pkgname=go
epoch=2
pkgver=1.26.0
pkgrel=1
pkgdesc='Core compiler tools'
arch=(x86_64)
options=(!strip staticlibs)
source=("https://go.dev/dl/go${{pkgver}}.src.tar.gz"{{,.asc}}
        a-fix.patch  # for the builders
        other.patch::https://example.org/x?id=1
        notes.txt)
sha256sums=('{SUM}'
            'SKIP'
            '{SUM}'
            '{SUM}'
            '{SUM}')

prepare() {{
  cd $pkgname
  rm -vf src/runtime/{{os_plan9,proc}}.go.orig
  patch -p1 -i ../a-fix.patch
  patch -Np1 < "$srcdir"/other.patch
}}

case "$CARCH" in
  x86_64) export GOARCH=amd64 ;;
  armv7h) export GOARCH=arm GOARM=7 ;;
  a*) export GOARCH=arm64 ;;
esac

build() {{
  export GOEXPERIMENT=nodwarf5
  cd "$pkgname/src"
  ./make.bash -v
  export GOEXPERIMENT=toolate
}}

check() {{
  if ! ./run.bash; then for i in 1 2; do echo "$i"; done; fi
}}

package() {{
  install -d "$pkgdir/usr/lib/go/pkg/linux_amd64_"{{dynlink,race}}
  strip $STRIP_BINARIES "$pkgdir/usr/lib/go"{{/bin/*,/pkg/tool/*/*}}
}}
"""


def test_a_whole_recipe() -> None:
    found = read(RECIPE)
    assert found.version == "2:1.26.0-1"
    assert found.settings == {"GOEXPERIMENT": "nodwarf5"}
    assert found.patches == ("a-fix.patch", "other.patch")
    assert found.unread == ()
    assert [source.name for source in found.sources] == [
        "go1.26.0.src.tar.gz",
        "go1.26.0.src.tar.gz.asc",
        "a-fix.patch",
        "other.patch",
        "notes.txt",
    ]
    assert [bool(source.sums) for source in found.sources] == [True, False, True, True, True]
    assert found.sources[3].url == "https://example.org/x?id=1"


@pytest.mark.parametrize(
    ("architecture", "settings"),
    [("armv7h", {"GOARM": "7"}), ("aarch64", {}), ("riscv64", {})],
)
def test_the_architecture_chooses(architecture: str, settings: dict[str, str]) -> None:
    assert read(RECIPE, architecture).settings == {"GOEXPERIMENT": "nodwarf5", **settings}


@pytest.mark.parametrize(
    ("body", "settings"),
    [
        ("export GOEXPERIMENT=a,b", {"GOEXPERIMENT": "a,b"}),
        ("export GOEXPERIMENT='a b'", {"GOEXPERIMENT": "a b"}),
        ('export GOEXPERIMENT="a"b\\c', {"GOEXPERIMENT": "abc"}),
        ('x=nodwarf5; export GOEXPERIMENT="${x}"', {"GOEXPERIMENT": "nodwarf5"}),
        ("GOEXPERIMENT=a\nexport GOEXPERIMENT", {"GOEXPERIMENT": "a"}),
        ("GOEXPERIMENT=a\nGOEXPERIMENT+=,b\nexport GOEXPERIMENT", {"GOEXPERIMENT": "a,b"}),
        ("export GOEXPERIMENT=a; unset GOEXPERIMENT", {}),
        ("GOEXPERIMENT=a", {}),
        ("export GO386=softfloat GOAMD64=v3 OTHER=x", {"GO386": "softfloat", "GOAMD64": "v3"}),
        ("export CC_FOR_linux_arm64=aarch64-gcc", {"CC_FOR_linux_arm64": "aarch64-gcc"}),
        ("export GOEXPERIMENT=a#b", {"GOEXPERIMENT": "a#b"}),
        ("export GOEXPERIMENT=a # b", {"GOEXPERIMENT": "a"}),
        ("export GOEXPERIMENT=a\\\nb", {"GOEXPERIMENT": "ab"}),
        ("cd go/src && export GOEXPERIMENT=a || exit 1", {"GOEXPERIMENT": "a"}),
        ("export GOEXPERIMENT={a,b}", {"GOEXPERIMENT": "{a,b}"}),
        ("export GOROOT_BOOTSTRAP=${GOROOT_BOOTSTRAP:-/usr/lib/go}", {}),
    ],
)
def test_settings(body: str, settings: dict[str, str]) -> None:
    found = built(body)
    assert found.settings == settings
    assert found.unread == ()


@pytest.mark.parametrize(
    ("call", "settings"),
    [
        ("./make.bash", {}),
        ("bash ./make.bash -v", {}),
        ("GOEXPERIMENT=a ./make.bash", {"GOEXPERIMENT": "a"}),
        ("_build", {"GOEXPERIMENT": "helped"}),
    ],
)
def test_calls_of_make(call: str, settings: dict[str, str]) -> None:
    helper = "_build() {\n export GOEXPERIMENT=helped\n ./make.bash\n}\n"
    found = read(f"pkgname=go\n{helper}build() {{\n  {call}\n}}\n")
    assert found.builds
    assert found.settings == settings


def test_a_recipe_that_builds_elsewhere() -> None:
    found = read("pkgname=go\nbuild() {\n  export GOEXPERIMENT=a\n  make\n}\n")
    assert not found.builds
    assert found.settings == {}
    assert found.unread == ("line 4 (build()): make",)


@pytest.mark.parametrize(
    "body",
    [
        "export GOEXPERIMENT=$(echo nodwarf5)",
        "export GOEXPERIMENT=`echo nodwarf5`",
        'export GOEXPERIMENT="a$(echo b)"',
        "export GOEXPERIMENT=${x:-nodwarf5}",
        "export GOEXPERIMENT=$'nodwarf5'",
        "export GOEXPERIMENT=$((1+1))",
        "export GOEXPERIMENT=$1",
        "export GOEXPERIMENT=$unset",
        "export GOEXPERIMENT=~/x",
        "export GOEXPERIMENT=<(echo a)",
        "export -n GOEXPERIMENT=a",
        "declare -x GOEXPERIMENT=a",
        "eval export GOEXPERIMENT=a",
        "source ./settings",
        ". ./settings",
        "[[ -n $x ]] && export GOEXPERIMENT=a",
        "test -f x && export GOEXPERIMENT=a",
        "true || export GOEXPERIMENT=a",
        "if true; then export GOEXPERIMENT=a; fi",
        "for x in a b; do export GOEXPERIMENT=$x; done",
        "while read -r x; do export GOEXPERIMENT=$x; done < file",
        "(export GOEXPERIMENT=a)",
        "{ export GOEXPERIMENT=a; } 2>/dev/null",
        "echo a | export GOEXPERIMENT=a",
        "export GOEXPERIMENT=a &",
        "case $x in a) export GOEXPERIMENT=a ;; esac",
        "cat <<end >settings\nexport GOEXPERIMENT=a\nend",
        "sed -i s/a/b/ go/src/internal/buildcfg/cfg.go",
        "$x GOEXPERIMENT=a",
        "trap 'export GOEXPERIMENT=a' DEBUG",
        "! export GOEXPERIMENT=a",
        "export 'GO EXPERIMENT'=a",
    ],
)
def test_what_is_not_understood_is_told_and_not_taken(body: str) -> None:
    found = built(body)
    assert "GOEXPERIMENT" not in found.settings
    assert found.unread
    assert all(line.startswith("line 4 (build()): ") for line in found.unread)
    assert found.builds


@pytest.mark.parametrize(
    "call",
    [
        "patch -p0 -i ../a.patch",
        "patch -i ../a.patch",
        "patch -Rp1 -i ../a.patch",
        "patch -p1 ../a.patch",
        "patch -p1 -i ../../a.patch",
        "patch -p1 -i /etc/a.patch",
        "patch -p1 -i ../a.patch -i ../b.patch",
        "patch -p1 -i $file",
        "patch -p1 -d src -i ../a.patch",
        "patch -p1",
        "cd src; patch -p1 -i ../../a.patch",
        "cd $nowhere; patch -p1 -i ../a.patch",
        "cat ../a.patch | patch -p1",
        "git apply ../a.patch",
        "patch -p1 <<end\n--- a\nend",
    ],
)
def test_patches_that_are_not_taken(call: str) -> None:
    found = read(f"pkgname=go\nprepare() {{\ncd go\n{call}\n}}\n")
    assert found.patches == ()
    assert len(found.unread) == 1
    assert "(prepare())" in found.unread[0]


@pytest.mark.parametrize(
    "call",
    [
        "patch -p1 -i ../a.patch",
        "patch -Np1 -i ../a.patch",
        "patch -Np1 -i '../a.patch'",
        'patch -p1 --forward --input="${srcdir}/a.patch"',
        "patch --strip=1 <../a.patch",
        'patch -p 1 -i"$startdir/a.patch"',
        'cd "$srcdir"; patch -d go -p1 -i ../a.patch',
        'cd "$srcdir"; patch -d go -p1 <a.patch',
    ],
)
def test_patches(call: str) -> None:
    found = read(f"pkgname=go\nprepare() {{\ncd go\n{call}\n}}\n")
    assert found.patches == ("a.patch",)
    assert found.unread == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pkgname='go\n", "a quote without its end"),
        ('pkgname="go\n', "a quote without its end"),
        ("x=`a\n", "a quote without its end"),
        ("x=$(a\n", r"a construct without its \)"),
        ("x=${a\n", "a construct without its }"),
        ("source=(a\n", "an array without its end"),
        ("source=(a; b)\n", "an array with an operator"),
        ("build() {\n", "unexpected end"),
        ("}\n", "line 1 has an unexpected"),
        ("a )\n", "line 1 has an unexpected"),
        ("if true; fi\n", "unexpected"),
        ("case a in b) c\n", "unexpected end"),
        ("cat <<end\n", "a here-document without its end"),
        ("x=(" + "{a,b}" * 20 + ")\n", "its braces explode"),
        ("x=(" + "{" * 200 + ")\n", "over 100 braces"),
        ("x=" + "$(" * 200 + "\n", "nested too deeply"),
        ('x="' + '$("' * 200 + "\n", "nested too deeply"),
        ("{ " * 200 + "\n", "unexpected"),
        ("x=\0\n", "is no text"),
        ("#" * (300 << 10), "has 307200 bytes"),
    ],
)
def test_what_is_no_script(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read(text)


def test_a_version_that_is_computed() -> None:
    assert read("pkgname=go\npkgver=1.2\npkgrel=1\npkgver() { git describe; }\n").version == ""
    assert read("pkgname=go\npkgver=$(git describe)\npkgrel=1\n").version == ""
    assert read("pkgname=(go go-doc)\npkgver=1.2\npkgrel=1\n").version == "1.2-1"
    assert read("pkgname=(go go-doc)\n").name == "go"


EVERYTHING = """\
pkgname=go
function helper() { export GO386=softfloat; } >/dev/null
function other { :; }
whole() ( cd /; (true) )
check() {
  if a; then b; elif c; then d; else e; fi 2>&1 | tee log
  for x in 1 2; do echo "$x"; done >log &
  for ((i = 0; i < 3; i++)); do :; done
  while read -r line; do :; done <<<"$text"
  until false; do :; done
  select x in a b; do break; done
  [[ $a == b && ( -f c || -d d ) ]] || return 1
  case $x in (a|b) c ;; *) ;; esac
  case $x in
    y) z
  esac
  ! { a; b; }
  x=(1 2 # three
     4)
  cat <<-end <<'other' >out
\tone
\tend
two
other
  <in >out
  a 2>&1 3<file |& b || c && d
  echo "$(echo ')' \\) "a)")" 'a
b' $(( (1 + 2) * 3 )) ${x//a/}
}
build() {
  helper
  ./make.bash
}
"""


def test_all_of_bash_that_a_recipe_may_have_elsewhere() -> None:
    found = read(EVERYTHING)
    assert found.settings == {"GO386": "softfloat"}
    assert found.unread == ("line 4: whole() ...",)


def test_bash_runs_through_the_same_script(tmp_path: Path) -> None:
    """What is read here is what bash itself takes."""
    path = tmp_path / "PKGBUILD"
    path.write_text(EVERYTHING)
    done = subprocess.run(["bash", "-n", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["export", "cd", "echo"])
def test_a_function_that_is_named_as_a_command(name: str) -> None:
    found = built(f"{name} GOEXPERIMENT=a", before=f"{name}() {{ ./other; }}")
    assert found.settings == {}
    assert any(f"{name} GOEXPERIMENT=a" in line for line in found.unread)


def test_functions_that_call_each_other() -> None:
    found = built("_a", before="_a() { _b; }\n_b() { _a; }")
    assert any("_a" in line for line in found.unread)


def test_nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every way in which a script can run something leaves nothing behind."""
    monkeypatch.chdir(tmp_path)
    touch = f"touch {tmp_path}/ran"
    found = read(
        f"""\
        pkgname=$({touch}1; echo go)
        pkgver=`{touch}2`
        eval "{touch}3"
        source=("$({touch}4)" <({touch}5) ${{x:=$({touch}6)}})
        trap '{touch}7' EXIT DEBUG
        {touch}8
        x=([$({touch}9)]=a)
        echo "${{x[$({touch}10)]}}" > {tmp_path}/ran11
        cat <<end
        $({touch}12)
        end
        build() {{
          {touch}13
          ./make.bash "$({touch}14)"
        }}
        {touch}15 &
        exec {touch}16
        """
    )
    assert list(tmp_path.iterdir()) == []
    assert found.name == ""
    assert len(found.unread) >= 8
