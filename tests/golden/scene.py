"""The scene that the commands run in: small real packages, and a network that is always the same.

Upstream's files come from hosts that do not exist, through a proxy on the loopback: so no
address in the text changes. The packages are Debian's, cut down and packed by dpkg-deb.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import re
import shutil
import tarfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from forge.packed import Deb
from forge.upstream import cut_module, names_of, serve_below
from forge.worlds import cut_debs, debian_world
from golden.cases import Case
from samego.cli.main import main
from support.cli import Result, Samego
from support.godev_server import file_row, release_row
from support.inputs import Inputs
from support.rebuilders import PACKAGE, row_v1
from support.sumdb_log import Key, Log
from support.toy_go import toy_bootstrap, toy_source_archive
from support.witness_key import WitnessKey

_GODEV, _PROXY = "go.example", "proxy.example"
_WHOLE, _NEWER = "whole.proxy.example", "newer.proxy.example"
_SUMDB = "sum.example"
#: With a key that is always the same, so that what it signs is.
_KEY = Key(_SUMDB, Ed25519PrivateKey.from_private_bytes(bytes(32)))
#: The size of the log and where it is forked: as it is served, a fork of it, its future.
_LOGS = ((300, None), (300, 7), (310, None))
#: A release that nobody announced: no known sum contradicts the toy.
_TOY = "go1.24.99"
_PROVEN = ("bin/gofmt", "pkg/tool/linux_amd64/buildid", "pkg/tool/linux_amd64/test2json")
#: These embed Debian's settings.
_EMBEDDING = ("bin/go", "pkg/tool/linux_amd64/asm")
_DSC = "source/golang-1.24_1.24.4-1.dsc"
_PRINT = "usr/share/go-1.24/src/fmt/print.go"
_BROKEN = (
    "VERSION",
    "go.env",
    "LICENSE",
    "PATENTS",
    "lib/fips140/",
    "src/cmd/go/internal/fips140/",
    "src/fmt/",
    "bin/gofmt",
)


#: What is waived where: all that fails, and one of two files that break something.
_WAIVERS = {
    "unexplained": "path src/fmt/print.go until 2999-12-31: the comment is ours\n",
    "breaking": "breaks lib/fips140/v1.26.0.zip for golang-1.27: nobody here uses this snapshot\n",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """A directory with a place for each group of commands, and how samego runs there."""

    directory: Path
    environments: dict[str, Mapping[str, str]]
    samego: Samego

    def run(self, case: Case) -> Result:
        """Run a command where it belongs."""
        if case.arguments[-1] == "--help":
            return _helped(case.arguments)
        place = self.directory / case.place
        place.mkdir(exist_ok=True)
        words = [word for argument in case.arguments for word in _expanded(argument, place)]
        environment = {**self.environments.get(case.place, {}), **dict(case.environment)}
        return self.samego(*words, cwd=place, environment=environment)


def _helped(words: Sequence[str]) -> Result:
    """What --help prints, without a process of its own: there are many."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), mock.patch.dict(os.environ, {"COLUMNS": "80"}):
        status = main(words)
    return Result(status, out.getvalue(), "")


def _expanded(word: str, place: Path) -> list[str]:
    return sorted(path.name for path in place.glob(word)) if "*" in word else [word]


@contextlib.contextmanager
def scene(inputs: Inputs, directory: Path) -> Iterator[Scene]:
    """Set the scene below an empty directory."""
    hosts = directory / "hosts"
    hosts.mkdir()
    with _proxy(hosts) as proxy:
        common = {
            "http_proxy": proxy,
            "no_proxy": "",
            "SAMEGO_GODEV_URL": f"http://{_GODEV}/dl",
            "COLUMNS": "80",
            "LC_ALL": "C.UTF-8",
            "SAMEGO_DEBIAN_SOURCES": "beside tree",
            "GOENV": "off",
            "GOPROXY": "off",
            "GOSUMDB": "off",
            "SAMEGO_RECORD": "0",
            "SAMEGO_SPOOL": "spool",
        }
        home = directory / "home"
        home.mkdir()
        samego = Samego(home, common)
        environments: dict[str, Mapping[str, str]] = {}
        _debian(inputs, directory, environments)
        made = Scene(directory, environments, samego)
        for place in ("passing", "unproven", "unexplained"):
            _report(made, place)
        _forged(directory)
        environments["forged"] = environments["passing"]
        environments["breaking"] = _breaking(inputs, directory)
        # Its proxy's checksum database is known then, whichever command is the first.
        made.run(Case("", ("check", "-q", "golang-1.27-*.deb"), "breaking"))
        for place, text in _WAIVERS.items():
            (directory / place / "samego.waivers").write_text(text, "utf-8")
        _toy(made)
        _log(made)
        environments["quorum"] = {"no_proxy": "127.0.0.1"}
        _rebuilders(directory)
        yield made


def _debian(inputs: Inputs, directory: Path, environments: dict[str, Mapping[str, str]]) -> None:
    """trixie's golang-1.24: without executables that embed settings, with them, and changed."""
    made = directory / "trixie"
    made.mkdir()
    world = debian_world(inputs, made, (*_PROVEN, *_EMBEDDING))
    shutil.move(made / "proxy", directory / "hosts" / _WHOLE)
    (whole,) = (directory / "hosts" / _WHOLE).rglob("*.zip")
    version = whole.stem
    kept = names_of(whole, version) - set(_EMBEDDING)
    environment = serve_below(
        directory / "hosts" / _PROXY, version, cut_module(whole, version, kept)
    )
    environments["unproven"] = {**world.environment, "GOPROXY": f"http://{_WHOLE}"}
    for place in ("passing", "unexplained"):
        environments[place] = {**environment, "GOPROXY": f"http://{_PROXY}"}
    for place in ("passing", "unproven", "unexplained"):
        (directory / place).mkdir()
        shutil.copytree(made / "source", directory / place / "source")
        _unsign(directory / place / _DSC)
        for package in world.packages:
            assert isinstance(package, Deb)
            changed = package.copy()
            if place != "unproven":
                _leave_out(changed)
            if place == "unexplained" and _PRINT in changed.data:
                member = changed.data[_PRINT]
                text = member.data.replace(b"n int, err error)", b"n int, err  error)", 1)
                changed.data.swap(_PRINT, member.with_data(text))
            (directory / place / package.name).write_bytes(changed.pack())


def _unsign(dsc: Path) -> None:
    """Take the signature away: whether its key is known depends on the machine's keyrings."""
    text = dsc.read_text("utf-8").partition("-----BEGIN PGP SIGNATURE-----")[0]
    signed = re.fullmatch(r"-----BEGIN PGP SIGNED MESSAGE-----\n.*?\n\n(.*)", text, re.DOTALL)
    assert signed is not None, dsc
    dsc.write_text(signed[1].rstrip() + "\n", "utf-8")


def _leave_out(package: Deb) -> None:
    for path in _EMBEDDING:
        if f"usr/lib/go-1.24/{path}" in package.data:
            package.data.swap(f"usr/lib/go-1.24/{path}")


def _report(made: Scene, place: str) -> None:
    """Keep a report in a place, as ``--format json`` writes it."""
    words = (
        *("check", "-q", "--format=json", "-o", "report.json", "golang-1.24-*.deb"),
        *("--source", _DSC),
    )
    result = made.run(Case("", words, place))
    assert result.status in {0, 1}, result.stderr


def _forged(directory: Path) -> None:
    """The passing packages, with a report that claims another digest for one proof."""
    place = directory / "forged"
    shutil.copytree(directory / "passing", place)
    report = json.loads((place / "report.json").read_text("utf-8"))
    (finding,) = (each for each in report["findings"] if each["path"] == "bin/gofmt")
    finding["proof"]["digest"] = "0" * 64
    (place / "report.json").write_text(json.dumps(report), "utf-8")


def _breaking(inputs: Inputs, directory: Path) -> Mapping[str, str]:
    """sid's golang-1.27, whose FIPS snapshots no longer match the sums that cmd/go checks."""
    version = "v0.0.1-go1.27.3.linux-amd64"
    module = inputs.module_zip("go1.27.3", "linux-amd64")
    kept = {path for path in names_of(module, version) if path.startswith(_BROKEN)}
    place = directory / "breaking"
    place.mkdir()
    for _ in cut_debs(inputs.debs("sid/1.27/amd64"), kept, place):
        pass
    proxy = directory / "hosts" / _NEWER
    environment = serve_below(proxy, version, cut_module(module, version, kept))
    return {**environment, "GOPROXY": f"http://{_NEWER}"}


def _toy(made: Scene) -> None:
    """A toy release on go.dev: what a rebuild gives, and in another place another file."""
    name = f"{_TOY}.linux-amd64.tar.gz"
    posted = made.directory / "hosts" / _GODEV / "dl"
    posted.mkdir(parents=True)
    source = toy_source_archive(posted, _TOY)
    place = made.directory / "rebuild"
    place.mkdir()
    toy_bootstrap(place / "bootstrap")
    _index(posted, source.name)
    words = ("rebuild", _TOY, "--source", "go.dev/dl", "--bootstrap", "bootstrap", "-q")
    result = made.run(Case("", (*words, "--target", "linux-amd64", "-o", "."), "rebuild"))
    assert result.status == 2, result.stderr
    shutil.copy(place / name, posted / name)
    shutil.copytree(place, made.directory / "rebuild-differs")
    _index(posted, source.name, name)
    other = made.directory / "hosts" / f"other.{_GODEV}" / "dl"
    shutil.copytree(posted, other)
    (other / name).write_bytes(_with_another_file((posted / name).read_bytes()))
    _index(other, source.name, name)
    made.environments["rebuild-differs"] = {"SAMEGO_GODEV_URL": f"http://other.{_GODEV}/dl"}


def _log(made: Scene) -> None:
    """A log on a host of its own, and checkpoints of it, of its future and of its fork."""
    log, forked, later = (Log(size, _KEY, fork_at=at) for size, at in _LOGS)
    served = made.directory / "hosts" / _SUMDB
    tiles = [f"tile/8/{tile}" for tile in ("0/000", "0/001.p/44", "1/000.p/1")]
    for path, data in [("latest", log.head()), *((path, log.tile(path)) for path in tiles)]:
        assert data is not None, path
        (served / path).parent.mkdir(parents=True, exist_ok=True)
        (served / path).write_bytes(data)
    place = made.directory / "log"
    (place / "go").mkdir(parents=True)
    (place / "a-colleague.txt").write_bytes(log.head(280))
    (place / "of-a-fork.txt").write_bytes(forked.head(290))
    (place / "larger.txt").write_bytes(later.head())
    witness = WitnessKey("ann.example", Ed25519PrivateKey.from_private_bytes(bytes([2] * 32)))
    (place / "cosigned.txt").write_bytes(witness.cosign(log.head(280)))
    named = f"witness Ann {witness.vkey}\n"
    (place / "met.txt").write_text(f"{named}quorum Ann\n")
    other = WitnessKey("ben.example", Ed25519PrivateKey.from_private_bytes(bytes([1] * 32)))
    named += f"witness Ben {other.vkey}\n"
    (place / "unmet.txt").write_text(f"{named}group both all Ann Ben\nquorum both\n")
    made.environments["log"] = {
        "GOSUMDB": f"{_KEY.verifier} http://{_SUMDB}",
        "SAMEGO_CACHE": str(place / "cache"),
    }
    result = made.run(Case("", ("upstream", "checkpoint", "-q", "a-colleague.txt"), "log"))
    assert result.status == 0, result.stderr


def _rebuilders(directory: Path) -> None:
    """Daemons that answer a question as version 1 does, one that is down, and their policy."""
    query = f"?limit=1000&sort=id&direction=Ascending&name={PACKAGE.name}&version={PACKAGE.version}"
    status = {"alice": "GOOD", "carol": "GOOD", "dave": None, "mallory": "BAD"}
    rows = []
    for name in (*status, "erin"):
        api = directory / "hosts" / f"{name}.example" / "api/v1"
        (api / "packages").mkdir(parents=True)
        (api / "builds").mkdir()
        records = [{"id": 1, **row_v1(status[name])}] if name in status else []
        build = {"built_at": "2026-11-23T17:00:00", "status": status.get(name) or "FAIL"}
        (api / "dashboard").write_text("{}")
        (api / f"packages/binary{query}").write_text(json.dumps({"records": records}))
        (api / "builds/1").write_text(json.dumps(build))
        rows.append((name, f"http://{name}.example", 'max-age = "1 hour"\n' * (name == "carol")))
    rows.append(("bob", "http://127.0.0.1:9", ""))
    (directory / "quorum").mkdir()
    (directory / "quorum/policy.toml").write_text(
        "".join(
            f'[[rebuilder]]\nname = "{name}\'s daemon"\noperator = "{name.title()}"\n'
            f'kind = "rebuilderd"\nurl = "{url}"\n{more}'
            for name, url, more in rows
        )
    )


def _index(posted: Path, *names: str) -> None:
    rows = [file_row(name, (posted / name).read_bytes()) for name in names]
    (posted / "?mode=json&include=all").write_text(json.dumps([release_row(_TOY, *rows)], indent=1))


def _with_another_file(archive: bytes) -> bytes:
    """The archive with one line more in the toy's code."""
    out = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(archive)) as old,
        gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as new,
    ):
        for member in old:
            file = old.extractfile(member)
            assert file is not None
            data = file.read() + (b"// more\n" if member.name.endswith("code.go") else b"")
            member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return out.getvalue()


@contextlib.contextmanager
def _proxy(hosts: Path) -> Iterator[str]:
    """A proxy that serves ``http://HOST/PATH`` from ``hosts/HOST/PATH``; its URL."""

    class Handler(SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            url = urlsplit(path)
            name = f"{url.path}{'?' + url.query if url.query else ''}"
            return str(hosts / url.netloc / name.lstrip("/"))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
