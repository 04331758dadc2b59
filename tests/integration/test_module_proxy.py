"""The whole command line behind a module proxy that asks for a password, lies or fails.

The proxy is a server here; what it passes on is real: the toolchain's zip, and the checksum
database's own answers.
"""

from __future__ import annotations

import base64
import io
import json
import stat
import zipfile
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from samego.model.machine import HIDDEN_HOST
from support.cli import Samego
from support.sumdb_log import Key
from support.web import Answer, Web, body, raw, serve

FIXTURES = Path(__file__).parents[2] / "fixtures"
ZIP = "golang.org/toolchain/@v/v0.0.1-go1.24.4.linux-amd64.zip"
LOOKUP = "sumdb/sum.golang.org/lookup/golang.org/toolchain@v0.0.1-go1.24.4.linux-amd64"
PASSWORD = "s3cr3t-pass"
#: A page that stands between here and the world, as in a hotel.
PORTAL = b"<!DOCTYPE html><html><title>Sign in</title></html>"
FORMATS = ("text", "json", "html", "markdown", "junit")


@pytest.fixture(scope="module")
def proxy(go1244_module_zip: Path) -> Iterator[Web]:
    data = go1244_module_zip.read_bytes()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        path = handler.path.lstrip("/")
        file = FIXTURES / path
        if path == ZIP:
            body(data)(handler)
        elif path.endswith("/supported"):
            body(b"")(handler)
        elif file.is_file():
            body(file.read_bytes())(handler)
        else:
            body(b"not found", status=404)(handler)

    with serve() as web:
        web.fallback = answer
        yield web


@pytest.fixture
def at_home(samego: Samego, tmp_path: Path) -> Callable[[str], Samego]:
    """A home of one's own, with this GOPROXY."""

    def make(goproxy: str) -> Samego:
        settings = {"GOPROXY": goproxy, "SAMEGO_CHANNEL": "module", "GOSUMDB": None}
        return Samego(tmp_path, {**samego.environment, **settings}, samego.patience)

    return make


def with_password(web: Web) -> str:
    return web.url.replace("://", f"://user:{PASSWORD}@")


def holding(directory: Path, *secrets: bytes) -> list[str]:
    """The files below a directory that hold one of these."""
    files = [path for path in directory.rglob("*") if path.is_file()]
    return [
        str(path.relative_to(directory))
        for path in files
        if any(secret in path.read_bytes() for secret in secrets)
    ]


def test_a_proxy_s_password_is_nowhere_but_in_the_request(
    at_home: Callable[[str], Samego],
    proxy: Web,
    trixie_go124_debs: Sequence[Path],
    tmp_path: Path,
) -> None:
    samego = at_home(f"{with_password(proxy)},off")
    what = trixie_go124_debs[0]
    done = samego("check", what, "--format", "json", "-o", tmp_path / "report.json")
    assert done.status == 1, done.stderr
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert report["upstream"]["url"] == f"http://{HIDDEN_HOST}/{ZIP}"
    sent = [each.get("Authorization", "") for each in proxy.headers]
    assert any(base64.b64encode(f"user:{PASSWORD}".encode()).decode() in each for each in sent)
    told = [done.stdout, done.stderr]
    told += [samego("report", tmp_path / "report.json", "--to", form).stdout for form in FORMATS]
    told.append(samego("history").stdout)
    told.append(samego("check", what, "--offline").stdout)
    assert not [text for text in told if PASSWORD in text or "user:" in text]
    assert not holding(tmp_path, PASSWORD.encode())


def test_one_run_with_another_database_vouches_for_nothing_later(
    at_home: Callable[[str], Samego], proxy: Web, tmp_path: Path
) -> None:
    samego = at_home(f"{proxy.url},off")
    arguments = ("upstream", "fetch", "go1.24.4", "--target", "linux-amd64", "-o", tmp_path)
    off = samego(*arguments, "--allow-unverified", environment={"GOSUMDB": "off"})
    assert off.status == 0, off.stderr
    assert "NOT VERIFIED" in off.stdout
    foreign = Key("sum.golang.org")
    other = samego(*arguments, environment={"GOSUMDB": f"{foreign.verifier} {proxy.url}/sumdb/x"})
    assert other.status == 2, other.stdout
    assert samego(*arguments, "--offline").status == 2
    real = samego(*arguments)
    assert "sum.golang.org+033de0ae" in real.stdout, real.stderr
    again = samego(*arguments, "--offline")
    assert (again.status, again.stdout[: len(real.stdout)]) == (0, real.stdout)
    wrong = samego(*arguments, "--offline", environment={"GOSUMDB": foreign.verifier})
    assert wrong.status == 2, wrong.stdout


def modes_changed(data: bytes) -> bytes:
    """The zip with bin/go setuid and everything else for all to write."""
    out = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        place = archive.start_dir
        for info in archive.infolist():
            mode = 0o4755 if info.filename.endswith("/bin/go") else 0o666
            out[place + 5] = 3
            out[place + 38 : place + 42] = ((stat.S_IFREG | mode) << 16).to_bytes(4, "little")
            lengths = [
                int.from_bytes(out[place + at : place + at + 2], "little") for at in (28, 30, 32)
            ]
            place += 46 + sum(lengths)
    return bytes(out)


def test_modes_that_a_proxy_gives_make_nothing_identical_or_different(
    at_home: Callable[[str], Samego],
    proxy: Web,
    go1244_module_zip: Path,
    trixie_go124_debs: Sequence[Path],
) -> None:
    proxy.routes[f"/{ZIP}"] = body(modes_changed(go1244_module_zip.read_bytes()))
    try:
        report = at_home(f"{proxy.url},off")("check", *trixie_go124_debs, "--format", "json").report
    finally:
        del proxy.routes[f"/{ZIP}"]
    assert report["counts"]["identical"] == 10702
    assert report["counts"]["unexplained"] <= 1


ANSWERS: dict[str, Answer] = {
    "html": body(PORTAL, kind="text/html"),
    "empty": body(b""),
    "nonsense": body(bytes(range(256))),
    "text": body(b"golang.org/toolchain v0 h1:x\n"),
    "403": body(PORTAL, status=403, kind="text/html"),
    "404": body(PORTAL, status=404, kind="text/html"),
    "410": body(b"gone", status=410),
    "500": body(b"oops", status=500),
    "hangs up": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n38532769\n"),
    "no http": raw(b"SSH-2.0-OpenSSH\r\n"),
}


ENDPOINTS = ("supported", "lookup", "tile")


@pytest.mark.parametrize(
    ("endpoint", "answer"),
    [
        pytest.param(
            endpoint,
            answer,
            id=f"{endpoint}-{name}",
            # Each answer once, of one endpoint after the other; the rest in the long run.
            marks=() if (at - number) % len(ENDPOINTS) == 0 else pytest.mark.long,
        )
        for at, endpoint in enumerate(ENDPOINTS)
        for number, (name, answer) in enumerate(ANSWERS.items())
    ],
)
def test_who_answers_something_else_has_said_nothing_of_a_genuine_file(
    at_home: Callable[[str], Samego],
    proxy: Web,
    small_zip: Path,
    endpoint: str,
    answer: Answer,
) -> None:
    asked = proxy.fallback
    assert asked is not None

    def faulty(handler: BaseHTTPRequestHandler) -> None:
        (answer if f"/{endpoint}" in handler.path else asked)(handler)

    proxy.fallback = faulty
    try:
        done = at_home(f"{proxy.url},off")("upstream", "verify", small_zip)
    finally:
        proxy.fallback = asked
    told = done.stdout + done.stderr
    if endpoint == "supported" and done.status == 1:
        # A body at "supported" is a yes, and an absence means the database's own address, as
        # for the go command: then the log itself was asked.
        assert "but sum.golang.org states" in told
        return
    assert done.status == 2, told
    assert "NOT what was posted" not in told
    assert "127.0.0.1" in told or "sum.golang.org cannot be reached" in told


@pytest.fixture(scope="module")
def small_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip of that version that is quick to read, and in truth not the posted one."""
    path = tmp_path_factory.mktemp("zip") / "file.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("golang.org/toolchain@v0.0.1-go1.24.4.linux-amd64/VERSION", b"go1.24.4\n")
    return path


def test_only_the_log_itself_says_that_a_file_is_another(
    at_home: Callable[[str], Samego], proxy: Web, small_zip: Path
) -> None:
    done = at_home(f"{proxy.url},off")("upstream", "verify", small_zip)
    assert (done.status, "NOT what was posted" in done.stdout) == (1, True), done.stderr


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_what_is_no_zip_is_told_with_who_gave_it(
    at_home: Callable[[str], Samego], proxy: Web, tmp_path: Path, answer: Answer
) -> None:
    proxy.routes[f"/{ZIP}"] = answer
    try:
        done = at_home(f"{with_password(proxy)},off")(
            "upstream", "fetch", "go1.24.4", "--target", "linux-amd64", "-o", tmp_path
        )
    finally:
        del proxy.routes[f"/{ZIP}"]
    assert done.status == 2, done.stdout
    assert "127.0.0.1" in done.stderr
    assert PASSWORD not in done.stderr
    assert "Traceback" not in done.stderr
