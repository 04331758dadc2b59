from __future__ import annotations

import contextlib
import io
import re

import pytest

from installed.commands import Command, samego
from installed.manual import manual_pages
from samego.cli.main import COMMANDS, build_parser
from samego.distro.interface import distros

DATE = 1_700_000_000
_LONG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return dict(manual_pages(samego(), version="1.2", date=DATE))


def plain(page: str) -> str:
    """What a reader sees: the page without groff's markup."""
    page = re.sub(r"\\f[BIR]|\\[&:]", "", page)
    for written, character in (("\\-", "-"), ("\\ ", " "), ("\\(aq", "'"), ("\\e", "\\")):
        page = page.replace(written, character)
    return page


def every(command: Command) -> list[Command]:
    return [command, *(each for below in command.commands for each in every(below))]


def help_of(words: tuple[str, ...]) -> str:
    """What samego itself prints."""
    shown = io.StringIO()
    arguments = [*words[1:], "--help"]
    with contextlib.redirect_stdout(shown), pytest.raises(SystemExit):
        build_parser(arguments).parse_args(arguments)
    return shown.getvalue()


def test_each_command_has_a_page(pages: dict[str, str]) -> None:
    plugins = [plugin.name for plugin in distros() if plugin.commands]
    assert set(pages) == {"samego.1", *(f"samego-{name}.1" for name in [*COMMANDS, *plugins])}
    for name, page in pages.items():
        title, summary = name.removesuffix(".1"), plain(page).split("\n.SH SYNOPSIS")[0]
        assert page.startswith(f".TH {title.upper().replace('-', chr(92) + '-')} 1 2023-11-14 ")
        assert re.search(rf"\n{re.escape(title)} - \S.*[^.]$", summary), summary
        if name != "samego.1":
            assert f".BR {title} (1)" in plain(pages["samego.1"])


def test_all_that_help_says_is_there(pages: dict[str, str]) -> None:
    for command in every(samego()):
        page = plain(pages["-".join(command.words[:2]) + ".1"])
        words = help_of(command.words)
        assert " ".join(command.words) in page
        missing = set(_LONG.findall(words)) - set(_LONG.findall(page))
        assert not missing, f"{command.words}: {missing}"
        for action in command.parser._actions:
            for choice in action.choices or ():
                assert str(choice) in page
    assert "the worst standing that passes (default: explained)" in plain(pages["samego-check.1"])


def test_commands_below_a_command_are_its_sections(pages: dict[str, str]) -> None:
    page = plain(pages["samego-cache.1"])
    assert re.findall(r"^\.SS (.*)", page, re.MULTILINE) == [
        " ".join(each.words)
        for command in samego().commands
        if command.words[1] == "cache"
        for each in every(command)[1:]
    ]
    # What every command takes stands once.
    assert page.count("\n--offline\n") == 1


def test_no_text_is_taken_for_a_macro(pages: dict[str, str]) -> None:
    known = {"TH", "SH", "SS", "TP", "PP", "BR", "nh", "hy", "ad"}
    for page in pages.values():
        for line in page.splitlines():
            assert not line.startswith("'")
            if line.startswith("."):
                assert line[1:].split()[0] in known, line
        # Every backslash begins what groff knows; no text is printed as a bare quote or minus.
        body = re.sub(r"\.TH .*", "", page)
        assert not re.search(r"\\(?![-e&: f(])", body)
        assert not re.search(r"(?<!\\)[-'`^~]", body.replace("\\(aq", "")), page


def test_no_word_of_a_synopsis_is_wider_than_a_page(pages: dict[str, str]) -> None:
    """groff warns where it cannot break a line; a page has 78 columns, of which 7 are indented."""
    for page in pages.values():
        for line in page.split("\n"):
            if line.startswith("\\fBsamego"):
                # Where it may break: at a space that is not escaped, and at the mark for it.
                words = re.split(r"(?<!\\) |\\:", line)
                assert max(len(plain(word)) for word in words) <= 71
