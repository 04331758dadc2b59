"""Builds that run what a hostile package brings, in a real sandbox and where there is none.

The toolchain is a toy: its "make.bash" and its go command run what stands in the sources of
cmd/dist and of cmd/compile, as the real ones do once these are built.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from samego import sandbox
from samego.errors import BuildError, HostileArchiveError, SandboxError
from samego.model.inputs import Context
from samego.model.release import Release, Target
from samego.rebuild import box
from samego.reference.job import Host, ReferenceKind
from samego.reference.settings import settings_to_try
from samego.reference.store import ReferenceBuild, get_reference
from samego.system.progress import Silent
from samego.upstream.channels.interface import Posted
from support.archives import memory_tree
from support.rule_context import context, policy
from support.toy_go import BUILD_GO

TARGET = Target("linux", "amd64")
DIST, COMPILER, STRINGS = "src/cmd/dist/util.go", "src/cmd/compile/main.go", "src/strings/x.go"
SETTINGS = "src/internal/buildcfg/zbootstrap.go"
#: Runs the compiler's source, and what it is made of, when it has been put in place.
GO = """#!/bin/sh
case "$*" in *compile*) exit 0 ;; esac
cd "$GOROOT"
sh src/cmd/compile/main.go && sh src/strings/x.go && echo done >> bin/gofmt
"""
MAKE_BASH = """set -e
cd ..
mkdir -p bin pkg/tool/linux_amd64 && touch pkg/tool/linux_amd64/asm
sh src/cmd/dist/util.go
echo done > bin/gofmt
"""
UPSTREAM = {
    "VERSION": b"go1.24.4\n",
    "bin/go": GO.encode(),
    "pkg/tool/linux_amd64/asm": b"",
    "src/cmd/dist/build.go": BUILD_GO.encode(),
    "src/make.bash": MAKE_BASH.encode(),
    DIST: b"true\n",
    COMPILER: b"true\n",
    STRINGS: b"true\n",
    SETTINGS: b"const DefaultGO386 = `sse2`\n",
}
#: By which source hostile code comes to run, and in which way of building.
WAYS = {
    "cmd/dist": (DIST, ReferenceKind.FULL),
    "the compiler": (COMPILER, ReferenceKind.QUICK),
    "what the compiler is made of": (STRINGS, ReferenceKind.QUICK),
}
EVERY_WAY = pytest.mark.parametrize("way", WAYS)


class Attempt:
    """A cache with something to steal and to change, and a package with a hostile source."""

    def __init__(self, directory: Path) -> None:
        self.cache = directory / "cache"
        self.secret = directory / "secret"
        self.secret.write_text("the user's", "utf-8")
        self.cache.mkdir()
        self.index = self.cache / "index"
        self.index.write_text("verified", "utf-8")

    def build(self, way: str, script: str) -> ReferenceBuild:
        """Build a package whose source is this shell script."""
        path, kind = WAYS[way]
        where = self.context(path, script)
        release = Release.parse("go1.24.4")
        posted = Posted("module", "module", release, TARGET, "u", Path("z"), "a" * 64, ())
        tree = memory_tree(UPSTREAM, modes={"bin/go": 0o755})
        (settings,) = settings_to_try(where)
        host = Host(posted, tree, TARGET)
        return get_reference(where, host, settings, kind, self.cache / "reference", Silent())

    @staticmethod
    def context(path: str, script: str) -> Context:
        """The package."""
        hostile = {**UPSTREAM, path: script.encode()}
        return context(hostile, UPSTREAM, policy(), release="go1.24.4")

    def toolchain(self) -> dict[str, bytes]:
        """What lies in the cache besides reference builds and logs."""
        kept = self.cache / "reference/toolchains"
        return {str(path): path.read_bytes() for path in kept.rglob("*") if path.is_file()}


@pytest.fixture
def attempt(tmp_path: Path) -> Attempt:
    return Attempt(tmp_path)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server


def said(reference: ReferenceBuild, name: str) -> str:
    return (reference.executable(f"bin/{name}") or b"").decode()


@EVERY_WAY
def test_it_changes_and_reads_nothing_of_this_machine(attempt: Attempt, way: str) -> None:
    reference = attempt.build(
        way,
        f"""
        (cat {attempt.secret}; ls -A {attempt.cache} /root /home /var /etc/shadow) > bin/seen 2>&1
        echo evil > {attempt.index}; rm -rf {attempt.cache}; echo evil > /usr/bin/evil
        echo evil > /toolchain/bin/go; for f in src/*.go VERSION; do echo evil >> $f; done
        touch /tmp/samego-was-here; id -u > bin/who; true
        """,
    )
    assert attempt.index.read_text("utf-8") == "verified"
    assert attempt.secret.read_text("utf-8") == "the user's"
    assert "the user's" not in said(reference, "seen")
    assert (
        said(reference, "seen").count("cannot access") + said(reference, "seen").count("No such")
        > 3
    )
    assert not Path("/usr/bin/evil").exists()
    assert not Path("/tmp/samego-was-here").exists()  # noqa: S108 - what the script tried
    assert said(reference, "who").strip() != str(os.geteuid())
    assert not any(b"evil" in data for data in attempt.toolchain().values())
    assert reference.network == "none (bubblewrap)"


@EVERY_WAY
def test_it_sees_no_network_process_or_environment(
    attempt: Attempt, way: str, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "the user's")
    port = listener.getsockname()[1]
    reference = attempt.build(
        way,
        f"""
        (exec 3<>/dev/tcp/127.0.0.1/{port}) 2> bin/net
        bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}' 2> bin/net
        ls -d /proc/[0-9]* > bin/processes; env > bin/env; kill -9 {os.getpid()}; true
        """,
    )
    with pytest.raises(TimeoutError):
        listener.accept()
    assert "refused" in said(reference, "net") or "unreachable" in said(reference, "net")
    assert f"/proc/{os.getpid()}\n" not in said(reference, "processes")
    assert len(said(reference, "processes").splitlines()) < 20
    assert "the user's" not in said(reference, "env")
    assert str(attempt.cache) not in said(reference, "env")


@EVERY_WAY
def test_it_takes_neither_all_time_nor_all_room(
    attempt: Attempt, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(box, "LIMITS", replace(box.LIMITS, seconds=2.0, written=32 << 20))
    with pytest.raises(BuildError, match="it took too long"):
        attempt.build(way, "sleep 600")
    with pytest.raises(BuildError, match=r"it wrote too much|status"):
        attempt.build(way, "head -c 200M /dev/zero > big; sleep 600")
    monkeypatch.setattr(box, "LIMITS", replace(box.LIMITS, output=1 << 10))
    with pytest.raises(BuildError, match="it printed too much"):
        attempt.build(way, "yes")
    assert not list((attempt.cache / "reference").glob(".build-*"))


@EVERY_WAY
def test_what_it_leaves_is_read_as_a_strangers(attempt: Attempt, way: str) -> None:
    reference = attempt.build(way, f"ln -s {attempt.secret} bin/link; mkfifo bin/pipe; true")
    names = {path.name for path in (reference.directory / "files/bin").iterdir()}
    assert {"link", "pipe"} & names == set()
    with pytest.raises(BuildError, match="left no linux_amd64"):
        attempt.build(way, f"rm -rf pkg; ln -s {attempt.secret.parent} pkg")


@EVERY_WAY
def test_too_large_a_result_is_refused(
    attempt: Attempt, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(box, "_LARGEST", 1 << 20)
    with pytest.raises(HostileArchiveError, match="more than 1048576 bytes"):
        attempt.build(way, "head -c 2M /dev/zero > bin/large")


@EVERY_WAY
def test_without_a_sandbox_it_is_refused_before_anything_runs(
    attempt: Attempt, way: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sandbox, "available", lambda: False)
    monkeypatch.setattr(sandbox, "unavailable_because", lambda: "bwrap is not installed")
    with pytest.raises(SandboxError) as caught:
        attempt.build(way, f"touch {tmp_path}/ran")
    assert WAYS[way][0] in caught.value.message
    assert "bwrap is not installed" in caught.value.message
    assert "install bubblewrap" in caught.value.hint
    assert not (tmp_path / "ran").exists()


def test_without_a_sandbox_what_runs_nothing_of_the_package_goes_on(
    attempt: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "available", lambda: False)
    where = replace(attempt.context(STRINGS, "true\n"), distro=memory_tree(UPSTREAM))
    (settings,) = settings_to_try(where)
    posted = Posted("module", "module", where.release, TARGET, "u", Path("z"), "a" * 64, ())
    host = Host(posted, memory_tree(UPSTREAM, modes={"bin/go": 0o755}), TARGET)
    for kind in ReferenceKind:
        directory = attempt.cache / "reference"
        assert get_reference(where, host, settings, kind, directory, Silent()).executable(
            "bin/gofmt"
        )
