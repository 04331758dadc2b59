"""A leak planted in a real Go: found, bisected to the one thing that shows it, and named.

The go command of upstream's go1.24.4 is patched so that what it builds records the directory that
is built in, the host's name or the year in its build information, and it is built anew by the
real one. What it makes in plain surroundings is posted, as by an upstream that does not know of
its leak.
"""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from samego.inputs.kept import DIRECTORY
from samego.inputs.result import InputsResult, InputsVerdict
from samego.inputs.run import try_inputs
from samego.inputs.script import PROGRAM
from samego.inputs.workshop import InputsOptions
from samego.report.inputs import render_text
from samego.system.progress import Silent
from support.godev_server import GoDev, serve
from support.toy_world import LINUX, NAME, RELEASE, World

pytestmark = [pytest.mark.network, pytest.mark.long]
_RECORDER = "src/cmd/go/internal/load/pkg.go"
_BEFORE = '\tappendSetting("-compiler", cfg.BuildContext.Compiler)\n'
#: What the patched go command records, as Go, and the variation that shows it.
_LEAKS = {
    "build_path": "cfg.GOROOT",
    "domain_host": "func() string { name, _ := os.Hostname(); return name }()",
    "time": "time.Now().Format(`2006`)",
}


class Patched:
    """Upstream's go1.24.4 with a go command that records something; posted as another release."""

    def __init__(self, module_zip: Path, directory: Path, leak: str) -> None:
        self._goroot = directory / "goroot"
        with zipfile.ZipFile(module_zip) as archive:
            for info in archive.infolist():
                path = self._goroot / info.filename.partition("/")[2].partition("/")[2]
                path = path.with_name("go.mod") if path.name == "_go.mod" else path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(info))
        for path in (*self._goroot.glob("bin/*"), *self._goroot.glob("pkg/tool/*/*")):
            path.chmod(0o755)
        self._record(leak, directory)

    def _record(self, leak: str, directory: Path) -> None:
        source = self._goroot / _RECORDER
        text = source.read_text()
        assert text.count(_BEFORE) == 1
        text = text.replace(_BEFORE, f'{_BEFORE}\tappendSetting("-builder", {leak})\n')
        source.write_text(text)
        environment = {
            "PATH": os.environ["PATH"],
            "GOROOT": str(self._goroot),
            "GOCACHE": str(directory / "gocache"),
            "GOPATH": str(directory / "gopath"),
            "GOFLAGS": "-trimpath",
            "GOTOOLCHAIN": "local",
            "CGO_ENABLED": "0",
        }
        command = [f"{self._goroot}/bin/go", "build", "-o", f"{directory}/go", "cmd/go"]
        subprocess.run(command, cwd=self._goroot / "src", env=environment, check=True)
        self.put("bin/go", (directory / "go").read_bytes())

    def put(self, path: str, data: bytes) -> None:
        """Put a file in place of the one that is there."""
        (self._goroot / path).unlink()
        (self._goroot / path).write_bytes(data)
        (self._goroot / path).chmod(0o755)

    def archive(self) -> bytes:
        """All of it, as upstream packs it."""
        (self._goroot / "VERSION").write_text(f"{NAME}\ntime 2025-05-29T19:37:36Z\n")
        raw = io.BytesIO()
        with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for path in sorted(self._goroot.rglob("*")):
                if path.is_file():
                    archive.add(path, f"go/{path.relative_to(self._goroot)}", filter=_nobodys)
        return gzip.compress(raw.getvalue(), compresslevel=1, mtime=0)


def _nobodys(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mtime = 0
    info.mode = 0o755 if info.mode & 0o100 else 0o644
    return info


@pytest.fixture
def godev(monkeypatch: pytest.MonkeyPatch) -> Iterator[GoDev]:
    monkeypatch.setenv("GOPROXY", "off")
    monkeypatch.setenv("GOSUMDB", "off")
    with serve(GoDev()) as served:
        yield served


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", _LEAKS)
def test_a_leak_of_a_real_go_is_found_and_named(
    tmp_path: Path, godev: GoDev, go1244_module_zip: Path, name: str
) -> None:
    patched = Patched(go1244_module_zip, tmp_path / "patched", _LEAKS[name])
    first, second = (World(tmp_path / each, godev) for each in ("first", "second"))
    posted = f"{NAME}.{LINUX}.tar.gz"
    first.post(posted, patched.archive())
    assert _tried(first).verdict is InputsVerdict.UNDECIDED  # its gofmt is still go1.24.4's
    (plain,) = (first.config().cache_directory / DIRECTORY).glob(f"experiments/*/{PROGRAM}")
    patched.put("bin/gofmt", plain.read_bytes())
    second.post(posted, patched.archive())  # what was fetched of the first is in its cache

    result = _tried(second)
    text = render_text(result)
    (target,) = result.targets
    assert (result.verdict, target.doubt, target.culprits) == (InputsVerdict.DIFFERS, "", (name,))
    assert target.along == ()
    (where,) = target.where
    assert where.startswith("cmd/gofmt: ")
    rows = {row.name: row for row in target.variations}
    assert [name for name in rows if rows[name].unseen] == ["bootstrap"]
    assert f"{name} changes what is built" in text


def _tried(world: World) -> InputsResult:
    options = InputsOptions(RELEASE, program="cmd/gofmt", config=world.config())
    return try_inputs(options, Silent())
