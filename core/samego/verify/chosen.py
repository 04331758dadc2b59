"""What the one who ran a check chose: it makes a report pass, and no file can show it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from samego.compare.verdict import bar_word
from samego.compare.waivers import about, waived, waives_break
from samego.model.report import Report
from samego.model.waiver import Waiver
from samego.verify.replay import Unrepeated


def chosen(
    report: Report, required: str, waive: Collection[str], waivers: Sequence[Waiver] = ()
) -> Iterator[Unrepeated]:
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
    mine = about(waivers, report.subject)
    own = {item.path for item in report.consequences if waives_break(mine, item) is not None}
    by_line = {
        item.path for item in report.consequences if waives_break(report.waivers, item) is not None
    }
    others = {item.path for item in report.consequences if item.waived} - {*waive, *own}
    if others - by_line:
        options = " ".join(f"--waive {path}" for path in sorted(others - by_line)[:1])
        yield Unrepeated(
            tuple(sorted(others - by_line)),
            "that what breaks because of these files may pass, which the report's author waived",
            f"{options}, and so for each, if you accept it too",
        )
    taken = waived(report).keys() - waived(replace(report, waivers=mine)).keys()
    if taken | (others & by_line):
        files = ", ".join(sorted({waiver.file for waiver in report.waivers}))
        yield Unrepeated(
            tuple(sorted(taken | (others & by_line))),
            f"that these may pass, which {files} waives: that is the word of its owner",
            "--waivers FILE with waivers of yours for them, if you accept them too",
        )
