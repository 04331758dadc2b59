r"""Text from outside, made safe for a terminal and for one line.

Names of files, messages of servers and the texts of a report may hold any character. What a
terminal would act on or hide (control characters, bidirectional marks, line breaks,
undecodable bytes) is written as an escape such as ``\x1b`` or ``\u202e``. Backslashes
stay as they are: the exact spelling is in the JSON report. Passwords and tokens that this run
knows are not shown.
"""

from __future__ import annotations

from samego.model.secrets import hide

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_STEP = 1024


def visible(text: str) -> str:
    """The text on one line, without secrets, with everything that does not print escaped."""
    text = hide(text)
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in text
    )


def visible_lines(text: str) -> list[str]:
    """The lines of a text that may have several (a short diff), each made visible.

    Tabs stay: source lines begin with them, and users copy diffs.
    """
    if not text:
        return []
    return ["\t".join(map(visible, line.split("\t"))) for line in text.split("\n")]


def readable(size: int) -> str:
    """A number of bytes with a unit: ``512 B``, ``79.0 MiB``."""
    number = float(size)
    for unit in _UNITS:
        if number < _STEP or unit == _UNITS[-1]:
            break
        number /= _STEP
    return f"{size} B" if unit == "B" else f"{number:.1f} {unit}"
