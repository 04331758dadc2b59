from __future__ import annotations

from pathlib import Path

import pytest

from samego.cli.main import main


def test_what_plugins_and_builds_keep_is_shown_and_cleared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "reference" / "built").mkdir(parents=True)
    (tmp_path / "reference" / "built" / "go").write_bytes(b"x" * 2048)
    (tmp_path / "sumdb").mkdir()
    (tmp_path / "sumdb" / "treehead.json").write_text("{}", "utf-8")
    assert main(["--cache", str(tmp_path), "cache", "show"]) == 0
    assert "reference  2.0 KiB" in capsys.readouterr().out
    assert main(["--cache", str(tmp_path), "cache", "clear"]) == 0
    assert "removed 2.0 KiB" in capsys.readouterr().out
    assert not (tmp_path / "reference").exists()
    # The tree heads that were seen guard against a log that shows two histories.
    assert (tmp_path / "sumdb" / "treehead.json").exists()
