"""samego's own package for Arch: makepkg builds it from a checkout and from an sdist.

No mirror of Arch's is at hand: makepkg and Python are Debian's, whose layout of Python's
directories is another, so what is looked at is what the recipe itself decides.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from support.chroot import Chroot, cannot_run
from support.makepkg import CONFIG, EPOCH, PACKAGER
from support.package_build import clean, export, install, run

pytestmark = [
    pytest.mark.timeout(7200),
    pytest.mark.long,
    pytest.mark.network,
    pytest.mark.skipif(bool(cannot_run()), reason=cannot_run()),
]

#: Debian's names of what the recipe needs to build, and of what its Python imports then.
_PACKAGES = (
    *("makepkg", "pacman-package-manager", "libarchive-tools", "fakeroot", "zstd", "faketime"),
    *("passwd", "python-is-python3", "python3-build", "python3-installer", "python3-setuptools"),
    *("python3-shtab", "python3-wheel", "python3-cryptography", "python3-debian"),
    *("python3-jinja2", "python3-jsonschema", "python3-platformdirs"),
    *("python3-requests", "python3-rich", "python3-tomli", "python3-zstandard"),
)
_ENVIRONMENT = {
    "SOURCE_DATE_EPOCH": str(EPOCH),
    "PACKAGER": PACKAGER,
    # Else Debian's Python installs below /usr/local.
    "DEB_PYTHON_INSTALL_LAYOUT": "deb",
}


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Chroot:
    chroot = clean(tmp_path_factory.mktemp("builder"))
    install(chroot, *_PACKAGES)
    run(chroot, "useradd one && useradd other && pacman -Dk")
    return chroot


@pytest.fixture(scope="module")
def packages(builder: Chroot, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The package as built from a checkout, and from the sdist of it under other conditions."""
    made = tmp_path_factory.mktemp("made")
    sources = tmp_path_factory.mktemp("sources")
    export(sources / "checkout")
    script = (
        "cd checkout && python -m build --sdist --no-isolation . >/dev/null 2>&1"
        " && tar xf dist/samego-*.tar.gz -C .. && rm -rf dist *.egg-info"
    )
    run(builder, script, build=sources)
    (unpacked,) = sources.glob("samego-*")
    first = _makepkg(builder, sources / "checkout", made / "one", "one", "umask 022;", {})
    other = {
        "LC_ALL": "C",
        "TZ": "Pacific/Kiritimati",
        "COLUMNS": "31",
        "PYTHONHASHSEED": "7",
        # Files keep their own times.
        "NO_FAKE_STAT": "1",
    }
    later = "umask 077; faketime -f +400d"
    return first, _makepkg(builder, unpacked, made / "other", "other", later, other)


def _makepkg(
    builder: Chroot, source: Path, made: Path, user: str, before: str, environment: dict[str, str]
) -> Path:
    """Build from ``source`` at one place for all: makepkg writes that place into the package."""
    made.mkdir()
    shutil.copyfile(CONFIG, source / "makepkg.conf")
    run(builder, f"chown -R {user} /build", build=source)
    makepkg = "makepkg --config /build/makepkg.conf --nodeps --force"
    run(
        builder,
        f"cd plugins/arch; {before} {makepkg}",
        build=source,
        user=user,
        environment={**_ENVIRONMENT, "HOME": "/build", **environment},
    )
    (package,) = (source / "plugins/arch").glob("samego-*.pkg.tar.zst")
    return Path(shutil.copy(package, made))


def test_a_checkout_and_an_sdist_give_the_same_package(packages: tuple[Path, Path]) -> None:
    one, other = (hashlib.sha256(package.read_bytes()).hexdigest() for package in packages)
    assert one == other


def test_what_it_holds(packages: tuple[Path, Path]) -> None:
    listed = subprocess.run(
        ["bsdtar", "-tf", packages[0]], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    for path in (
        "etc/conf.d/samego-watch",
        "usr/bin/samego",
        "usr/lib/systemd/system/samego-watch.timer",
        "usr/libexec/samego/rebuilder-archlinux-samego.sh",
        "usr/share/bash-completion/completions/samego",
        "usr/share/fish/vendor_completions.d/samego.fish",
        "usr/share/licenses/samego/LICENSE",
        "usr/share/man/man1/samego-check.1.gz",
        "usr/share/samego/hooks/alpm/etc/pacman.d/hooks/samego.hook",
        "usr/share/zsh/site-functions/_samego",
        "var/lib/samego/reports/",
    ):
        assert path in listed, path
    assert any(path.endswith("/samego_arch/policy.toml") for path in listed)
    assert any(path.endswith("/samego_debian/policy.toml") for path in listed)
