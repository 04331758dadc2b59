"""A third distro's plugin, installed as a distribution of its own: nothing of the core changes."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from support.cli import Samego
from support.godev_server import GoDev, file_row, release_row, serve, toolchain_archive

_SOURCE = Path(__file__).parent.parent / "plugins/alder"
_RELEASE = "go1.24.99"
_ARCHIVE = f"{_RELEASE}.linux-amd64.tar.gz"
_VERSION = f"{_RELEASE}\ntime 2025-05-29T19:37:36Z\n".encode()
#: Upstream's files besides VERSION.
_FILES = {
    "LICENSE": b"BSD\n",
    "bin/go": b"a program\n",
    "pkg/tool/linux_amd64/vet": b"a tool\n",
    "misc/editors": b"none\n",
    "src/fmt/print.go": b"package fmt\n",
}


def wheel(directory: Path) -> Path:
    """The plugin as a wheel (PEP 427), which no build tool is needed for."""
    path = directory / "samego_alder-1.0-py3-none-any.whl"
    info = "samego_alder-1.0.dist-info"
    members = {
        str(file.relative_to(_SOURCE)): file.read_bytes()
        for file in sorted(_SOURCE.rglob("*"))
        if file.suffix in {".py", ".toml"}
    }
    members[f"{info}/METADATA"] = b"Metadata-Version: 2.1\nName: samego-alder\nVersion: 1.0\n"
    members[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    members[f"{info}/entry_points.txt"] = b"[samego.distros]\nalder = samego_alder:DISTRO\n"
    record = "".join(f"{name},{_hash(data)},{len(data)}\n" for name, data in members.items())
    members[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def _hash(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"


def package(path: Path, changed: Mapping[str, bytes | None]) -> Path:
    """An Alder package: upstream's files where Alder puts them, some of them changed."""
    manifest = {"version": "1.24.99-1", "arch": "x86_64", "go": _RELEASE, "target": "linux-amd64"}
    members: dict[str, bytes | None] = {"+MANIFEST": json.dumps(manifest).encode()}
    members |= {f"opt/go/{name}": data for name, data in {**_FILES, "VERSION": _VERSION}.items()}
    members |= {"opt/go/misc/editors": None, "opt/go/LICENSE": None, "opt/licences/go": b"BSD\n"}
    members |= changed
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name, data in members.items():
            if data is not None:
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    path.write_bytes(gzip.compress(raw.getvalue(), mtime=0))
    return path


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pip has installed the plugin."""
    directory = tmp_path_factory.mktemp("alder")
    place = directory / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, "--target", place, wheel(directory)], check=True)
    return place


@pytest.fixture
def samego(tmp_path: Path, installed: Path) -> Iterator[Samego]:
    """samego with the plugin, and a go.dev that has the toy release."""
    data = toolchain_archive(_RELEASE, _FILES)
    state = GoDev()
    state.post(_ARCHIVE, data)
    state.set_index(release_row(_RELEASE, file_row(_ARCHIVE, data)))
    with serve(state) as godev:
        environment = {
            "PYTHONPATH": str(installed),
            "SAMEGO_GODEV_URL": f"{godev.url}/dl",
            "SAMEGO_CHANNEL": "go.dev/dl",
        }
        yield Samego(home=tmp_path, environment=environment)


def test_its_package_is_checked_by_its_policy(samego: Samego, tmp_path: Path) -> None:
    result = samego("check", package(tmp_path / "go.alder", {}), "--format", "json")
    assert result.status == 0, result.stderr
    report = result.report
    assert report["verdict"] == "explained"
    assert report["subject"]["distro"] == "alder"
    assert report["subject"]["packages"][0]["version"] == "1.24.99-1"
    assert {finding["path"]: finding["standing"] for finding in report["findings"]} == {
        "LICENSE": "explained",
        "misc/editors": "explained",
    }
    assert report["counts"]["identical"] == 4


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("opt/go/src/fmt/print.go", b"package fnt\n"),
        ("opt/go/pkg/tool/linux_amd64/vet", None),
        ("opt/go/src/evil.go", b"package evil\n"),
        ("opt/licences/go", b"GPL\n"),
    ],
    ids=["changed", "missing", "added", "moved and changed"],
)
def test_what_its_policy_does_not_allow_is_refused(
    samego: Samego, tmp_path: Path, path: str, data: bytes | None
) -> None:
    result = samego("check", package(tmp_path / "go.alder", {path: data}), "--format", "json")
    assert result.status == 1, result.stderr
    bad = [row["path"] for row in result.report["findings"] if row["effective"] == "unexplained"]
    assert bad
    assert {name.removeprefix("/") for name in bad} <= {
        path,
        path.removeprefix("opt/go/"),
        "LICENSE",
    }


def test_what_it_finds_installed_is_checked_with_all_others(samego: Samego, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    subprocess.run(["tar", "-xf", package(tmp_path / "go.alder", {}), "-C", root], check=True)
    database = root / "var/lib/alder/go.json"
    database.parent.mkdir(parents=True)
    (root / "+MANIFEST").rename(database)
    result = samego("check", "--all", "--root", root, "--format", "json")
    (each,) = json.loads(result.stdout)["toolchains"]
    assert (each["found"], each["claims"]) == ("alder", "go 1.24.99-1 x86_64")
    assert (each["where"], each["verdict"]) == ("/opt/go", "explained"), result.stdout
    assert result.status == 0
    (root / "opt/go/src/fmt/print.go").write_bytes(b"package fnt\n")
    assert samego("check", "--all", "--root", root).status == 1


def test_its_command_stands_beside_the_cores(samego: Samego) -> None:
    assert samego("alder", "greet", "check").stdout == "hello check\n"
    assert "alder" in samego("--help").stdout
    assert samego("alder", "leave").status == 2


def own_python(directory: Path, *places: Path) -> Path:
    """samego's script in a virtual environment that has these directories of modules too."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", "--symlinks", directory], check=True
    )
    (site,) = directory.glob("lib/python*/site-packages")
    lines = [f"import site; site.addsitedir({str(place)!r})\n" for place in places]
    (site / "others.pth").write_text("".join(lines), "utf-8")
    script = directory / "bin/samego"
    text = f"#!{directory}/bin/python\nfrom samego.cli.main import main\nraise SystemExit(main())\n"
    script.write_text(text, "utf-8")
    script.chmod(0o755)
    return script


def test_its_hook_is_listed_installed_fired_and_removed(
    samego: Samego, tmp_path: Path, installed: Path
) -> None:
    # A hook's command ignores PYTHONPATH: the plugin must be installed.
    here = Path(sysconfig.get_path("purelib"))
    samego = replace(samego, program=own_python(tmp_path / "venv", here, installed))
    root = tmp_path / "root"
    root.mkdir()
    assert "alder-build" in samego("hook", "list").stdout
    assert samego("hook", "install", "alder-build", "--root", root).status == 0
    script = root / "etc/alder/after-build.d/samego"
    environment = samego.environ({"SAMEGO_SPOOL": str(tmp_path / "spool")})
    fired = subprocess.run(
        [script, package(tmp_path / "go.alder", {})],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    (report,) = (tmp_path / "spool").glob("*.json")
    assert json.loads(report.read_text("utf-8"))["verdict"] == "explained"
    assert len((fired.stdout + fired.stderr).splitlines()) == 2
    assert samego("hook", "remove", "alder-build", "--root", root).status == 0
    assert list(root.iterdir()) == []
