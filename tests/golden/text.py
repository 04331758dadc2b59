"""The text of a run as it is kept, and the few things in it that no input can make constant."""

from __future__ import annotations

import re
from pathlib import Path

from golden.cases import Case
from support.cli import PROGRAM, Result

#: Where the texts are kept.
DIRECTORY = Path(__file__).parents[2] / "fixtures" / "golden"

#: What differs from run to run or machine to machine whatever the inputs: how long a build
#: took, when it was, where samego lies, the versions of the machine's tools, the sums of what
#: its zlib wrote, a new key, and where the cache lies.
_VARYING = (
    (re.compile(r"\d+ s of CPU, \d+ s"), "N s of CPU, N s"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "SHA256"),
    (re.compile(r"\bsum\.forge\.test\+[0-9a-f]{8}"), "sum.forge.test+KEY"),
    (re.compile(r"http://127\.0\.0\.1:\d{2,}"), "http://PROXY"),
    (re.compile(r"h1:[A-Za-z0-9+/]{43}="), "H1"),
    (re.compile(r"\d{4}-?\d\d-?\d\dT\d\d:?\d\d:?\d\dZ"), "TIME"),
    (re.compile(r"^(Written by samego ).*$", re.MULTILINE), r"\1TOOLS"),
    (re.compile(r"/\S*(/sumdb/\S*/split-view-)"), r"CACHE\1"),
    (re.compile(re.escape(str(PROGRAM))), "samego"),
)
#: A usage ends with an empty line.
_USAGE = re.compile(r"^usage: .*(?:\n +\S.*)*", re.MULTILINE)


def rendered(case: Case, result: Result) -> str:
    """What the file of a case holds: the command, stdout, stderr, the exit status."""
    text = f"$ samego {' '.join(case.arguments)}\n{result.stdout}"
    if result.stderr:
        text += f"--- stderr\n{result.stderr}"
    text += f"--- exit status {result.status}\n"
    for pattern, word in _VARYING:
        text = pattern.sub(word, text)
    return text


def folded(text: str) -> list[str]:
    """The lines of a text, with a usage on one: where argparse breaks it depends on Python."""
    return _USAGE.sub(lambda usage: " ".join(usage[0].split()), text).splitlines()


def kept(case: Case) -> Path:
    """The file of a case."""
    return DIRECTORY / f"{case.name}.txt"
