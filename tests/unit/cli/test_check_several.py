"""Several toolchains named in one run: one summary, and each keeps its own errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from samego.check.open_sides import SharedUpstream
from samego.cli.main import main
from support import toy_mirror
from support.cli import the_error
from support.debian_packages import DebMaker
from support.toy_mirror import use_mirror

Told = Callable[..., dict[str, Any]]


def goroot(place: Path, a: str = "package a\n") -> str:
    return str(toy_mirror.goroot(place, **{"src/a.go": a}))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use_mirror(tmp_path, monkeypatch)
    return tmp_path


@pytest.fixture
def told(home: Path, capsys: pytest.CaptureFixture[str]) -> Told:
    del home

    def check(status: int, *words: str) -> dict[str, Any]:
        command = ["check", *words, "--offline", "--allow-unverified", "--format", "json"]
        assert main(command) == status
        out: dict[str, Any] = json.loads(capsys.readouterr().out)
        return out

    return check


def test_each_has_a_report_or_its_own_error(home: Path, told: Told) -> None:
    same, other = goroot(home / "same"), goroot(home / "other", a="package b\n")
    found = told(2, same, str(home / "none"), other)
    shape = json.loads(resources.files("samego.report").joinpath("survey.schema.json").read_text())
    Draft202012Validator(shape).validate(found)
    assert [each["where"] for each in found["toolchains"]] == [same, str(home / "none"), other]
    assert [each["verdict"] for each in found["toolchains"]] == ["unproven", "error", "unexplained"]
    assert "does not exist" in found["toolchains"][1]["error"]["message"]
    assert (found["verdict"], found["subject"]) == ("error", "what was named")


def test_the_status_is_that_of_the_worst(home: Path, told: Told) -> None:
    same = goroot(home / "same")
    assert told(1, same, goroot(home / "twin"))["verdict"] == "unproven"
    assert told(1, same, goroot(home / "other", a="package b\n"))["verdict"] == "unexplained"


def test_one_report_is_what_a_check_of_it_alone_gives(home: Path, told: Told) -> None:
    other = goroot(home / "other", a="package b\n")
    alone = told(1, other)
    together = told(1, goroot(home / "same"), other)["toolchains"][1]["report"]
    assert alone.pop("timings").keys() == together.pop("timings").keys()
    assert together == alone


def test_upstreams_side_is_read_once(
    home: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    real = SharedUpstream.keep

    def keep(self: SharedUpstream, key: object, value: Any) -> None:  # noqa: ANN401 - passed on unchanged
        opened.append(key)
        real(self, key, value)

    monkeypatch.setattr(SharedUpstream, "keep", keep)
    places = [goroot(home / name) for name in ("one", "two", "three")]
    assert len(told(1, *places)["toolchains"]) == 3
    assert len(opened) == 1


def test_packages_of_several_builds_are_several_toolchains(home: Path, told: Told) -> None:
    (home / "debs").mkdir()
    maker = DebMaker(home / "debs", version="1.99.0-1", release="go1.99.0")
    older = DebMaker(home / "debs", version="1.98.0-1", release="go1.98.0")
    maker.write_all()
    paths = [str(path) for path in older.write_all()]
    found = told(2, str(home / "debs"))
    assert [each["found"] for each in found["toolchains"]] == ["debian", "debian"]
    assert {each["where"].rpartition("_")[0][-8:] for each in found["toolchains"]} == {
        "1.98.0-1",
        "1.99.0-1",
    }
    assert [len(each["also"]) for each in found["toolchains"]] == [2, 2]
    # Those of one build are one toolchain, and its report is no survey.
    assert main(["check", *paths, "--offline"]) == 2
    alone = told(2, *paths, str(home / "none"))
    assert [len(each["also"]) for each in alone["toolchains"]] == [2, 0]


@pytest.mark.parametrize("option", ["--release", "--target", "--upstream", "--source"])
def test_what_is_about_one_takes_one(
    home: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    words = [goroot(home / "one"), goroot(home / "two"), option, "linux-amd64"]
    if option == "--release":
        words[-1] = "1.99.0"
    assert main(["check", *words]) == 2
    assert f"2 toolchains are named, and {option} is about one" in the_error(
        capsys.readouterr().err
    )


def test_an_image_is_checked_alone(home: Path, told: Told) -> None:
    image = home / "image"
    image.mkdir()
    for name in ("oci-layout", "index.json"):
        (image / name).write_text("{}")
    found = told(2, str(image), goroot(home / "one"))
    assert "is a container image" in found["toolchains"][0]["error"]["message"]


def test_text_has_a_line_for_each(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    same, other = goroot(home / "same"), goroot(home / "other", a="package b\n")
    words = ["check", same, other, "--offline", "--allow-unverified"]
    assert main(words) == 1
    out, err = capsys.readouterr()
    lines = out.split("\n")
    assert lines[0] == "2 toolchains in what was named: 2 do not pass"
    assert lines[2].strip().startswith(f"{same} ")
    assert lines[3].strip().startswith(f"{other} ")
    assert f"samego: 2 of 2: {other}: comparing\n" in err


def test_formats_of_several_have_each_and_a_page_is_refused(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["check", goroot(home / "a"), goroot(home / "b"), "--offline", "--allow-unverified"]
    assert main([*words, "--format", "junit"]) == 1
    out = capsys.readouterr().out
    assert f'name="{home}/a: ' in out
    assert f'name="{home}/b: ' in out
    assert main([*words, "--format", "html"]) == 2
    assert "a page is of one toolchain" in capsys.readouterr().err
