"""Writes a result to stdout, or to a file as a whole or not at all."""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from rich.console import Console
from rich.text import Text

from samego.errors import InputError
from samego.report import formats, text
from samego.report.summary import Summary
from samego.report.words import columns
from samego.system import atomic
from samego.system.terminal import visible

#: The colours of standings and effects on a terminal (rich's style names).
_STYLES = {
    "pass": "bold green",
    "identical": "green",
    "equivalent": "green",
    "explained": "green",
    "unproven": "bold yellow",
    "unexplained": "bold red",
    "breaks": "bold red",
    "latent": "yellow",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add --format and -o."""
    parser.add_argument(
        "--format",
        choices=formats.FORMATS,
        default="text",
        help="format of the report (default: text)",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=Path,
        help="write the report to this file instead of stdout",
    )


def check_destination(destination: Path | None) -> None:
    """Refuse a file that cannot be written, before any work is done for it.

    Raises InputError.
    """
    if destination is None:
        return
    name = visible(str(destination))
    if destination.is_dir():
        raise InputError(f"{name} is a directory", hint="name a file for -o")
    parent = _real(destination).parent
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise InputError(
            f"{name} cannot be written: its directory does not exist or is not writable",
            hint="name another file for -o",
        )


def format_report(summary: Summary, form: str, *, verbose: bool, destination: Path | None) -> str:
    """The report in one of the formats, in colour only where it goes to a terminal."""
    if form != "text":
        return formats.render(summary, form)
    with fitting(destination):
        return text.render(summary, verbose=verbose, paint=painter(destination))


def fitting(destination: Path | None) -> AbstractContextManager[None]:
    """Fit text to the terminal's width, where it goes to a terminal."""
    if destination is None and sys.stdout.isatty():
        return columns(shutil.get_terminal_size().columns)
    return nullcontext()


def painter(destination: Path | None) -> text.Paint:
    """A function that colours text where it goes to a terminal."""
    return _paint if destination is None and sys.stdout.isatty() else text.plain


def deliver(result: str, destination: Path | None) -> None:
    """Write a result to stdout or, whole or not at all, to a file.

    Something that is not a regular file (a pipe, a device) is written to directly. Raises
    OSError; then nothing is left behind, and a file that was there stays as it was.
    """
    if destination is None:
        encoding = sys.stdout.encoding or "utf-8"
        # What the terminal's encoding lacks is escaped rather than an error.
        sys.stdout.write(result.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
        return
    data = result.encode()
    target = _real(destination)
    if target.exists() and not target.is_file():
        target.write_bytes(data)
        return
    atomic.write(target, data, sync=True)


def _real(destination: Path) -> Path:
    """The file behind links: a link that points at the report stays a link."""
    return Path(os.path.realpath(destination))


def _paint(shown: str, style: str) -> str:
    """The text in its colour, as the terminal behind stdout understands it."""
    console = Console(file=sys.stdout, soft_wrap=True)
    plain = not console.is_terminal or console.is_dumb_terminal or console.no_color
    if plain or style not in _STYLES:
        return shown
    painted = Console(
        file=io.StringIO(), force_terminal=True, color_system="standard", soft_wrap=True
    )
    with painted.capture() as capture:
        painted.print(Text(shown, _STYLES[style]), end="")
    return capture.get()
