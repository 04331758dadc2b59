"""The host build and its targets, with a toy release that takes no time."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import NoReturn

import pytest

from samego.errors import BuildError, CacheError, UnknownReleaseError
from samego.model.release import Release, Target
from samego.rebuild import target_control, targets
from samego.rebuild.bootstrap import from_directory
from samego.rebuild.host_build import HostBuild, build_host, host_key
from samego.rebuild.source import ReleaseSource
from samego.rebuild.target_control import install_doubt
from samego.rebuild.targets import Products, build_target, check_targets, product_place
from samego.system.progress import Silent
from samego.upstream.open_tree import Opener
from support.toy_go import GO_SH, toy_bootstrap
from support.toy_sources import HOST, archive_source, module_source

WINDOWS, ARM = Target("windows", "amd64"), Target("linux", "arm")


@pytest.fixture
def source(tmp_path: Path, opener: Opener) -> ReleaseSource:
    return archive_source(tmp_path / "source", opener)


def host_of(source: ReleaseSource, tmp_path: Path) -> HostBuild:
    bootstrap = tmp_path / "bootstrap"
    if not bootstrap.is_dir():
        toy_bootstrap(bootstrap)
    return build_host(source, from_directory(bootstrap), HOST, tmp_path / "rebuild", Silent())


def built(
    source: ReleaseSource, tmp_path: Path, target: Target, *, with_source: bool = False
) -> Products:
    host = host_of(source, tmp_path)
    return build_target(source, host, target, tmp_path / "rebuild", with_source=with_source)


def left_behind(tmp_path: Path) -> list[str]:
    return sorted(
        path.name
        for path in (tmp_path / "rebuild").iterdir()
        if path.name not in {"hosts", "products"}
    )


def binary(products: Products, name: str) -> str:
    with tarfile.open(products.files[name].path) as archive:
        member = archive.extractfile("go/bin/go")
        assert member is not None
        return member.read().decode()


def test_a_host_is_built_once_and_keeps_no_build_cache(
    source: ReleaseSource, tmp_path: Path
) -> None:
    first, second = host_of(source, tmp_path), host_of(source, tmp_path)
    assert (first.fresh, second.fresh) == (True, False)
    assert (first.key, first.switches, first.cpu) == (second.key, True, second.cpu)
    assert first.distpack.is_file()
    assert not (first.goroot / "pkg/obj").exists()
    assert left_behind(tmp_path) == []


def test_another_bootstrap_or_source_is_another_host(
    source: ReleaseSource, tmp_path: Path, opener: Opener
) -> None:
    one = from_directory(toy_bootstrap(tmp_path / "one"))
    other = from_directory(toy_bootstrap(tmp_path / "other", salt="x"))
    changed = archive_source(tmp_path / "changed", opener, code_go="package other\n")
    module = module_source(tmp_path / "module", opener)
    keys = [host_key(source, one, HOST), host_key(source, other, HOST)]
    keys += [host_key(changed, one, HOST), host_key(module, one, HOST)]
    assert len(set(keys)) == 4


def test_the_host_is_packed_as_it_is_with_the_source_once(
    source: ReleaseSource, tmp_path: Path
) -> None:
    products = built(source, tmp_path, HOST, with_source=True)
    assert sorted(products.files) == [
        "go1.24.4.linux-amd64.tar.gz",
        "go1.24.4.src.tar.gz",
        "v0.0.1-go1.24.4.linux-amd64.info",
        "v0.0.1-go1.24.4.linux-amd64.mod",
        "v0.0.1-go1.24.4.linux-amd64.zip",
    ]
    assert left_behind(tmp_path) == []


def test_another_target_is_installed_with_upstreams_flags(
    source: ReleaseSource, tmp_path: Path
) -> None:
    products = built(source, tmp_path, ARM)
    assert "go1.24.4.src.tar.gz" not in products.files
    text = binary(products, "go1.24.4.linux-armv6l.tar.gz")
    assert text.startswith("linux arm -trimpath -toy GOARM=6\n")
    assert "const DefaultGOARM = `6`" in text
    host = host_of(source, tmp_path)
    generated = host.goroot / "src/internal/buildcfg/zbootstrap.go"
    assert generated.read_text("utf-8") == "const DefaultGOARM = `7`\n"


def test_the_module_form_gives_no_archive(tmp_path: Path, opener: Opener) -> None:
    products = built(module_source(tmp_path / "source", opener), tmp_path, WINDOWS)
    assert [name for name in products.files if not name.startswith("v0.0.1-")] == []


def test_a_finished_target_is_not_built_again(source: ReleaseSource, tmp_path: Path) -> None:
    first = built(source, tmp_path, WINDOWS)
    second = built(source, tmp_path, WINDOWS)
    assert (first.fresh, second.fresh) == (True, False)
    assert first.files == second.files
    third = built(source, tmp_path, WINDOWS, with_source=True)
    assert third.fresh
    assert "go1.24.4.src.tar.gz" in third.files


def test_a_target_built_with_other_settings_is_built_again(
    source: ReleaseSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:  # a version that did not know upstream's setting
        before.setattr(targets, "upstream_settings", lambda _release, _target: {"GOARM": "7"})
        old = built(source, tmp_path, ARM)
    assert "GOARM=7" in binary(old, "go1.24.4.linux-armv6l.tar.gz")
    new = built(source, tmp_path, ARM)
    assert new.fresh
    assert "GOARM=6" in binary(new, "go1.24.4.linux-armv6l.tar.gz")
    assert not built(source, tmp_path, ARM).fresh


def test_a_control_that_passed_with_other_settings_is_run_again(
    source: ReleaseSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, directory = host_of(source, tmp_path), tmp_path / "rebuild"
    assert install_doubt(source, host, directory) == ""

    def fails(*_given: object) -> NoReturn:
        raise BuildError("it ran", hint="none")

    monkeypatch.setattr(target_control, "install", fails)
    assert install_doubt(source, host, directory) == ""
    monkeypatch.setattr(targets, "upstream_settings", lambda _release, _target: {"GOARM": "5"})
    assert install_doubt(source, host, directory).endswith("it ran")


def test_each_setting_that_upstream_builds_with_has_a_place_of_its_own(tmp_path: Path) -> None:
    releases = [Release.parse(name) for name in ("go1.21.0", "go1.21.1")]
    arm = {product_place(tmp_path, "host", release, ARM) for release in releases}
    others = {product_place(tmp_path, "host", release, WINDOWS) for release in releases}
    assert (len(arm), len(others)) == (2, 1)
    whole = product_place(tmp_path, "host", releases[0], ARM, whole=True)
    assert whole not in arm


def test_a_finished_target_that_was_cut_is_an_error(source: ReleaseSource, tmp_path: Path) -> None:
    first = built(source, tmp_path, WINDOWS)
    first.files["go1.24.4.windows-amd64.zip"].path.write_bytes(b"")
    with pytest.raises(CacheError, match="not as it was built"):
        built(source, tmp_path, WINDOWS)


def test_a_build_that_fails_leaves_its_log_alone(tmp_path: Path, opener: Opener) -> None:
    source = archive_source(tmp_path / "source", opener, make_bash="echo it broke; exit 1")
    with pytest.raises(BuildError, match="it broke"):
        host_of(source, tmp_path)
    (log,) = left_behind(tmp_path)
    assert (tmp_path / "rebuild" / log).read_text("utf-8") == "it broke\n"
    assert not (tmp_path / "rebuild/hosts").exists()


def test_a_target_that_does_not_install_leaves_its_log_alone(
    tmp_path: Path, opener: Opener
) -> None:
    failing = GO_SH.replace("install)", "install) echo no such target; exit 2")
    source = archive_source(tmp_path / "source", opener, go_sh=failing)
    with pytest.raises(BuildError, match=r"status 2.*no such target"):
        built(source, tmp_path, WINDOWS)
    (log,) = left_behind(tmp_path)
    assert log.endswith("-windows-amd64.log")
    assert built(source, tmp_path, HOST).fresh


def test_a_packer_that_writes_something_else_is_an_error(tmp_path: Path, opener: Opener) -> None:
    source = archive_source(
        tmp_path / "source", opener, distpack="#!/bin/sh\nmkdir -p $GOROOT/pkg/distpack\n"
    )
    with pytest.raises(BuildError, match=r"did not write go1\.24\.4\.linux-amd64\.tar\.gz"):
        built(source, tmp_path, HOST)
    (log,) = left_behind(tmp_path)
    assert log.endswith("-linux-amd64.log")


def test_targets_that_the_source_does_not_know_are_refused(source: ReleaseSource) -> None:
    check_targets(source, (HOST, WINDOWS))
    for name in ("linux-sparc64", "android-arm64", "plan9-386"):
        with pytest.raises(UnknownReleaseError, match="cannot be built"):
            check_targets(source, (HOST, Target.parse(name)))
