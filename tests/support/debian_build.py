"""A source package golang-1.24 that builds in seconds: what it packs was built elsewhere.

Its binary packages hold what other .debs hold, which lie in its ``payload``. Everything
else is as in any Debian package: a changelog, a control file, and rules that dpkg's and
debhelper's tools run.
"""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from support.deb_repack import Deb, Member

SOURCE = "golang-1.24"
VERSION = "1.24.4-1"
GOROOT = "usr/lib/go-1.24/"
#: Where Debian puts what GOROOT has links to.
SHARED = "usr/share/go-1.24/"
_NOT_SHIPPED = ("pkg/tool/linux_amd64/dist", "pkg/tool/linux_amd64/distpack")

_CHANGELOG = """\
{source} ({version}) unstable; urgency=medium

  * Packed anew for a test.

 -- A Packager <packager@example.org>  Mon, 16 Jun 2025 17:04:18 +0530
"""
_CONTROL_SOURCE = f"""\
Source: {SOURCE}
Section: golang
Priority: optional
Maintainer: A Packager <packager@example.org>
Build-Depends: debhelper-compat (= 13)
Rules-Requires-Root: no
Standards-Version: 4.7.0
"""
_CONTROL_PACKAGE = """
Package: {package}
Architecture: {architecture}
{field}
Description: made for a test
"""
#: Each package with its architecture, and a field that Debian's own has.
_PACKAGES = (
    ("go", "amd64", f"Depends: {SOURCE}-src (>= ${{source:Version}})"),
    ("src", "all", "Multi-Arch: foreign"),
    ("doc", "all", "Section: doc"),
)
_RULES = """\
#!/usr/bin/make -f

build build-arch build-indep:
clean:
	dh_clean
binary: binary-arch binary-indep
unpacked:
	set -e; \\
	for deb in payload/*.deb; do dpkg-deb -x $$deb debian/$$(dpkg-deb -f $$deb Package); done
	{also}
binary-arch: unpacked
	dh_gencontrol -a
	dh_builddeb -a -- -Zzstd -z1
binary-indep: unpacked
	dh_gencontrol -i
	dh_builddeb -i -- -Zzstd -z1

.PHONY: build build-arch build-indep clean unpacked binary-arch binary-indep binary
"""


def write_source(
    directory: Path, debs: Iterable[Path], also: str = "true", *, version: str = VERSION
) -> Path:
    """Write the unpacked source package and its orig into ``directory``; its own directory.

    ``also`` is a command that the rules run over debian/golang-1.24-*/ before they pack it.
    """
    upstream = version.rpartition("-")[0]
    root = directory / f"{SOURCE}-{upstream}"
    (root / "debian/source").mkdir(parents=True)
    (root / "payload").mkdir()
    for deb in debs:
        shutil.copy(deb, root / "payload")
    packages = [
        _CONTROL_PACKAGE.format(package=f"{SOURCE}-{part}", architecture=machine, field=field)
        for part, machine, field in _PACKAGES
    ]
    (root / "debian/control").write_text(_CONTROL_SOURCE + "".join(packages), "utf-8")
    changelog = _CHANGELOG.format(source=SOURCE, version=version)
    (root / "debian/changelog").write_text(changelog, "utf-8")
    (root / "debian/source/format").write_text("3.0 (quilt)\n", "utf-8")
    with tarfile.open(
        directory / f"{SOURCE}_{upstream}.orig.tar.gz", "w:gz", compresslevel=1
    ) as orig:
        orig.add(root / "payload", f"{root.name}/payload")
    rules = root / "debian/rules"
    rules.write_text(_RULES.replace("{also}", also), "utf-8")
    rules.chmod(0o755)
    return root


def with_upstream_bytes(debs: Iterable[Path], module_zip: Path, target: Path) -> list[Path]:
    """The packages with upstream's bytes in every file that upstream has too.

    What is left of Debian's is where files lie and which are not shipped. The two tools
    that upstream does not ship, and that only a rebuild can prove, are left out.
    """
    target.mkdir()
    upstream = _Upstream(module_zip)
    packed = []
    for path in debs:
        deb = Deb(path)
        changes: dict[str, Member | None] = {}
        for name in deb.paths():
            member = deb[name]
            data = upstream.get(name)
            if name.endswith(_NOT_SHIPPED):
                changes[name] = None
            elif data is not None and data != member.data:
                changes[name] = member.with_data(data)
        packed.append(deb.repack(target, changes))
    return packed


class _Upstream:
    """The files of a module zip by where Debian installs them."""

    def __init__(self, module_zip: Path) -> None:
        self._zip = zipfile.ZipFile(module_zip)
        names = self._zip.namelist()
        self._names = {name.partition("/")[2].partition("/")[2]: name for name in names}

    def get(self, path: str) -> bytes | None:
        """The bytes of the file that Debian installs at ``path``, or None."""
        for prefix in (GOROOT, SHARED):
            if path.startswith(prefix):
                name = self._names.get(path[len(prefix) :])
                return self._zip.read(name) if name else None
        return None
