from __future__ import annotations

import base64
import json
import tempfile
from pathlib import Path

import pytest

from samego.config import Config
from samego.errors import ContradictedError, SamegoError
from samego.integrations.rebuilders import what as what_module
from samego.integrations.rebuilders.what import questions
from samego.model.release import Release, Target
from samego.quorum.question import Question
from samego.report import json as as_json
from samego.report.summary import Summary
from samego.upstream.channels.interface import Posted
from samego.upstream.checksums.announced import announced_sum
from support.debian_packages import DebMaker
from support.rebuilders import ARCHIVE, MINE, RELEASE, ZIP
from support.reports import trixie


def asked(what: str | Path) -> tuple[Question, ...]:
    with tempfile.TemporaryDirectory() as cache:
        return questions(str(what), Config(offline=True, cache_directory=Path(cache)))


def test_a_package_is_asked_about_by_its_bytes(tmp_path: Path) -> None:
    deb = DebMaker(tmp_path).write("go")
    renamed = deb.rename(tmp_path / "renamed.deb")
    [question] = asked(renamed)
    assert question.title == "golang-1.24-go 1.24.4-1 amd64"
    assert (question.name, question.version, question.architecture) == (
        "golang-1.24-go",
        "1.24.4-1",
        "amd64",
    )
    assert (question.distribution, question.posted) == ("debian", False)
    assert question.files == ("renamed.deb", "golang-1.24-go_1.24.4-1_amd64.deb")
    assert len(question.sha256) == 64


@pytest.mark.parametrize(
    ("what", "title", "words"),
    [
        ("go=2:1.26.5-1:x86_64", "go 2:1.26.5-1 x86_64", ("go", "2:1.26.5-1", "x86_64")),
        (
            "golang-1.24-doc=1.24.4-1~bpo12+1:all",
            "golang-1.24-doc 1.24.4-1~bpo12+1 all",
            ("golang-1.24-doc", "1.24.4-1~bpo12+1", "all"),
        ),
        (ARCHIVE, ARCHIVE, ("go.linux-amd64", "1.24.4", "amd64")),
        (ZIP, ZIP, ("go.linux-amd64", "1.24.4", "amd64")),
        ("go1.24.4.linux-arm", "go1.24.4 linux-arm", ("go.linux-armv6l", "1.24.4", "armv6l")),
        ("go1.24.4.src.tar.gz", "go1.24.4.src.tar.gz", ("go.src", "1.24.4", "all")),
    ],
)
def test_names(what: str, title: str, words: tuple[str, str, str]) -> None:
    [question] = asked(what)
    assert question.title == title
    assert (question.name, question.version, question.architecture) == words
    assert question.sha256 == ""


def test_a_release_for_a_target_is_its_archive_or_its_module() -> None:
    assert asked("go1.24.4.linux-amd64") == (RELEASE,)


@pytest.mark.parametrize(
    "what",
    [
        "",
        "golang-1.24-go",
        "golang-1.24-go=1.24.4-1",
        "go=2:1.26.5-1",
        "go1.24.04.linux-amd64",
        "go1.24.4",
        "none.deb",
        "/",
    ],
)
def test_what_nobody_can_be_asked_about(what: str) -> None:
    with pytest.raises(SamegoError) as caught:
        asked(what)
    assert caught.value.hint


def test_upstreams_file_is_known_by_its_bytes_where_others_recorded_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "download"
    path.write_bytes(b"made up")
    with pytest.raises(SamegoError, match="no package and no file"):
        asked(path)
    monkeypatch.setattr(what_module, "sha256_of", lambda _path: announced_sum(ARCHIVE))
    [question] = asked(path)
    assert (question.title, question.posted, question.sha256) == (
        ARCHIVE,
        True,
        announced_sum(ARCHIVE),
    )


def test_upstreams_file_that_nobody_vouches_for_is_asked_about_all_the_same(
    tmp_path: Path,
) -> None:
    path = tmp_path / "go1.24.99.linux-amd64.tar.gz"
    path.write_bytes(b"made up")
    [question] = asked(path)
    assert (question.title, question.posted) == (path.name, False)
    path = path.rename(tmp_path / ARCHIVE)
    with pytest.raises(ContradictedError, match="states"):
        asked(path)


@pytest.mark.parametrize(
    ("form", "target", "name"),
    [
        ("module", Target("linux", "amd64"), ZIP),
        ("archive", Target("linux", "amd64"), ARCHIVE),
        ("source", None, "go1.24.4.src.tar.gz"),
    ],
)
def test_a_file_that_upstream_vouches_for_has_upstreams_name(
    form: str, target: Target | None, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "download"
    path.write_bytes(b"made up")
    posted = Posted("file", form, Release.parse("go1.24.4"), target, "file:///x", path, MINE, ())
    monkeypatch.setattr(what_module, "identify", lambda *_: posted)
    [question] = asked(path)
    assert (question.title, question.files, question.posted) == (name, (name,), True)


def test_a_report_asks_about_each_of_its_packages(tmp_path: Path) -> None:
    report = trixie()
    path = tmp_path / "report.json"
    path.write_text(as_json.render(Summary(report)), "utf-8")
    found = asked(path)
    assert [(each.name, each.sha256) for each in found] == [
        (package.name, package.sha256) for package in report.subject.packages
    ]
    assert {each.distribution for each in found} == {"debian"}


def test_a_signed_result_asks_about_its_files(tmp_path: Path) -> None:
    names = ("golang-1.24-go 1.24.4-1 amd64", ARCHIVE, "other file.txt", ZIP)
    statement = {"subject": [{"name": name, "digest": {"sha256": MINE}} for name in names]}
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    path = tmp_path / "envelope.json"
    path.write_text(json.dumps({"payload": payload, "signatures": []}), "utf-8")
    package, archive, other, module = asked(path)
    assert (package.name, package.distribution, package.sha256) == ("golang-1.24-go", "", MINE)
    assert (archive.name, archive.files) == ("go.linux-amd64", (ARCHIVE,))
    assert (other.title, other.files) == ("other file.txt", ("other file.txt",))
    assert module.files == (ZIP,)
    link = {"signed": {"products": {f"pool/{ARCHIVE}": {"sha256": MINE}}}, "signatures": []}
    path.write_text(json.dumps(link), "utf-8")
    assert asked(path) == (archive,)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        '{"payload": "!"}',
        '{"payload": ""}',
        '{"payload": 7}',
        '{"signed": {"products": {}}}',
        '{"signed": {"products": {"x": {"sha256": "x"}}}}',
        '{"signed": {"products": {"x": 7}}}',
        '{"signed": 7}',
    ],
)
def test_json_that_is_about_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, "utf-8")
    with pytest.raises(SamegoError) as caught:
        asked(path)
    assert "x.json" in caught.value.message
