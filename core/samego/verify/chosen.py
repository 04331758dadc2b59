"""What the one who ran a check chose: it makes a report pass, and no file can show it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from samego.compare.verdict import bar_word
from samego.model.report import Report
from samego.verify.replay import Unrepeated


def chosen(report: Report, required: str, waived: Collection[str]) -> Iterator[Unrepeated]:
    """The choices of a report that are not those of the one who verifies it.

    A report passes by these choices: they are open until its reader has made them, too.
    """
    bar = bar_word(report)
    if bar != required:
        yield Unrepeated(
            (),
            f"that {bar} is enough or needed to pass",
            f"--require {bar}, if that is your bar: it is {required}",
        )
    others = {item.path for item in report.consequences if item.waived} - set(waived)
    if others:
        options = " ".join(f"--waive {path}" for path in sorted(others)[:1])
        yield Unrepeated(
            tuple(sorted(others)),
            "that what breaks because of these files may pass, which the report's author waived",
            f"{options}, and so for each, if you accept it too",
        )
