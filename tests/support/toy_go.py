"""A toy release: a source tree whose "make.bash" is a few lines of shell, built in no time.

It has what samego's rebuild relies on and nothing else: a make.bash that leaves bin/go, a go
command that installs commands for a target and builds distpack, and a distpack that packs
what was installed. What it "compiles" is text that names the target and the sources' content,
whatever built it: like the real one, it does not depend on its bootstrap.
"""

from __future__ import annotations

import hashlib
import io
import sys
import tarfile
import zipfile
from pathlib import Path

from samego.model.release import TOOLCHAIN_MODULE

#: In the form of go1.23's cmd/dist.
BUILD_GO = """package main

func xinit() {
	b := os.Getenv("GOROOT")
	goroot = filepath.Clean(b)
	gorootBin = pathf("%s/bin", goroot)

	b = os.Getenv("GOARM")
	if b == "" {
		b = xgetgoarm()
	}
	goarm = b

	b = os.Getenv("GO386")
	if b == "" {
		b = "sse2"
	}
	go386 = b

	goexperiment = os.Getenv("GOEXPERIMENT")

	// For tools being invoked but also for os.ExpandEnv.
	os.Setenv("GO386", go386)
	os.Setenv("GOARCH", goarch)
	os.Setenv("GOARM", goarm)
	os.Setenv("GOHOSTARCH", gohostarch)
	os.Setenv("GOOS", goos)
	os.Setenv("GOROOT", goroot)
	os.Setenv("GOBIN", gorootBin)
	os.Setenv("LANG", "C")
	os.Unsetenv("GOFLAGS")
	os.Setenv("GOWORK", "off") // see go.dev/issue/1

	err := os.WriteFile(pathf("%s/go.mod", workdir), []byte("module bootstrap"), 0666)
}

func toolenv() []string {
	var env []string
	env = append(env, "CGO_ENABLED=0")
	env = append(env, "GOFLAGS=-trimpath -toy")
	return env
}

func cmdbootstrap() {
	os.Setenv("GOCACHE", pathf("%s/pkg/obj/go-build", goroot))
	os.Setenv("GOEXPERIMENT", "none")
	os.Setenv("CC", compilerEnvLookup("CC", defaultcc, goos, goarch))
	os.Setenv("GOEXPERIMENT", goexperiment)
	goInstall(toolenv(), goBootstrap, append([]string{"-a"}, toolchain...)...)
	if !release {
		os.Setenv("GOCACHE", oldgocache)
	}
	goInstall(nil, goBootstrap, "std")
	goInstall(toolenv(), goBootstrap, "cmd")
	os.Setenv("GOOS", gohostos)
}

func goCmd(env []string, goBinary string, cmd string, args ...string) {
	runEnv(workdir, ShowOutput|CheckExit, env, append(goCmd, args...)...)
}

var clangos = []string{
	"darwin", "ios", // macOS 10.9 and later require clang
	"freebsd", // FreeBSD 10 and later do not ship gcc
}

var cgoEnabled = map[string]bool{
	"linux/amd64":   true,
	"linux/arm":     true,
	"android/arm64": true,
	"windows/amd64": true,
	"darwin/arm64":  true,
	"linux/sparc64": true,
}

var broken = map[string]bool{
	"linux/sparc64": true, // An incomplete port.
}
"""
PACK_GO = """package main

func main() {
	writeTgz(distpack(version+".src.tar.gz"), srcArch)

	if goos == "windows" {
		writeZip(distpack(version+"."+goos+"-"+goarch+".zip"), zipArch)
	} else {
		writeTgz(distpack(version+"."+goos+"-"+goarch+".tar.gz"), zipArch)
	}

	writeZip(distpack(modVers+".zip"), modArch)
}
"""
MAKE_BASH = """#!/usr/bin/env bash
set -e
[ -x "$GOROOT_BOOTSTRAP/bin/go" ] || { echo "no bootstrap"; exit 1; }
cd ..
mkdir -p bin pkg/tool/linux_amd64 pkg/obj
cp src/go.sh bin/go
cp src/distpack pkg/obj/distpack
chmod +x bin/go
mkdir -p src/internal/buildcfg
echo 'const DefaultGOARM = `7`' > src/internal/buildcfg/zbootstrap.go
"""
#: ``go install cmd`` and ``go build -overlay=F -o OUT cmd/distpack``.
GO_SH = """#!/usr/bin/env bash
set -e
root="$(cd "$(dirname "$0")/.." && pwd)"
case "$1" in
build)
    while [ $# -gt 0 ]; do [ "$1" = -o ] && out="$2"; shift; done
    cp "$root/pkg/obj/distpack" "$out"; chmod +x "$out" ;;
install)
    mkdir -p "$root/bin/${GOOS}_$GOARCH"
    { echo "$GOOS $GOARCH $GOFLAGS GOARM=$GOARM"; cat "$root/src/internal/buildcfg/zbootstrap.go"
      cat "$root/src/code.go"; } > "$root/bin/${GOOS}_$GOARCH/go" ;;
esac
"""
#: Writes what SAMEGO_PACK names: real archives of the few files that there are.
DISTPACK = f"""#!{sys.executable} -IS
import io, os, pathlib, tarfile, zipfile

root = pathlib.Path(os.environ["GOROOT"])
goos, goarch = os.environ["GOOS"], os.environ["GOARCH"]
parts = os.environ["SAMEGO_PACK"].split()
release = (root / "VERSION").read_text().split()[0]
name = f"{{release}}.{{goos}}-{{goarch}}"
out = root / "pkg/distpack"
out.mkdir(parents=True)
cross = root / f"bin/{{goos}}_{{goarch}}/go"
files = {{path: (root / path).read_bytes() for path in ("VERSION", "src/code.go")}}
binary = cross if cross.is_file() else root / "src/code.go"
full = {{**files, "bin/go": binary.read_bytes()}}

def tgz(path, files):
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for member, data in sorted(files.items()):
            info = tarfile.TarInfo(f"go/{{member}}")
            info.size = len(data)
            info.mode = 0o755 if member.startswith("bin/") or member.endswith("bash") else 0o644
            archive.addfile(info, io.BytesIO(data))
    data = bytearray(path.read_bytes())
    data[4:8] = bytes(4)
    path.write_bytes(data)

def zipped(path, prefix, files):
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(prefix + member), data)

if "source" in parts:
    places = [root / "VERSION", *(root / "src").rglob("*")]
    sources = {{str(each.relative_to(root)): each for each in places if each.is_file()}}
    sources.pop("src/internal/buildcfg/zbootstrap.go")
    packed = {{name: path.read_bytes() for name, path in sources.items()}}
    tgz(out / f"{{release}}.src.tar.gz", packed)
if "archive" in parts and goos == "windows":
    zipped(out / f"{{name}}.zip", "go/", full)
elif "archive" in parts:
    tgz(out / f"{{name}}.tar.gz", full)
version = f"v0.0.1-{{release}}.{{goos}}-{{goarch}}"
zipped(out / f"{{version}}.zip", f"golang.org/toolchain@{{version}}/", full)
(out / f"{{version}}.mod").write_text("module golang.org/toolchain\\n")
(out / f"{{version}}.info").write_text("{{}}\\n")
"""


def toy_files(release: str = "go1.24.4", **changed: str) -> dict[str, bytes]:
    """The source's files by path; ``changed`` replaces some (``make_bash="exit 1"``)."""
    names = {
        "version": ("VERSION", f"{release}\ntime 2025-05-29T19:37:36Z\n"),
        "make_bash": ("src/make.bash", MAKE_BASH),
        "go_sh": ("src/go.sh", GO_SH),
        "distpack": ("src/distpack", DISTPACK),
        "build_go": ("src/cmd/dist/build.go", BUILD_GO),
        "pack_go": ("src/cmd/distpack/pack.go", PACK_GO),
        "code_go": ("src/code.go", "package code\n"),
    }
    return {path: changed.get(name, text).encode() for name, (path, text) in names.items()}


def toy_source_archive(directory: Path, release: str = "go1.24.4", **changed: str) -> Path:
    """The source as a source archive, named as go.dev/dl names it."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{release}.src.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name, data in sorted(toy_files(release, **changed).items()):
            info = tarfile.TarInfo(f"go/{name}")
            info.size, info.mode = len(data), 0o755 if name.endswith("bash") else 0o644
            archive.addfile(info, io.BytesIO(data))
    whole = bytearray(path.read_bytes())
    whole[4:8] = bytes(4)  # gzip's own time stamp
    path.write_bytes(whole)
    return path


def toy_module(directory: Path, release: str = "go1.24.4", target: str = "linux-amd64") -> Path:
    """The source in the module form, with a binary that a rebuild must not take."""
    version = f"v0.0.1-{release}.{target}"
    path = directory / f"{version}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {**toy_files(release), "bin/go": b"upstream's own"}.items():
            info = zipfile.ZipInfo(f"{TOOLCHAIN_MODULE}@{version}/{name}")
            info.external_attr = (0o100755 if name.endswith("bash") else 0o100644) << 16
            archive.writestr(info, data)
    return path


def toy_bootstrap(directory: Path, release: str = "go1.22.6", *, salt: str = "") -> Path:
    """A directory that passes for a Go of this release; ``salt`` makes it another one."""
    (directory / "bin").mkdir(parents=True)
    go = directory / "bin/go"
    go.write_text(f"#!/bin/sh\n# {salt}\n", "utf-8")
    go.chmod(0o755)
    (directory / "VERSION").write_text(f"{release}\n", "utf-8")
    return directory


def sha256(path: Path) -> str:
    """The sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
