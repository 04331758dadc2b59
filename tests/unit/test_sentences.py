"""The lint that keeps decisions out of sentences."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
_SPEC = importlib.util.spec_from_file_location("sentences", REPOSITORY / "tools/sentences.py")
assert _SPEC is not None
assert _SPEC.loader is not None
_LINT = importlib.util.module_from_spec(_SPEC)
sys.modules["sentences"] = _LINT
_SPEC.loader.exec_module(_LINT)
findings: Callable[[str, str], Iterator[str]] = _LINT.findings


@pytest.mark.parametrize(
    "line",
    [
        "if finding.cause == 'stripped': pass",
        "if 'stripped' in finding.cause: pass",
        "if (a.cause, a.where) != (b.cause, b.where): pass",
        "re.search('stripped', finding.cause)",
        "_HEAD.match(run.headline)",
        "where.partition(': ')",
        "error.message.startswith('no room')",
        "'full' in str(error)",
        "finding.cause.replace('it', 'them')",
    ],
)
def test_what_decides_by_a_sentence_is_refused(line: str) -> None:
    (told,) = findings(f"import re\n{line}\n", "m.py")
    assert told.startswith("m.py:2: ")
    assert not list(findings(f"import re\n{line}  # words: another program's\n", "m.py"))
    assert not list(findings(f"# words: another program's\n{line}\n", "m.py"))


@pytest.mark.parametrize(
    "line",
    [
        "if reproduction.cause is not Cause.NONE: pass",
        "finding.where.split('\\n')",
        "text = f'{finding.cause}; {other.cause}'",
        "if finding.rule == 'elf_stripped': pass",
        "if finding.cause != '': pass",
        "visible(finding.cause)",
    ],
)
def test_what_shows_a_sentence_or_compares_a_value_is_not(line: str) -> None:
    assert not list(findings(f"{line}\n", "m.py"))


def test_no_module_decides_by_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert _LINT.main([str(REPOSITORY / "core"), str(REPOSITORY / "plugins")]) == 0
    assert capsys.readouterr().out == ""
