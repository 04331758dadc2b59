from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner

from samego.integrations.rebuilderd import result as result_line
from samego.integrations.rebuilderd.result import BackendResult
from samego.integrations.rebuilders import rebuilderd
from samego.integrations.rebuilders.fetching import NetworkUse, UnreadableError
from samego.model.reproduction import Outcome
from samego.quorum.public_key import PublicKey
from samego.quorum.question import Question
from samego.quorum.voice import Heard, Voice
from samego.system import ending
from support.rebuilders import (
    ARCHIVE,
    FILE,
    MINE,
    PACKAGE,
    RELEASE,
    daemon_v1,
    one,
    row_v0,
    row_v1,
    serve_json,
)
from support.web import Web, body, serve

BUILT = {"status": "GOOD", "built_at": "2026-11-23T17:00:00.123456789"}
ATTESTATION = "/api/v1/builds/1/artifacts/1/attestation"


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as running:
        yield running


def ask(web: Web, about: Question = PACKAGE, *keys: PublicKey) -> list[Voice]:
    rebuilder = replace(one("A", url=web.url), keys=keys)
    return list(rebuilderd.ask(rebuilder, about, NetworkUse()))


def signed_by(signer: CryptoSigner, sha256: str = MINE, name: str = FILE) -> bytes:
    link: dict[str, object] = {
        "_type": "link",
        "name": f"rebuild {name}",
        "products": {name: {"sha256": sha256}},
    }
    link |= {"materials": {}, "environment": None, "byproducts": {}, "command": []}
    signature = signer.sign(str(encode_canonical(link)).encode())
    # rebuilderd gives keys other ids than the library does.
    signatures = [{"keyid": "0" * 64, "sig": signature.signature}]
    return json.dumps({"signatures": signatures, "signed": link}).encode()


def test_each_state_of_v1(web: Web) -> None:
    rows = (
        row_v1("GOOD", 1),
        row_v1("BAD", 2, release="sid"),
        row_v1(None, 3, release="forky"),
        row_v1(None, None),
        row_v1("GOOD", 4, version="1.24.4-2"),
        row_v1("GOOD", 5, architecture="arm64"),
        row_v1("GOOD", 6, distribution="ubuntu"),
    )
    builds = {1: BUILT, 2: {"status": "BAD"}, 3: {"status": "FAIL", "built_at": "2026-11-24"}}
    daemon_v1(web, *rows, builds=builds)
    voices = ask(web)
    assert [each.says for each in voices] == [
        Heard.AGREES,
        Heard.DIFFERS,
        Heard.FAILED,
        Heard.SILENT,
    ]
    assert voices[0].when is not None
    assert voices[0].when.isoformat() == "2026-11-23T17:00:00+00:00"
    assert voices[1].link == f"{web.url}/api/v1/builds/2"


def test_each_state_of_v0(web: Web) -> None:
    rows = [
        row_v0("GOOD", 1),
        row_v0("BAD", 2),
        row_v0("UNKWN", 3),
        row_v0("UNKWN", None),
        row_v0("GOOD", 4, distro="archlinux"),
    ]
    serve_json(web, {"/api/v0/dashboard": {}, "/api/v0/pkgs/list": rows})
    voices = ask(web)
    assert [each.says for each in voices] == [
        Heard.AGREES,
        Heard.DIFFERS,
        Heard.FAILED,
        Heard.SILENT,
    ]
    assert voices[0].sha256 == ""


def test_a_build_that_counts_for_two_suites_is_one_answer(web: Web) -> None:
    daemon_v1(web, row_v1(), row_v1(release="sid"), builds={1: BUILT})
    assert len(ask(web)) == 1


@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        (Outcome.FAILED, Heard.FAILED),
        (Outcome.NOT_RUN, Heard.FAILED),
        (Outcome.INCOMPLETE, Heard.FAILED),
        (Outcome.DIFFERENT, Heard.DIFFERS),
        (Outcome.SAME, Heard.DIFFERS),
    ],
)
def test_the_log_tells_what_was_not_built(web: Web, outcome: Outcome, says: Heard) -> None:
    daemon_v1(web, row_v1("BAD"), builds={1: {"status": "BAD"}})
    marker = result_line.new_marker()
    line = result_line.line(BackendResult("go", "x", outcome), marker)
    forged = result_line.line(BackendResult("go", "x", Outcome.FAILED), "0" * 32)
    log = f"{result_line.opening(marker)}\n{forged}\n{line}\n"
    web.routes["/api/v1/builds/1/log"] = body(log.encode())
    [voice] = ask(web)
    assert voice.says is says
    # A line without the run's marker is a build's own.
    web.routes["/api/v1/builds/1/log"] = body(f"{forged}\n".encode())
    [voice] = ask(web)
    assert voice.says is Heard.DIFFERS


def test_what_bytes_were_rebuilt_says_the_attestation(web: Web) -> None:
    private = Ed25519PrivateKey.generate()
    signer, key = CryptoSigner(private), PublicKey.of(private.public_key())
    stranger = PublicKey.of(Ed25519PrivateKey.generate().public_key())
    daemon_v1(web, row_v1(attestation_log_id=1), builds={1: BUILT})
    web.routes[ATTESTATION] = body(signed_by(signer))
    [voice] = ask(web)
    assert (voice.says, voice.sha256, voice.signed) == (Heard.AGREES, MINE, False)
    [voice] = ask(web, PACKAGE, stranger, key)
    assert (voice.says, voice.sha256, voice.signed) == (Heard.AGREES, MINE, True)
    [voice] = ask(web, PACKAGE, stranger)
    assert voice.says is Heard.UNREADABLE
    web.routes[ATTESTATION] = body(signed_by(signer).replace(b"a" * 64, b"c" + b"a" * 63))
    [voice] = ask(web, PACKAGE, key)
    assert (voice.says, voice.sha256) == (Heard.UNREADABLE, "")
    web.routes[ATTESTATION] = body(signed_by(signer, name="other.deb"))
    [voice] = ask(web, PACKAGE, key)
    assert voice.reason == f"it says GOOD, and has an attestation of another file than {FILE}"


@pytest.mark.parametrize(
    "data", [b"", b"<html>", b"[]", b'{"signed": 7, "signatures": []}', b"[" * 100_000]
)
def test_an_attestation_that_cannot_be_read(web: Web, data: bytes) -> None:
    daemon_v1(web, row_v1(attestation_log_id=1), builds={1: BUILT})
    web.routes[ATTESTATION] = body(data)
    [voice] = ask(web)
    assert voice.says is Heard.UNREADABLE
    assert voice.reason.startswith("it says GOOD, and has an attestation that cannot be read")


def test_without_its_library_an_attestation_is_not_read(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_name: str) -> None:
        raise ImportError("No module named 'securesystemslib'")

    monkeypatch.setattr(importlib, "import_module", gone)
    daemon_v1(web, row_v1(attestation_log_id=1), builds={1: BUILT})
    web.routes[ATTESTATION] = body(signed_by(CryptoSigner(Ed25519PrivateKey.generate())))
    [voice] = ask(web)
    assert (voice.says, voice.sha256) == (Heard.AGREES, "")
    assert voice.reason == "its attestation is not read: No module named 'securesystemslib'"
    [voice] = ask(web, PACKAGE, PublicKey.of(Ed25519PrivateKey.generate().public_key()))
    assert voice.says is Heard.UNREADABLE


def test_bad_stays_bad_where_its_log_cannot_be_read(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending, "sleep", lambda _seconds: None)
    daemon_v1(web, row_v1("BAD", url="http://[broken"), builds={1: {"status": "BAD"}})
    web.routes["/api/v1/builds/1/log"] = body(b"no", status=500)
    [voice] = ask(web)
    assert (voice.says, voice.about) == (Heard.DIFFERS, PACKAGE.title)


def test_keys_want_an_attestation(web: Web) -> None:
    key = PublicKey.of(Ed25519PrivateKey.generate().public_key())
    daemon_v1(web, row_v1(), builds={1: BUILT})
    [voice] = ask(web, PACKAGE, key)
    assert voice.reason == "it says GOOD, and has no attestation"
    daemon_v1(web, row_v1("BAD"), builds={1: BUILT})
    [voice] = ask(web, PACKAGE, key)
    assert voice.says is Heard.DIFFERS


def test_each_architecture_can_have_a_daemon_of_its_own(web: Web) -> None:
    serve_json(web, {"/amd64/api/v0/dashboard": {}, "/amd64/api/v0/pkgs/list": [row_v0("GOOD")]})
    rebuilder = one("A", url=f"{web.url}/{{architecture}}")
    [voice] = rebuilderd.ask(rebuilder, PACKAGE, NetworkUse())
    assert voice.link == f"{web.url}/amd64/api/v0/builds/1/log"
    hostile = replace(PACKAGE, architecture="../../x?")
    with pytest.raises(UnreadableError):
        list(rebuilderd.ask(rebuilder, hostile, NetworkUse()))
    assert web.asked[-1] == "/..%2F..%2Fx%3F/api/v0/dashboard"


def test_upstreams_archives_are_known_by_their_file(web: Web) -> None:
    go = {"name": "go.linux-amd64", "version": "1.24.4", "distribution": "go"}
    rows = (
        {**row_v1(), **go, "url": f"https://go.dev/dl/{ARCHIVE}"},
        {**row_v1(build=2), **go, "url": "https://go.dev/dl/go1.24.4.linux-amd64.msi"},
    )
    daemon_v1(web, *rows, builds={1: BUILT, 2: BUILT})
    [voice] = ask(web, RELEASE)
    assert (voice.says, voice.about) == (Heard.AGREES, ARCHIVE)


def test_a_saved_list_is_read(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text(json.dumps([row_v0("BAD"), row_v0("GOOD", version="1")]), "utf-8")
    rebuilder = one("A", file=path)
    [voice] = rebuilderd.ask(rebuilder, PACKAGE, NetworkUse(offline=True))
    assert voice.says is Heard.DIFFERS
    for text in ("{}", "[7]", "<html>", ""):
        path.write_text(text, "utf-8")
        with pytest.raises(UnreadableError, match="no list of rebuilderd's"):
            list(rebuilderd.ask(rebuilder, PACKAGE, NetworkUse()))
