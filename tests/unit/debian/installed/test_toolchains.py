from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from samego.distro.finders import System
from samego.distro.interface import Request
from samego.errors import InputError, ToolError
from samego.formats.tree.disk_root import DiskRoot
from samego.formats.tree.goroot import goroot_view
from samego.model.release import Release, Target
from samego_debian import DISTRO
from samego_debian.package.identity import PARTS
from support.debian_packages import DebMaker

Requests = Callable[..., Request]

needs_dpkg = pytest.mark.skipif(
    shutil.which("dpkg-query") is None, reason="dpkg-query is not on this system"
)


def unpack(maker: DebMaker, root: Path, parts: Iterable[str], line: str = "1.24") -> None:
    """Lay packages out as dpkg does: files, status, lists."""
    info = root / "var/lib/dpkg/info"
    info.mkdir(parents=True, exist_ok=True)
    with (root / "var/lib/dpkg/status").open("a") as status:
        for part in parts:
            package = f"golang-{line}-{part}"
            architecture = "amd64" if part == "go" else "all"
            needs = f"Depends: golang-{line}-src (>= {maker.version})\n" if part == "go" else ""
            status.write(
                f"Package: {package}\nStatus: install ok installed\nVersion: {maker.version}\n"
                f"Architecture: {architecture}\nSource: golang-{line}\n{needs}"
                "Maintainer: A Packager <p@example.org>\nDescription: made for a test\n\n"
            )
            listed = ["/."]
            for name, data in maker.contents(part).items():
                path = root / name.replace("1.24", line)
                path.parent.mkdir(parents=True, exist_ok=True)
                if data is None:
                    path.mkdir(exist_ok=True)
                elif isinstance(data, str):
                    path.symlink_to(data.replace("1.24", line))
                else:
                    path.write_bytes(data)
                listed.append(f"/{name.replace('1.24', line)}")
            (info / f"{package}.list").write_text("\n".join(listed) + "\n")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "root"
    (path / "var/lib/dpkg/updates").mkdir(parents=True)
    (path / "var/lib/dpkg/status").touch()
    monkeypatch.setenv("DPKG_ROOT", str(path))
    return path


@needs_dpkg
def test_what_dpkg_installed(maker: DebMaker, root: Path, request_for: Requests) -> None:
    unpack(maker, root, ("go", "src", "doc"))
    (root / "usr/lib/go-1.24/added").write_text("by hand")
    (root / "usr/share/doc/golang-1.24-src/copyright").unlink()
    request = request_for(installed=True)
    assert DISTRO.recognises(request)
    with DISTRO.open(request) as shipment:
        view = goroot_view(shipment.read(frozenset()), shipment.subject.goroot)
    assert shipment.subject.release == Release(24, 4)
    assert [package.version for package in shipment.subject.packages] == ["1.24.4-1"] * 3
    assert {"added", "src/main.go", "doc/go_spec.html"} <= set(view.tree)
    assert "usr/share/doc/golang-1.24-go/copyright" in view.outside
    assert shipment.inputs.timestamp == 1750073658
    assert any("1 files of the packages are not on disk" in note for note in shipment.notes)


@needs_dpkg
def test_several_toolchains_ask_for_a_name(
    maker: DebMaker, root: Path, request_for: Requests
) -> None:
    unpack(maker, root, ("go", "src"))
    unpack(maker, root, ("go",), line="1.19")
    with pytest.raises(InputError) as caught, DISTRO.open(request_for(installed=True)):
        pass
    assert "golang-1.19, golang-1.24" in caught.value.message
    assert caught.value.hint == "name one: samego check --installed golang-1.19"
    with DISTRO.open(request_for("golang-1.24", installed=True)) as shipment:
        assert any("golang-1.24-doc is not installed" in note for note in shipment.notes)


@needs_dpkg
@pytest.mark.parametrize(
    ("what", "words"),
    [
        ((), "no package of a Go toolchain is installed"),
        (("golang-1.99",), "golang-1.99 is not installed"),
        (("bash",), "bash is not installed"),
        (("golang-1.24", "golang-1.19"), "takes one name"),
    ],
    ids=["nothing", "another line", "another package", "two names"],
)
def test_what_is_not_installed_is_refused(
    root: Path, request_for: Requests, what: tuple[str, ...], words: str
) -> None:
    assert root.is_dir()
    with (
        pytest.raises(InputError, match=words),
        DISTRO.open(request_for(*what, installed=True)),
    ):
        pass


@needs_dpkg
def test_two_versions_installed_are_refused(
    maker: DebMaker, root: Path, request_for: Requests
) -> None:
    unpack(maker, root, ("go",))
    maker.version = "1.24.5-1"
    unpack(maker, root, ("src",))
    with (
        pytest.raises(InputError, match=r"1\.24\.4-1 but golang-1\.24-src in 1\.24\.5-1"),
        DISTRO.open(request_for(installed=True)),
    ):
        pass


def test_without_dpkg_it_is_a_missing_tool(
    root: Path, request_for: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert root.is_dir()
    monkeypatch.setenv("PATH", "/nowhere")
    request = request_for(installed=True)
    assert not DISTRO.recognises(request)
    with pytest.raises(ToolError, match="dpkg-query"), DISTRO.open(request):
        pass


@pytest.mark.parametrize("below", ["usr/lib/go-1.24", ""], ids=["goroot", "root"])
def test_a_goroot_on_disk(maker: DebMaker, root: Path, request_for: Requests, below: str) -> None:
    unpack(maker, root, ("go", "src", "doc"))
    request = request_for(root / below)
    assert DISTRO.recognises(request)
    with DISTRO.open(request) as shipment:
        view = goroot_view(shipment.read(frozenset()), shipment.subject.goroot)
    assert shipment.subject.target == Target("linux", "amd64")
    assert shipment.subject.packages == ()
    assert {"src/main.go", "src/zgenerated.go"} <= set(view.tree)
    assert shipment.inputs.timestamp == 1750073658


def test_a_root_with_two_toolchains_asks_for_one(
    maker: DebMaker, root: Path, request_for: Requests
) -> None:
    unpack(maker, root, ("go",))
    unpack(maker, root, ("go",), line="1.19")
    with pytest.raises(InputError, match="several toolchains"), DISTRO.open(request_for(root)):
        pass


@pytest.mark.parametrize(
    ("tools", "words"),
    [
        ([], "tools of 0 targets"),
        (["linux_amd64", "linux_arm64"], "tools of 2 targets"),
        (["plan9_386"], "Debian builds no Go for plan9-386"),
        (["x_y_z"], "tools for 'x_y_z'"),
    ],
)
def test_tools_say_the_target(
    tmp_path: Path, request_for: Requests, tools: list[str], words: str
) -> None:
    goroot = tmp_path / "usr/lib/go-1.24"
    for tool in tools:
        (goroot / "pkg/tool" / tool).mkdir(parents=True)
    goroot.mkdir(parents=True, exist_ok=True)
    (goroot / "VERSION").write_text("go1.24.4\n")
    with pytest.raises(InputError, match=words), DISTRO.open(request_for(goroot)):
        pass


@needs_dpkg
def test_what_dpkgs_database_has_beside_files(
    maker: DebMaker, root: Path, request_for: Requests
) -> None:
    unpack(maker, root, ("go", "src", "doc"))
    request = request_for(installed=True)
    with DISTRO.open(request) as shipment:
        assert shipment.self_description.remarks == ()
    status = root / "var/lib/dpkg/status"
    text = status.read_text().replace("Depends: golang", "Essential: yes\nDepends: golang", 1)
    status.write_text(text.replace("Version: 1.24.4-1", "Version: 1.25.9-1", 1))
    script = root / "var/lib/dpkg/info/golang-1.24-go.prerm"
    script.write_text("#!/bin/sh\nid\n")
    (root / "var/lib/dpkg/info/golang-1.24-go.md5sums").touch()
    with pytest.raises(InputError, match="upgrade both to one version"), DISTRO.open(request):
        pass
    status.write_text(text.replace("Version: 1.24.4-1", "Version: 1.25.9-1"))
    with DISTRO.open(request) as shipment:
        told = shipment.self_description
    assert {remark.path: remark.standing.value for remark in told.remarks} == {
        "/DEBIAN/golang-1.24-go.control:Depends": "unproven",
        "/DEBIAN/golang-1.24-go.control:Essential": "unexplained",
        "/DEBIAN/golang-1.24-go.prerm": "unexplained",
    }
    said = {item.path for item in told.statements if item.release and item.release != told.release}
    assert said == {f"/DEBIAN/golang-1.24-{part}.control:Version" for part in PARTS}


def system(root: Path, tmp_path: Path) -> System:
    """A system that is not this machine."""
    work = tmp_path / "work"
    work.mkdir(exist_ok=True)
    return System(DiskRoot(root, name="/"), work)


@needs_dpkg
def test_every_toolchain_of_another_system_is_found(
    maker: DebMaker,
    root: Path,
    request_for: Requests,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DPKG_ROOT")
    unpack(maker, root, ("go", "src", "doc"))
    unpack(maker, root, ("go",), line="1.19")
    (root / "usr/lib/go-1.20").mkdir()
    (root / "usr/lib/go-1.20/VERSION").write_text("go1.20.1\n")
    found = list(DISTRO.toolchains(system(root, tmp_path), request_for()))
    assert [(each.goroot, each.claims) for each in found] == [
        ("usr/lib/go-1.19", "golang-1.19 1.24.4-1 amd64"),
        ("usr/lib/go-1.24", "golang-1.24 1.24.4-1 amd64"),
        ("usr/lib/go-1.20", "where Debian puts Go; dpkg knows no package"),
    ]
    shutil.rmtree(root / "var")  # its database was copied
    with found[1].open(request_for()) as shipment:
        view = goroot_view(shipment.read(frozenset()), shipment.subject.goroot)
    assert {"src/main.go", "doc/go_spec.html"} <= set(view.tree)
    assert [package.name for package in shipment.subject.packages] == [
        f"golang-1.24-{part}" for part in PARTS
    ]


@needs_dpkg
def test_no_link_in_a_database_leads_to_this_machines(
    maker: DebMaker, root: Path, request_for: Requests, tmp_path: Path
) -> None:
    machine = tmp_path / "machine"
    unpack(maker, machine, ("go",))
    shutil.rmtree(root / "var/lib/dpkg")
    (root / "var/lib/dpkg").symlink_to(machine / "var/lib/dpkg")
    (root / "usr").symlink_to(machine / "usr")
    assert list(DISTRO.toolchains(system(root, tmp_path), request_for())) == []


@needs_dpkg
def test_what_a_list_names_is_read_inside_the_root(
    maker: DebMaker, root: Path, request_for: Requests, tmp_path: Path
) -> None:
    unpack(maker, root, ("go", "src"))
    (tmp_path / "secret").write_text("of the machine")
    (root / "usr/share/secret").symlink_to(tmp_path / "secret")
    with (root / "var/lib/dpkg/info/golang-1.24-go.list").open("a") as listed:
        listed.write("/usr/share/secret\n/../../../secret\n/usr/share/secret/x\n")
    (found,) = DISTRO.toolchains(system(root, tmp_path), request_for())
    with found.open(request_for()) as shipment:
        payload = shipment.read(frozenset())
    assert payload["usr/share/secret"].link == str(tmp_path / "secret")
    assert all(entry.size != len("of the machine") for entry in payload.values())
