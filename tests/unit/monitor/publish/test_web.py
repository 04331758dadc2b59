from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from samego.errors import ConfigError, DiskFullError, InputError, NetworkError, SamegoError
from samego.monitor.publish import web_record
from samego.monitor.publish.credentials import Credentials
from samego.monitor.publish.retrying import LostError
from samego.monitor.publish.snapshot import Snapshot, take
from samego.monitor.publish.web_record import Current, Sent
from support.dav import Dav, publisher

ONE = {"index.html": b"1", "a/b.html": b"1", "list": b"1", "same.css": b"s", "gone": b"1"}
TWO = {"index.html": b"2", "a/b.html": b"2", "list": b"2", "same.css": b"s", "a/new": b"2"}
THREE = {"index.html": b"3", "a/b.html": b"1", "list": b"3", "same.css": b"t"}
A, FOLDER = "a" * 64, f"{'a' * 16}-{'0' * 8}"


def snapshot(tmp_path: Path, held: Mapping[str, bytes]) -> Snapshot:
    root = tmp_path / held["index.html"].decode()
    for path, data in held.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return take(root)


@pytest.fixture
def snapshots(tmp_path: Path) -> list[Snapshot]:
    return [snapshot(tmp_path, held) for held in (ONE, TWO, THREE)]


def by_front_page(dav: Dav) -> dict[str, bytes]:
    """What somebody sees who comes by the front page."""
    match = re.search(rb'href="(published/[^"]+/)">To', dav.files.get("index.html", b""))
    if not match:
        return {}
    folder = match[1].decode()
    return {
        path.removeprefix(folder): data
        for path, data in dav.files.items()
        if path.startswith(folder)
    }


def stable(dav: Dav) -> dict[str, bytes]:
    return {
        path: data
        for path, data in dav.files.items()
        if path != "index.html" and not path.startswith("published/")
    }


def without_front(held: Mapping[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in held.items() if path != "index.html"}


class Interrupted(BaseException):
    """The process ends here."""


def test_what_is_where(snapshots: list[Snapshot]) -> None:
    dav = Dav()
    first = publisher(dav).publish(snapshots[0])
    assert sorted(first.sent) == sorted(ONE)
    assert by_front_page(dav) == ONE
    assert stable(dav) == without_front(ONE)
    dav.asked.clear()
    second = publisher(dav).publish(snapshots[1])
    assert sorted(second.sent) == ["a/b.html", "a/new", "index.html", "list"]
    assert by_front_page(dav) == TWO
    assert stable(dav) == without_front(TWO)
    puts = [path for method, path in dav.asked if method == "PUT"]
    assert not [path for path in puts if path.endswith("same.css")]
    dav.asked.clear()
    assert publisher(dav).publish(snapshots[1]).shown
    assert dav.asked == [("GET", "published/current.json")]


def test_a_dry_run_only_reads(snapshots: list[Snapshot]) -> None:
    dav = Dav()
    assert sorted(publisher(dav).publish(snapshots[0], dry=True).sent) == sorted(ONE)
    publisher(dav).publish(snapshots[0])
    dav.asked.clear()
    dry = publisher(dav).publish(snapshots[1], dry=True)
    assert sorted(dry.sent) == ["a/b.html", "a/new", "index.html", "list"]
    assert {method for method, _ in dav.asked} == {"GET"}


def test_interrupted_twice_at_any_request(snapshots: list[Snapshot]) -> None:
    def until(limit: int) -> None:
        if number[0] == limit:
            raise Interrupted
        number[0] += 1

    for limit in range(60):
        dav = Dav()
        publisher(dav).publish(snapshots[0])
        dav.before, interrupted = lambda _n, limit=limit: until(limit), 0  # type: ignore[misc]
        for index in (1, 1, 2):
            number = [0]
            try:
                publisher(dav).publish(snapshots[index])
            except Interrupted:
                interrupted += 1
            assert by_front_page(dav) in (ONE, TWO, THREE)
            for path, data in stable(dav).items():
                assert data in [held.get(path) for held in (ONE, TWO, THREE)]
        dav.before = lambda _n: None
        publisher(dav).publish(snapshots[2])
        assert by_front_page(dav) == THREE
        assert stable(dav) == without_front(THREE)
        if not interrupted:
            break
    assert 15 < limit < 59


def test_somebody_else_publishes_between_any_two_requests(snapshots: list[Snapshot]) -> None:
    for at in range(60):
        dav = Dav()
        publisher(dav).publish(snapshots[0])
        others = Others(dav, snapshots[2], len(dav.asked) + at)
        dav.before = others.come
        publisher(dav).publish(snapshots[1])
        current = web_record.read_current(dav.files[web_record.CURRENT])
        assert current
        final = TWO if current.release == snapshots[1].digest else THREE
        assert by_front_page(dav) == final
        assert stable(dav) == without_front(final)
        assert current.unsettled == ()
        if not others.came:
            break
    assert 10 < at < 59


@dataclass
class Others:
    """Somebody who publishes before the Nth request."""

    dav: Dav
    snapshot: Snapshot
    at: int
    came: bool = False

    def come(self, number: int) -> None:
        if number == self.at and not self.came:
            self.came = True
            publisher(self.dav).publish(self.snapshot)
            assert by_front_page(self.dav) == THREE
            assert stable(self.dav) == without_front(THREE)


def test_a_switch_that_others_disturb_for_ever(snapshots: list[Snapshot]) -> None:
    dav = Dav()
    publisher(dav).publish(snapshots[0])

    def disturb(_number: int) -> None:
        if dav.asked[-1:] == [("PUT", "index.html")]:
            row = json.loads(dav.files[web_record.CURRENT])
            dav.files[web_record.CURRENT] = json.dumps({**row, "run": "another"}).encode()

    dav.before = disturb
    with pytest.raises(NetworkError, match="somebody else publishes"):
        publisher(dav).publish(snapshots[1])


def test_a_server_that_only_takes_files(snapshots: list[Snapshot]) -> None:
    dav = Dav(methods=frozenset({"GET", "HEAD", "PUT"}))
    publisher(dav).publish(snapshots[0])
    assert sorted(publisher(dav).publish(snapshots[1]).sent) == sorted(TWO)
    assert by_front_page(dav) == TWO
    assert stable(dav) == without_front(ONE) | without_front(TWO)
    assert sorted(publisher(dav).publish(snapshots[2], dry=True).sent) == sorted(THREE)


def test_a_server_where_collections_are_made_first(snapshots: list[Snapshot]) -> None:
    dav = Dav(makes=False)
    publisher(dav).publish(snapshots[0])
    assert by_front_page(dav) == ONE
    made = [path for method, path in dav.asked if method == "MKCOL"]
    assert len(made) == len(set(made))


def test_old_folders_go(snapshots: list[Snapshot]) -> None:
    dav = Dav()
    publisher(dav).publish(snapshots[0])
    publisher(dav).publish(snapshots[1])
    known = json.loads(dav.files[web_record.KNOWN])
    known["folders"] = dict.fromkeys(known["folders"], 1.0)
    dav.files[web_record.KNOWN] = json.dumps(known).encode()
    publisher(dav).publish(snapshots[2])
    begin = snapshots[0].digest[:16]
    assert not [path for path in dav.files if begin in path]
    assert begin not in dav.files[web_record.KNOWN].decode()
    # Nothing says that files are there which are gone.
    sent = publisher(dav).publish(snapshots[0]).sent
    assert sorted(sent) == ["gone", "index.html", "list", "same.css"]
    assert by_front_page(dav) == ONE


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        ((507, {}), DiskFullError, "is full; it still shows"),
        ((401, {}), ConfigError, "wants other credentials (401)"),
        ((403, {}), ConfigError, "does not let this user publish (403)"),
        ((405, {}), InputError, "does not take PUT (405)"),
        ((413, {}), InputError, "takes no file as large as this one (413)"),
        ((418, {}), NetworkError, "answers PUT with 418"),
        ((302, {"Location": "https://else.example/"}), InputError, "redirects to https://else.ex"),
    ],
)
def test_what_a_refusal_means(
    snapshots: list[Snapshot],
    fault: tuple[int, Mapping[str, str]],
    kind: type[SamegoError],
    said: str,
) -> None:
    dav = Dav(faults=[("PUT", "a/b.html", fault[0])], headers=fault[1])
    credentials = Credentials("Bearer s3cret")
    with pytest.raises(kind, match=re.escape(said)) as caught:
        publisher(dav, credentials=credentials).publish(snapshots[0])
    assert caught.value.hint
    assert "s3cret" not in str(caught.value)
    assert len([path for _, path in dav.asked if path.endswith("a/b.html")]) == 1
    assert {str(request.url).split("/")[2] for request in dav.requests} == {"pages.example.org"}
    assert {request.headers["Authorization"] for request in dav.requests} == {"Bearer s3cret"}


@pytest.mark.parametrize("fault", [429, 500, 503, requests.ConnectionError("gone"), OSError("x")])
def test_what_passes_is_tried_again(snapshots: list[Snapshot], fault: int | Exception) -> None:
    dav = Dav(faults=[("PUT", "a/b.html", fault)] * 2)
    publisher(dav).publish(snapshots[0])
    assert by_front_page(dav) == ONE
    dav = Dav(faults=[("PUT", "a/b.html", fault)] * 3)
    with pytest.raises(LostError):
        publisher(dav).publish(snapshots[0])
    assert by_front_page(dav) == {}
    assert len(publisher(dav).publish(snapshots[0]).sent) == len(ONE)


def test_a_copy_that_nobody_awaited_is_left_alone(snapshots: list[Snapshot]) -> None:
    dav = Dav()
    publisher(dav).publish(snapshots[0])
    dav.faults = [("COPY", "/", requests.ReadTimeout("slow"))]
    publisher(dav).publish(snapshots[1])
    copies = [r.headers["Destination"] for r in dav.requests if r.method == "COPY"]
    assert len(set(copies)) == len(copies) == 2
    assert by_front_page(dav) == TWO


def test_a_certificate_that_is_not_trusted(snapshots: list[Snapshot]) -> None:
    dav = Dav(faults=[("GET", "", requests.exceptions.SSLError("self-signed certificate"))])
    with pytest.raises(ConfigError, match=r"cannot be verified \(self-signed certificate\)"):
        publisher(dav).publish(snapshots[0])


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("index.html", b"<h1>mine</h1>"),
        ("list", b"mine"),
        ("a/b.html", b"mine"),
        ("published/current.json", b"{}"),
        ("published/current.json", b"mine"),
    ],
)
def test_what_is_somebody_elses_stays(snapshots: list[Snapshot], path: str, data: bytes) -> None:
    dav = Dav(files={path: data})
    with pytest.raises(InputError, match=rf"{path} is a file that samego did not make"):
        publisher(dav).publish(snapshots[0])
    assert dav.files == {path: data}


def test_what_lies_beside_is_no_hindrance(snapshots: list[Snapshot]) -> None:
    dav = Dav(files={"a/other": b"mine", "b": b"mine"})
    publisher(dav).publish(snapshots[0])
    assert dav.files["a/other"] == b"mine"


def test_a_directory_with_the_name_of_ours(tmp_path: Path) -> None:
    held = {"index.html": b"9", "published/x": b"1"}
    with pytest.raises(InputError, match="would lie among publishing's own files"):
        publisher(Dav()).publish(snapshot(tmp_path, held))


def test_pages_that_change_meanwhile(snapshots: list[Snapshot]) -> None:
    dav = Dav()
    publisher(dav).publish(snapshots[0])
    (snapshots[1].root / "new.html").write_text("x", "utf-8")
    with pytest.raises(InputError, match="changed while it was published"):
        publisher(dav).publish(snapshots[1])
    assert by_front_page(dav) == ONE


CURRENT = Current(A, FOLDER, {"x/y": A}, ("x/y",), "run", copies=False)


def test_records_are_read_as_they_are_written() -> None:
    assert web_record.read_current(CURRENT.to_bytes()) == CURRENT
    assert web_record.read_current(Current(unsettled=("x",)).to_bytes()) == Current(
        unsettled=("x",)
    )
    sent = Sent(A, FOLDER, frozenset({"a", "ä"}))
    assert web_record.read_sent(sent.to_bytes()) == sent
    assert web_record.read_known(web_record.write_known({FOLDER: 1.5})) == {FOLDER: 1.5}


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "samego.published/2"},
        {"release": 1},
        {"release": "x"},
        {"release": ""},
        {"folder": "../.."},
        {"folder": ""},
        {"run": None},
        {"files": []},
        {"files": {"../x": A}},
        {"files": {"/x": A}},
        {"files": {"x": "y"}},
        {"files": {"x": 1}},
        {"unsettled": {}},
        {"unsettled": [1]},
        {"unsettled": ["a/../../b"]},
    ],
)
def test_a_record_that_is_none(change: Mapping[str, object]) -> None:
    row = {**json.loads(CURRENT.to_bytes()), **change}
    assert web_record.read_current(json.dumps(row).encode()) is None


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"1", b"{", b"[" * 100_000])
def test_bytes_that_are_no_record(data: bytes) -> None:
    assert web_record.read_current(data) is None
    assert web_record.read_sent(data) is None
    assert web_record.read_known(data) == {}


@pytest.mark.parametrize(
    "change", [{"release": 1}, {"folder": "x/y"}, {"folder": 1}, {"paths": {}}, {"paths": ["../x"]}]
)
def test_a_record_of_what_was_sent_that_is_none(change: Mapping[str, object]) -> None:
    row = {**json.loads(Sent(A, FOLDER).to_bytes()), **change}
    assert web_record.read_sent(json.dumps(row).encode()) is None
