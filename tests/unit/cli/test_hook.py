from __future__ import annotations

import sys
from pathlib import Path

import pytest

from samego.cli.main import main

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
