"""What is told of a machine: what its places mean, and no host that others cannot ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from samego.model import machine
from samego.model.machine import HIDDEN_HOST, file_name, published_url, this_machine

HOME, CACHE, TEMPORARY = "/srv/people/wilma", "/srv/people/wilma/.cache/samego", "/scratch/wilma"
ENVIRON = {
    "HOME": HOME,
    "TMPDIR": TEMPORARY,
    "HTTPS_PROXY": "http://me:s3cr3t-word@proxy.corp.internal:3128",
    "GOPROXY": "https://artifacts.corp.internal/go,direct",
}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> machine.Machine:
    monkeypatch.setattr("socket.gethostname", lambda: "wilmas-laptop")
    return this_machine({Path(CACHE): "the cache", None: "the mirror directory"}, ENVIRON)


@pytest.mark.parametrize(
    ("text", "published"),
    [
        (f"found in {CACHE}/debian/files/ab/x.dsc", "found in the cache"),
        (f"{HOME}/x.deb, and {TEMPORARY}/y", "the home directory, and a temporary directory"),
        (f"({HOME})", "(the home directory)"),
        (f"{HOME}-2/x", f"{HOME}-2/x"),
        ("/home/fred/x.deb of /root and /var/tmp/abc", "x.deb of root and abc"),
        ("cannot read /dev/shm/work/x.deb", "cannot read x.deb"),
        ("/usr/lib/go-1.24/bin/go", "/usr/lib/go-1.24/bin/go"),
        ("wilmas-laptop says no", f"{HIDDEN_HOST} says no"),
        ("artifacts.corp.internal cannot be reached", f"{HIDDEN_HOST} cannot be reached"),
        ("via proxy.corp.internal:3128", f"via {HIDDEN_HOST}:3128"),
        (
            "https://10.0.0.7:8080/go/x.zip answers 404",
            f"https://{HIDDEN_HOST}/go/x.zip answers 404",
        ),
        ("go.dev/dl: go.dev cannot be reached", "go.dev/dl: go.dev cannot be reached"),
        ("https://go.dev/dl/go1.24.4.src.tar.gz", "https://go.dev/dl/go1.24.4.src.tar.gz"),
    ],
)
def test_what_a_text_tells(told: machine.Machine, text: str, published: str) -> None:
    assert told.redact(text) == published


@pytest.mark.parametrize(
    ("url", "published"),
    [
        ("file:///srv/people/wilma/go%20x.zip", "file:go x.zip"),
        ("https://proxy.golang.org/a/@v/v1.zip", "https://proxy.golang.org/a/@v/v1.zip"),
        ("https://deb.debian.org/debian/x", "https://deb.debian.org/debian/x"),
        ("https://me:word@go.dev/dl/x?token=1#2", "https://go.dev/dl/x"),
        ("http://127.0.0.1:81/dl/x", f"http://{HIDDEN_HOST}/dl/x"),
        ("https://notgo.dev/x", f"https://{HIDDEN_HOST}/x"),
    ],
)
def test_a_url(url: str, published: str) -> None:
    assert published_url(url) == published


def test_words_of_a_command_run_where_the_files_are(
    told: machine.Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = [f"{tmp_path}/debs/a.deb", f"{HOME}/b.deb", "debs/c d.deb", "debian:trixie/golang-1.24"]
    assert told.words(given) == "debs/a.deb b.deb 'debs/c d.deb' debian:trixie/golang-1.24"
    assert file_name("../x/y.deb") == "y.deb"
