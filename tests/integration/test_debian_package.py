"""samego's own Debian package: built in a clean trixie, judged by Debian's tools, and used."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from support import completing
from support.chroot import Chroot, cannot_run
from support.package_build import clean, export, install, run

pytestmark = [
    pytest.mark.timeout(7200),
    pytest.mark.long,
    pytest.mark.network,
    pytest.mark.skipif(bool(cannot_run()), reason=cannot_run()),
]

_BUILD = "dpkg-buildpackage -us -uc"
#: What differs between the two builds; the rest (kernel, host name, order of directories) takes
#: more than a chroot.
_VARIED = "-kernel,-domain_host,-fileordering,user_group.available+=builder:builder"


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Chroot:
    """A clean trixie with what debian/control asks for to build, and no more."""
    chroot = clean(tmp_path_factory.mktemp("builder"))
    source = export(tmp_path_factory.mktemp("asked") / "samego")
    script = "apt-get build-dep -y -qq --no-install-recommends ./samego"
    run(chroot, script, build=source.parent, network=True)
    return chroot


@pytest.fixture(scope="module")
def built(builder: Chroot, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory with all that dpkg-buildpackage leaves; it builds without a network."""
    directory = tmp_path_factory.mktemp("build")
    export(directory / "samego")
    run(builder, f"cd samego && {_BUILD}", build=directory)
    return directory


@pytest.fixture(scope="module")
def tools(builder: Chroot, built: Path, tmp_path_factory: pytest.TempPathFactory) -> Chroot:
    """The builder with Debian's tools for judging packages."""
    assert built.is_dir()
    chroot = builder.on_top(tmp_path_factory.mktemp("tools"))
    judges = ("lintian", "reprotest", "faketime", "sudo", "passwd", "locales-all")
    install(chroot, *judges, "diffoscope-minimal")
    run(chroot, "useradd --create-home builder")
    return chroot


@pytest.fixture(scope="module")
def installed(builder: Chroot, built: Path, tmp_path_factory: pytest.TempPathFactory) -> Chroot:
    """Another clean trixie, with the package from its file."""
    chroot = Chroot(builder.lower, tmp_path_factory.mktemp("installed"))
    run(chroot, "apt-get update -qq", network=True)
    install(chroot, "/build/samego_*_all.deb", build=built)
    return chroot


def test_what_it_holds(built: Path) -> None:
    (deb,) = built.glob("samego_*_all.deb")
    listed = subprocess.run(
        ["dpkg-deb", "--contents", deb], check=True, capture_output=True, text=True
    ).stdout
    for path in (
        "usr/bin/samego",
        "usr/lib/python3/dist-packages/samego/cli/main.py",
        "usr/lib/python3/dist-packages/samego_debian/policy.toml",
        "usr/lib/python3/dist-packages/samego_arch/policy.toml",
        "usr/lib/systemd/system/samego-watch.timer",
        "usr/libexec/samego/rebuilder-go.sh",
        "usr/share/bash-completion/completions/samego",
        "usr/share/fish/vendor_completions.d/samego.fish",
        "usr/share/man/man1/samego-check.1.gz",
        "usr/share/samego/hooks/dpkg-buildpackage/etc/dpkg/buildpackage.conf",
        "usr/share/samego/rebuilderd/debian/rebuilderd-worker.conf",
        "usr/share/zsh/vendor-completions/_samego",
        "var/lib/samego/reports/",
    ):
        assert f" ./{path}\n" in listed, path
    assert "__pycache__" not in listed


def test_lintian_finds_nothing(tools: Chroot, built: Path) -> None:
    script = "lintian --allow-root --fail-on error,warning samego_*.changes"
    assert not run(tools, script, build=built).strip()


def test_two_builds_are_the_same(tools: Chroot, built: Path) -> None:
    script = f"reprotest --min-cpus 1 --vary={_VARIED} samego_*.dsc -- null"
    said = run(tools, script, build=built)
    assert "No differences in ./*.*deb" in said
    assert re.search(r"^[0-9a-f]{64}  \./samego_\S+_all\.deb$", said, re.MULTILINE)


def test_it_checks_a_real_toolchain(installed: Chroot) -> None:
    said = run(installed, "samego check debian:trixie/golang-1.24:amd64", network=True, status=1)
    counts = dict(re.findall(r"^  (\w+) +([\d,]+)\b", said, re.MULTILINE))
    wanted = {"identical": "14,125", "equivalent": "16", "explained": "28", "unproven": "16"}
    assert counts == {**wanted, "unexplained": "0"}


def test_its_pages_are_read_and_its_words_completed(installed: Chroot, tmp_path: Path) -> None:
    chroot = installed.on_top(tmp_path / "layer")
    install(chroot, "man-db", "bash-completion", "zsh")
    page = run(chroot, "MANWIDTH=80 man samego-check | col -b")
    assert page.startswith("SAMEGO-CHECK(1)"), "or groff warns of the page"
    assert "--rebuild" in page
    place = tmp_path / "place"
    place.mkdir()
    shutil.copy(completing.__file__, place / "completing.py")
    (place / "a-report.json").touch()
    loaded = ". /usr/share/bash-completion/bash_completion"
    setup = {
        "bash": [loaded],
        "zsh": ["autoload -Uz compinit; compinit -u -D", completing.ZSH_LISTS],
    }
    for shell, lines in setup.items():
        script = shlex.join(["python3", "completing.py", shell, "/build", *lines])
        said = run(chroot, script, build=place)
        assert said == f"{shell} completed {len(completing.TYPED)} beginnings\n"


def test_what_debian_lacks_is_one_sentence(installed: Chroot) -> None:
    said = run(installed, "samego attest --new-key /tmp/key", status=2)
    assert len(said.splitlines()) == 2
    assert "Debian has no package of in-toto-attestation" in said


def test_what_it_leaves(installed: Chroot, tmp_path: Path) -> None:
    purged = installed.on_top(tmp_path)
    run(purged, "touch /var/lib/samego/reports/one && apt-get purge -y -qq samego")
    left = run(purged, "find /usr /etc /var/lib /var/cache -name '*samego*' -not -path '*/dpkg/*'")
    assert not left.strip()


def test_autopkgtest(installed: Chroot, built: Path, tmp_path: Path) -> None:
    chroot = installed.on_top(tmp_path)
    install(chroot, "autopkgtest")
    # Its tests see of the environment what they are told.
    script = (
        'set --; for name in GOPROXY GOSUMDB REQUESTS_CA_BUNDLE; do eval "value=\\${$name:-}";'
        ' [ -z "$value" ] || set -- "$@" "--env=$name=$value"; done;'
        ' autopkgtest "$@" samego_*.dsc samego_*_all.deb -- null'
    )
    said = run(chroot, script, build=built, network=True)
    assert re.search(r"^installed-go +PASS", said, re.MULTILINE)
    assert re.search(r"^command +PASS", said, re.MULTILINE)
