from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from samego.check import every
from samego.check.open_sides import SharedUpstream
from samego.check.run import check_opened
from samego.cli.main import main
from samego.upstream.resolver import UpstreamFiles
from support.cli import the_error
from support.toy_mirror import goroot, use_mirror

MODULE = "root/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.99.0.linux-amd64"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root with nothing in it, and a mirror that has a release nobody announced."""
    use_mirror(tmp_path, monkeypatch)
    root = tmp_path / "system"
    root.mkdir()
    return root


@pytest.fixture
def survey(root: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    def told(status: int) -> dict[str, Any]:
        words = ["check", "--all", "--root", str(root), "--offline", "--allow-unverified"]
        assert main([*words, "--format", "json"]) == status
        out: dict[str, Any] = json.loads(capsys.readouterr().out)
        return out

    return told


def verdicts(survey: dict[str, Any]) -> dict[str, str]:
    return {each["where"]: each["verdict"] for each in survey["toolchains"]}


def test_each_is_checked_and_the_worst_is_the_status(
    root: Path, survey: Callable[..., dict[str, Any]]
) -> None:
    goroot(root / "usr/local/go")
    assert verdicts(survey(1)) == {"/usr/local/go": "unproven"}  # nobody vouches for the archive
    (goroot(root / "opt/go") / "src/a.go").write_text("package b\n", "utf-8")
    goroot(root / "opt/go1.98", VERSION="go1.98.0\n")
    (goroot(root / "home/ann/sdk/go1.99.0") / "VERSION").unlink()
    told = survey(2)
    assert verdicts(told) == {
        "/home/ann/sdk/go1.99.0": "error",
        "/opt/go": "unexplained",
        "/opt/go1.98": "error",
        "/usr/local/go": "unproven",
    }
    errors = {each["where"]: each["error"] for each in told["toolchains"] if each["error"]}
    assert "no VERSION file" in errors["/home/ann/sdk/go1.99.0"]["message"]
    assert "go1.98.0" in errors["/opt/go1.98"]["message"]


def test_upstreams_side_is_opened_once_for_a_release(
    root: Path, survey: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("usr/local/go", "opt/go", "opt/go1.99", "home/ann/sdk/go1.99.0"):
        goroot(root / name)
    # One of another release would stand between them by its path.
    goroot(root / "opt/go1.97", VERSION="go1.97.0\n")
    opened = []
    real = SharedUpstream.keep

    def keep(self: SharedUpstream, key: object, value: Any) -> None:  # noqa: ANN401 - passed on unchanged
        opened.append(key)
        real(self, key, value)

    monkeypatch.setattr(SharedUpstream, "keep", keep)
    assert len(survey(2)["toolchains"]) == 5
    assert len(opened) == 2


def test_one_that_no_package_brought_is_the_distros_where_it_puts_go(
    root: Path, survey: Callable[..., dict[str, Any]]
) -> None:
    goroot(root / "usr/lib/go-1.99")
    (told,) = survey(1)["toolchains"]
    assert (told["found"], told["claims"]) == (
        "debian",
        "where Debian puts Go; dpkg knows no package",
    )


def test_nothing_that_is_looked_at_says_who_is_asked(
    root: Path, survey: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = "https://evil.example"
    (goroot(root / "usr/local/go") / "go.env").write_text(f"GOPROXY={proxy}\nGOSUMDB=off\n")
    (root / "root/.config/go").mkdir(parents=True)
    (root / "root/.config/go/env").write_text(f"GOPROXY={proxy}\nGOSUMDB=off\n")
    # Nothing on this machine names a proxy.
    monkeypatch.setenv("GOENV", "off")
    monkeypatch.delenv("GOPROXY", raising=False)
    monkeypatch.setenv("PATH", "/none")
    monkeypatch.delenv("SAMEGO_MIRROR")
    asked = []

    def files(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - passed on unchanged
        asked.append(named["toolchain_env"])
        return UpstreamFiles(*arguments, **named)

    monkeypatch.setattr("samego.upstream.connect.UpstreamFiles", files)
    told = survey(2)
    assert asked == [""]
    assert proxy not in json.dumps(told)


def test_one_that_is_interrupted_does_not_end_the_others(
    root: Path, survey: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("usr/local/go", "opt/go"):
        goroot(root / name)
    monkeypatch.setattr(every, "_AGAIN", 0.0)

    def interrupted(opening: Any, *rest: Any) -> Any:  # noqa: ANN401 - passed on unchanged
        monkeypatch.setattr(every, "check_opened", check_opened)
        signal.raise_signal(signal.SIGINT)
        return check_opened(opening, *rest)

    monkeypatch.setattr(every, "check_opened", interrupted)
    told = survey(2)
    assert verdicts(told) == {"/opt/go": "error", "/usr/local/go": "unproven"}
    assert told["toolchains"][0]["error"]["message"] == "it was interrupted (Ctrl-C)"


def test_a_second_interrupt_ends_the_run(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    goroot(root / "usr/local/go")

    def interrupted(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(every, "check_opened", interrupted)
    monkeypatch.setattr("samego.check.every.time.sleep", interrupted)
    assert main(["check", "--all", "--root", str(root)]) == 130
    assert not capsys.readouterr().out


def test_a_bug_in_one_is_that_ones_error(
    root: Path, survey: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    goroot(root / "usr/local/go")

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(every, "check_opened", broken)
    (told,) = survey(2)["toolchains"]
    assert "bug of samego (ZeroDivisionError" in told["error"]["message"]


@pytest.mark.parametrize("form", ["text", "markdown", "junit", "sarif", "code-quality"])
def test_progress_says_which_one_and_how_many(
    form: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    goroot(root / "usr/local/go")
    goroot(root / "opt/go")
    words = ["check", "--all", "--root", str(root), "--offline", "--allow-unverified"]
    assert main([*words, "--format", form]) == 1
    out, err = capsys.readouterr()
    assert out.count("/usr/local/go") + out.count("%2Fusr%2Flocal%2Fgo") > 0
    assert out.count("/opt/go") + out.count("%2Fopt%2Fgo") > 0
    assert "samego: 2 of 2: /usr/local/go: comparing\n" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--all", "--format", "html"], "a page is of one", id="html"),
        pytest.param(["--all", "x"], "leave WHAT out", id="what"),
        pytest.param(["--all", "--release", "1.24.4"], "leave --release out", id="release"),
        pytest.param(["--all", "--upstream", "u"], "leave --upstream out", id="upstream"),
        pytest.param(["--all", "--installed"], "leave --installed out", id="installed"),
        pytest.param(["--all", "--source", "s"], "leave --source out", id="source"),
        pytest.param(["--all", "--root", "/none"], "/none cannot be used as a root", id="root"),
        pytest.param(["--root", "{root}"], "no Go toolchain was found in", id="nothing"),
    ],
)
def test_what_cannot_be_is_an_error(
    arguments: list[str], message: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "-q", *(word.format(root=root) for word in arguments)]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert message in the_error(err)
