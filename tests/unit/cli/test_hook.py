from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from samego.cli.main import main
from support.cli import the_error
from support.debian_packages import DebMaker

CONF = "etc/dpkg/buildpackage.conf"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    directory = tmp_path / "root"
    directory.mkdir()
    return directory


def test_list_names_every_hook_and_its_state(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["hook", "install", "dpkg-buildpackage", "--root", str(root)]) == 0
    capsys.readouterr()
    assert main(["hook", "list", "--root", str(root)]) == 0
    lines = capsys.readouterr().out.splitlines()
    states = {line.split()[0]: line[19:37].strip() for line in lines}
    assert states["dpkg-buildpackage"] == "installed"
    assert states["sbuild"] == states["pbuilder"] == "not installed"
    (root / CONF).write_text("# BEGIN samego hook dpkg-buildpackage\n")
    assert main(["hook", "list", "--root", str(root)]) == 0
    assert "changed by someone" in capsys.readouterr().out


def test_show_gives_every_file_whole(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hook", "show", "pbuilder", "--root", str(root)]) == 0
    shown = capsys.readouterr().out
    assert "the file /usr/lib/pbuilder/hooks/I90samego (mode 0755):\n    #!/bin/sh\n" in shown
    assert "a block in /etc/pbuilderrc (mode 0644):\n" in shown
    assert main(["hook", "install", "pbuilder", "--root", str(root)]) == 0
    text = (root / "usr/lib/pbuilder/hooks/I90samego").read_text()
    assert all(f"    {line}".rstrip() in shown for line in text.splitlines())
    capsys.readouterr()
    assert main(["hook", "show", "pbuilder", "--root", str(root)]) == 0
    assert "(mode 0755, installed):" in capsys.readouterr().out


def test_install_says_what_it_wrote_and_remove_takes_it_away(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["hook", "install", "dpkg-buildpackage", "--root", str(root)]) == 0
    assert capsys.readouterr().out == f"wrote /{CONF}\n"
    assert main(["hook", "install", "dpkg-buildpackage", "--root", str(root)]) == 0
    assert capsys.readouterr().out == "dpkg-buildpackage is already installed\n"
    assert main(["hook", "remove", "dpkg-buildpackage", "--root", str(root)]) == 0
    assert capsys.readouterr().out == f"removed the hook from /{CONF}\n"
    assert list(root.iterdir()) == []


def test_the_hook_calls_the_samego_that_installed_it(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "my venv/bin/samego"
    monkeypatch.setattr(sys, "argv", [str(program)])
    assert main(["hook", "install", "dpkg-buildpackage", "--root", str(root)]) == 0
    assert f"'{program}' hook run dpkg-buildpackage" in (root / CONF).read_text()


def test_a_samego_inside_the_root_is_called_as_it_is_seen_there(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [str(root / "usr/bin/samego")])
    assert main(["hook", "install", "dpkg-buildpackage", "--root", str(root)]) == 0
    assert " /usr/bin/samego hook run" in (root / CONF).read_text()
    assert "warning: there is no /usr/bin/samego in" in capsys.readouterr().err
    assert main(["hook", "remove", "dpkg-buildpackage", "--root", str(root)]) == 0
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/samego").write_bytes(b"")
    capsys.readouterr()
    assert main(["hook", "install", "dpkg-buildpackage", "--root", str(root)]) == 0
    assert not capsys.readouterr().err


def test_a_module_is_called_apart_from_where_it_runs(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["/x/samego/__main__.py"])
    assert main(["hook", "install", "dpkg-buildpackage", "--root", str(root)]) == 0
    assert f"{sys.executable} -I -m samego hook run" in (root / CONF).read_text()


@pytest.mark.parametrize("action", ["show", "install", "remove"])
def test_an_unknown_hook_is_an_error(
    action: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["hook", action, "rpmbuild", "--root", str(root)]) == 2
    assert "rpmbuild" in capsys.readouterr().err


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs ``samego hook run NAME ...`` as a build would, in an environment of its own."""
    cwd = tmp_path / "build"
    cwd.mkdir()

    def call(
        *arguments: str | Path, environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "samego", "hook", "run", *arguments],
            cwd=cwd,
            env={
                "PATH": os.environ["PATH"],
                "SAMEGO_SPOOL": str(tmp_path / "reports"),
                "SAMEGO_CACHE": str(tmp_path / "cache"),
                "SAMEGO_OFFLINE": "1",
                **(environ or {}),
            },
            check=False,
            capture_output=True,
            text=True,
        )

    return call


@pytest.mark.parametrize("arguments", [["nothing.changes"], ["--installed"], ["/"], []])
def test_what_cannot_be_decided_is_one_error(arguments: list[str], run: Run) -> None:
    name = "rpmbuild" if arguments == ["--installed"] else "sbuild"
    done = run(name, *arguments)
    assert done.returncode == 0, done.stderr
    assert not done.stdout
    assert the_error(done.stderr, prefix="samego: ")


def test_what_cannot_be_decided_fails_where_it_is_enforced(run: Run) -> None:
    done = run("sbuild", "nothing.changes", environ={"SAMEGO_ENFORCE": "explained"})
    assert done.returncode == 2
    error = the_error(done.stderr, prefix="samego: ")
    assert error == "there is no file nothing.changes: check the name"
    assert not done.stdout


def test_a_misspelled_level_always_fails(run: Run) -> None:
    done = run("sbuild", "nothing.changes", environ={"SAMEGO_ENFORCE": "strict"})
    assert done.returncode == 2
    assert "SAMEGO_ENFORCE is 'strict'" in the_error(done.stderr, prefix="samego: ")


@pytest.mark.parametrize("level", ["", "identical"])
def test_a_bad_configuration_fails_only_where_it_is_enforced(level: str, run: Run) -> None:
    done = run("sbuild", "x.changes", environ={"SAMEGO_OFFLINE": "?", "SAMEGO_ENFORCE": level})
    assert done.returncode == (2 if level else 0)
    assert "SAMEGO_OFFLINE is '?'" in done.stderr


@pytest.mark.parametrize("level", ["", "explained"])
def test_another_package_is_one_quiet_line(level: str, run: Run, tmp_path: Path) -> None:
    changes = tmp_path / "hello_1_amd64.changes"
    changes.write_text(
        f"Format: 1.8\nSource: hello\nChecksums-Sha256:\n {'0' * 64} 1 hello_1_amd64.deb\n"
    )
    done = run("sbuild", changes, environ={"SAMEGO_ENFORCE": level})
    assert done.returncode == 0
    assert not done.stderr
    assert done.stdout == (
        "samego: hello_1_amd64.changes lists no package of a Go toolchain"
        " (it lists hello_1_amd64.deb): skipped\n"
    )
    assert not (tmp_path / "reports").exists()


def test_a_toolchain_without_upstream_is_undecided(run: Run, tmp_path: Path) -> None:
    debs = DebMaker(tmp_path).write_all()
    assert run("sbuild", "--", *debs).returncode == 0
    done = run("sbuild", "--", *debs, environ={"SAMEGO_ENFORCE": "explained"})
    assert done.returncode == 2
    assert the_error(done.stderr, prefix="samego: ").startswith("no channel has go1.24.4 linux")


@pytest.mark.parametrize("streams", [">&- 2>&-", ">/dev/full 2>/dev/full", ">&-"])
@pytest.mark.parametrize("name", ["x.changes", "hello.changes"])
def test_a_build_goes_on_where_nobody_can_be_told(
    name: str, streams: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("hello.changes").write_text("Format: 1.8\nSource: hello\n")
    program = f"exec {sys.executable} -m samego hook run sbuild {name} {streams}"
    done = subprocess.run(["sh", "-c", program], check=False, capture_output=True, text=True)
    assert done.returncode == 0
    assert not done.stdout
    assert done.stderr.count("\n") <= 2
