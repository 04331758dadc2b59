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
        "cause_of(finding).startswith('stripped')",
        "'strip' in words.causes.phrase(found.causes)",
        "_WORDS[finding.cause]",
        "_WORDS.get(str(reason), 1)",
        "if f'{path}: {finding.cause}' == told: pass",
        "('a' + error.message).split(' ')",
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
    "body",
    [
        "told = finding.cause\n    return told == 'x'",
        "one, other = a.path, visible(cause_of(a))\n    return other.split()",
        "if said := phrase(causes):\n        return 'x' in said",
        "text = first = error.message\n    second = f'({first})'\n    return re.match('x', second)",
        "try:\n        go()\n    except OSError as problem:\n        return 'full' in str(problem)",
        "match finding.cause:\n        case 'stripped':\n            return 1",
    ],
)
def test_another_name_for_a_sentence_is_refused_too(body: str) -> None:
    source = f"def decide():\n    {body}\n"
    assert len(list(findings(source, "m.py"))) == 1
    # A name of another function is another name.
    other = body.replace("\n    return", "\n\ndef other():\n    return")
    assert other == body or not list(findings(f"def decide():\n    {other}\n", "m.py"))


@pytest.mark.parametrize(
    "line",
    [
        "if reproduction.cause is not Cause.NONE: pass",
        "finding.where.split('\\n')",
        "text = f'{finding.cause}; {other.cause}'",
        "if finding.rule == 'elf_stripped': pass",
        "if (claim.causes, claim.where) != (found.causes, found.where): pass",
        "if isinstance(finding.causes[0], Stripped): pass",
        "table[finding.rule]",
        "if finding.cause != '': pass",
        "visible(finding.cause)",
    ],
)
def test_what_shows_a_sentence_or_compares_a_value_is_not(line: str) -> None:
    assert not list(findings(f"{line}\n", "m.py"))


def test_no_module_decides_by_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert _LINT.main([str(REPOSITORY / "core"), str(REPOSITORY / "plugins")]) == 0
    assert capsys.readouterr().out == ""
