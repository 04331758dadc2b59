"""Who the package says it is, against what lies in it."""

from __future__ import annotations

import re

from forge.bench import Bench, Names, forgery
from forge.packed import BUILDINFO, PKGINFO, Deb

_DEB, _ARCH = ("debian",), ("arch",)


@forgery("identity", "another version in every package", _DEB, weight=5)
def debian_version(bench: Bench) -> Names | None:
    version = bench.random.choice(
        (
            "1.25.9-1",
            "1.24.5-1",
            "2:1.24.4-1",
            "9:1.25.9-1",
            "1.24.4~rc1-1",
            "1.23.9-1",
            "1.24-1",
            "2025.1-1",
            "1.24.44-1",
        )
    )
    for deb in bench.packages:
        assert isinstance(deb, Deb)
        control = deb.control["control"]
        deb.control.swap(
            "control", control.with_data(control.data.replace(b"1.24.4-1", version.encode()))
        )
        deb.name = deb.name.replace("1.24.4-1", version.rpartition(":")[2])
    return (version, version.rpartition(":")[2].rpartition("-")[0], "Version", "VERSION")


@forgery("identity", "another version in one package", _DEB, weight=2)
def one_version(bench: Bench) -> Names | None:
    deb = bench.deb
    control = deb.control["control"]
    text = control.data.replace(b"Version: 1.24.4-1", b"Version: 1.24.4-2")
    deb.control.swap("control", control.with_data(text))
    return ("1.24.4-2", "version", deb.name)


@forgery("identity", "another name", _DEB, weight=3)
def debian_name(bench: Bench) -> Names | None:
    line = bench.random.choice(("1.25", "1.26", "1.2", "1.240"))
    for deb in bench.packages:
        assert isinstance(deb, Deb)
        control = deb.control["control"]
        text = control.data.replace(b"golang-1.24", f"golang-{line}".encode())
        deb.control.swap("control", control.with_data(text))
        deb.name = deb.name.replace("golang-1.24", f"golang-{line}")
    return (f"golang-{line}", line)


@forgery("identity", "another architecture, source or name in one", _DEB, weight=4)
def debian_field(bench: Bench) -> Names | None:
    deb = bench.packages[0]
    assert isinstance(deb, Deb)
    old, new = bench.random.choice(
        (
            (b"Architecture: amd64", b"Architecture: arm64"),
            (b"Architecture: amd64", b"Architecture: all"),
            (b"Architecture: amd64", b"Architecture: evil"),
            (b"Source: golang-1.24", b"Source: golang-1.25"),
            (b"Source: golang-1.24", b"Source: evil"),
            (b"Source: golang-1.24", b"Source: golang-1.24 (1.25.9-1)"),
            (b"Source: golang-1.24\n", b""),
            (b"Package: golang-1.24-go", b"Package: golang-1.24-evil"),
            (b"Package: golang-1.24-go", b"Package: golang-go"),
            (b"Package: golang-1.24-go", b"Package: bash"),
        )
    )
    control = deb.control["control"]
    assert old in control.data, old
    deb.control.swap("control", control.with_data(control.data.replace(old, new)))
    return (new.decode().rpartition(": ")[2].strip() or "Source", deb.name, "Source")


@forgery("identity", "another version everywhere", _ARCH, weight=5)
def arch_version(bench: Bench) -> Names | None:
    pkg = bench.pkg
    version = bench.random.choice(
        ("2:1.25.9-1", "2:1.24.10-1", "2:1.26-1", "2:1.24-1", "2:20250101-1", "2:1.24.9rc1-1")
    )
    for name in (PKGINFO, BUILDINFO):
        pkg.rewrite(
            name,
            re.sub(r"^pkgver = .*$", f"pkgver = {version}", pkg.text(name), flags=re.MULTILINE),
        )
    pkg.name = f"go-{version}-x86_64.pkg.tar.zst"
    return (version, version[2:-2], "pkgver")


@forgery("identity", "another name everywhere", _ARCH, weight=3)
def arch_name(bench: Bench) -> Names | None:
    pkg = bench.pkg
    name = bench.random.choice(("go-evil", "glibc", "go1.25", "gcc-go"))
    for file in (PKGINFO, BUILDINFO):
        text = re.sub(
            r"^pkg(name|base) = .*$", rf"pkg\1 = {name}", pkg.text(file), flags=re.MULTILINE
        )
        pkg.rewrite(file, text)
    return (name, pkg.name)


@forgery("identity", "another release in VERSION", weight=4)
def release(bench: Bench) -> Names | None:
    part, member = bench.at("VERSION")
    name = bench.random.choice(
        (b"go1.24.3", b"go1.25.9", b"go1.24", b"devel go1.24", b"go1.24.4evil", b"", b"go2")
    )
    line, rest = member.data.split(b"\n", 1)
    if name == line:
        return None
    bench.put(part, member, name + b"\n" + rest)
    return ("VERSION", name.decode() or "VERSION", name.decode().removeprefix("go") or "VERSION")


@forgery("identity", "another release in VERSION and the package's version", weight=4)
def release_everywhere(bench: Bench) -> Names | None:
    part, member = bench.at("VERSION")
    old = member.data.split(b"\n")[0].decode().removeprefix("go")
    new = bench.random.choice(("1.24.5", "1.24.10", "1.24.3"))
    bench.put(part, member, member.data.replace(old.encode(), new.encode()))
    for package in bench.packages:
        package.name = package.name.replace(old, new)
        if isinstance(package, Deb):
            control = package.control["control"]
            text = control.data.replace(old.encode(), new.encode())
            package.control.swap("control", control.with_data(text))
        else:
            for name in (PKGINFO, BUILDINFO):
                package.rewrite(name, package.text(name).replace(old, new))
    return (new,)
