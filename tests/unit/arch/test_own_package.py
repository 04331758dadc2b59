"""samego's own PKGBUILD keeps step with setup.cfg."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

_ROOT = Path(__file__).parents[3]
PKGBUILD = (_ROOT / "plugins/arch/PKGBUILD").read_text(encoding="utf-8")
#: Arch's names where they are not "python-" and the name in the Python index.
NAMES = {"jinja2": "python-jinja", "python-debian": "python-debian"}


def setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(_ROOT / "setup.cfg", encoding="utf-8")
    return parser


def array(name: str) -> set[str]:
    match = re.search(rf"^{name}=\(([^)]*)\)", PKGBUILD, re.MULTILINE)
    assert match is not None, name
    return set(match[1].split())


def test_it_depends_on_all_that_samego_requires() -> None:
    requirements = setup()["options"]["install_requires"].split("\n")
    names = [line.split()[0] for line in requirements if line]
    assert {NAMES.get(name, f"python-{name}") for name in names} <= array("depends")


def test_it_has_samegos_version_and_licence() -> None:
    metadata = setup()["metadata"]
    assert f"\npkgver={metadata['version']}\n" in PKGBUILD
    assert array("license") == {metadata["license"]}


def test_it_names_who_maintains_it_as_debians_does() -> None:
    """namcap asks for the tag."""
    control = (_ROOT / "debian/control").read_text(encoding="utf-8")
    maintainer = re.search(r"^Maintainer: (.+)$", control, re.MULTILINE)
    assert maintainer is not None
    assert PKGBUILD.startswith(f"# Maintainer: {maintainer[1]}\n")
