"""A toy release for ``samego inputs``: it is built in no time, and can be given a leak.

The bootstrap and the toy's go command "build" the probe by copying one that a real Go built.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from samego.inputs import probe
from support.toy_go import DISTPACK, GO_SH

#: A go command that builds the probe and nothing else.
BOOTSTRAP_GO = """#!/bin/sh
case "$1" in
version) echo "go version {version} linux/amd64" ;;
build) shift; [ "$1" = -o ] && cp "{probe}" "$2" ;;
esac
"""
#: Where the toy's go finds the probe: beside the bootstrap, which the sandbox has.
_COPY = 'case "$PWD" in */probe) cp /bootstrap/probe "$out"; exit ;; esac'


def build_probe(goroot: Path, directory: Path) -> Path:
    """The probe, built by a real Go."""
    source = directory / "source"
    source.mkdir(parents=True)
    (source / "probe.go").write_bytes(probe.source())
    (source / "go.mod").write_text("module probe\n\ngo 1.20\n")
    place = directory / "probe"
    environment = {
        **os.environ,
        "GOROOT": str(goroot),
        "GOCACHE": str(directory / "gocache"),
        "GOFLAGS": "",
        "GOTOOLCHAIN": "local",
        "CGO_ENABLED": "0",
    }
    command = [f"{goroot}/bin/go", "build", "-o", str(place), "."]
    subprocess.run(command, cwd=source, env=environment, check=True)
    return place


def bootstrap(directory: Path, program: Path, version: str = "go1.22.12") -> Path:
    """A GOROOT that builds the probe."""
    (directory / "bin").mkdir(parents=True)
    (directory / "probe").write_bytes(program.read_bytes())
    (directory / "VERSION").write_text(f"{version}\n")
    go = directory / "bin/go"
    # Before the build it is called by its own path, in the sandbox by the sandbox's.
    go.write_text(BOOTSTRAP_GO.format(version=version, probe='$(dirname "$0")/../probe'))
    for path in (go, directory / "probe"):
        path.chmod(0o755)
    return directory


def leaking(command: str) -> dict[str, str]:
    """The toy's scripts where what is installed holds what a shell command prints."""
    copied = '\n    cp "$root/pkg/obj/distpack"'
    ended = '/go" ;;\nesac'
    assert GO_SH.count(copied) == GO_SH.count(ended) == 1
    text = GO_SH.replace(copied, f"\n    {_COPY}{copied}")
    leak = f'{{ {command}; }} >>"$root/bin/${{GOOS}}_$GOARCH/go"'
    # The sandbox has the system's own Python alone.
    packer = DISTPACK.replace(f"#!{sys.executable}", "#!/usr/bin/python3")
    return {"distpack": packer, "go_sh": text.replace(ended, f'/go"\n    {leak} ;;\nesac')}
