from __future__ import annotations

from pathlib import Path

import pytest

from samego.cli.main import main
from support.cli import the_error


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "index.html").write_text("hello", "utf-8")
    return tmp_path / "pages"


def told(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    out, err = capsys.readouterr()
    return out, err


def test_where_the_configuration_says(
    pages: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    target = pages.parent / "go"
    monkeypatch.setenv("SAMEGO_PUBLISH_TO", str(target))
    assert main(["publish", str(pages)]) == 0
    out, err = told(capsys)
    assert out.startswith(f"published 1 changed file of 1 (5 B) to {target}; release ")
    assert err.splitlines()[0] == f"samego: reading {pages}"
    assert (target / "index.html").read_text("utf-8") == "hello"
    assert main(["-q", "publish", str(pages)]) == 0
    assert told(capsys)[0].startswith(f"nothing to do: {target} already shows ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no destination to publish to is given: name DEST after the directory"),
        (["host:go", "--offline"], "cannot publish to host:go while samego is offline"),
        (["https://me:s3cret@h/"], "nothing is published to"),
        (["rsync://me:s3cret@h/m/go"], "names a password"),
        (["ftp://h/go"], "nothing is published to 'ftp://h/go'"),
    ],
)
def test_what_cannot_be_done(
    pages: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["-q", "publish", str(pages), *arguments]) == 2
    out, err = told(capsys)
    assert out == ""
    assert said in the_error(err)
    assert "s3cret" not in err


def test_offline_a_directory_is_published_to(pages: Path) -> None:
    assert main(["-q", "--offline", "publish", str(pages), str(pages.parent / "go")]) == 0


def test_a_source_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-q", "publish", str(tmp_path / "none"), str(tmp_path / "go")]) == 2
    assert "none is not a directory: name the directory that 'samego site' wrote" in the_error(
        told(capsys)[1]
    )
