"""Each samego command in README.md and docs/ is one that the real parser takes."""

from __future__ import annotations

import argparse
import functools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from samego.cli.main import whole_parser
from samego.cli.options import DEFAULTS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
_FENCE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: A command in running text, which may leave out what the reader knows.
_INLINE = re.compile(r"`(samego [^`]+)`")
#: What ends a command in an example: a comment, or another program of the shell.
_END = re.compile(r"\s+#\s.*|\s[|>]\s?.*")
_OPTION = re.compile(r"(?<![\w-])(-[a-zA-Z]|--[a-z][a-z-]*)")

_parser = functools.cache(whole_parser)


def _examples() -> Iterator[tuple[str, str]]:
    """The commands that a page shows to be typed: at a prompt, or indented."""
    for page in PAGES:
        text = re.sub(r"\\\n\s*", "", page.read_text("utf-8"))
        blocks = "".join(_FENCE.findall(text))
        for line in re.findall(r"^[$#] (samego .*)$", blocks, re.MULTILINE):
            yield page.name, _END.sub("", line)
        for line in re.findall(r"^    (samego [^\[\n]*)$", _FENCE.sub("", text), re.MULTILINE):
            yield page.name, _END.sub("", line)


def _mentions() -> Iterator[tuple[str, str]]:
    """The commands that a page names in running text or in a synopsis, on one line each."""
    for page in PAGES:
        text = page.read_text("utf-8")
        for quoted in _INLINE.findall(_FENCE.sub("", text)):
            yield page.name, " ".join(quoted.split())
        for block in _FENCE.findall(text):
            for found in re.findall(r"^samego .*(?:\n\s+\S.*)*", block, re.MULTILINE):
                yield from ((page.name, each) for each in re.split(r",? (?=samego )", found))


def _subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    found = (each for each in parser._actions if isinstance(each.choices, dict))
    return next((dict(each.choices or {}) for each in found), {})


def _options(command: str) -> tuple[int, set[str]]:
    """How many words of a command name a subcommand, and the options that it may have."""
    parsers: list[argparse.ArgumentParser] = [_parser()]
    for word in command.split()[1:]:
        if word not in _subcommands(parsers[-1]):
            break
        parsers.append(_subcommands(parsers[-1])[word])
    named = len(parsers) - 1
    if " | " in command:  # a synopsis of several subcommands
        parsers += [each for parser in tuple(parsers[1:]) for each in _subcommands(parser).values()]
        parsers += _subcommands(parsers[named - 1]).values() if named > 1 else ()
    known = {option for parser in parsers for option in parser._option_string_actions}
    return named, known


def _own(command: str) -> str:
    """A command without the options of other programs: behind ``--``, or a pipe leads there."""
    parts = command.partition(" -- ")[0].split(" | ")
    names = {name for word in ("", *command.split()) for name in _names_below(word)}
    others = (n for n, each in enumerate(parts) if n and each[:1].islower())
    end = next((n for n in others if parts[n].split()[0] not in names), None)
    return " | ".join(parts[:end])


@functools.cache
def _names_below(name: str) -> frozenset[str]:
    """The subcommands of a command; of samego itself for an empty name."""
    parser = _subcommands(_parser()).get(name) if name else _parser()
    return frozenset(_subcommands(parser)) if parser else frozenset()


@pytest.mark.parametrize(("page", "command"), sorted(set(_examples())))
def test_a_command_to_be_typed_is_parsed(page: str, command: str) -> None:
    words = shlex.split(command)[1:]
    args = _parser().parse_args(words, argparse.Namespace(**DEFAULTS))
    assert args.execute is not None, page


@pytest.mark.parametrize(("page", "command"), sorted(set(_mentions())))
def test_a_command_in_the_text_has_a_name_and_options_that_there_are(
    page: str, command: str
) -> None:
    named, known = _options(command.replace("samego COMMAND", "samego check"))
    assert named, page
    assert set(_OPTION.findall(_own(command))) <= known, page


@pytest.mark.parametrize("page", sorted(page.name for page in (ROOT / "docs").glob("*.md")))
def test_the_readme_leads_to_each_page(page: str) -> None:
    assert f"(docs/{page})" in (ROOT / "README.md").read_text("utf-8")


def test_the_pages_have_commands_of_both_kinds() -> None:
    assert len(set(_examples())) > 20
    assert len(set(_mentions())) > 80


def test_a_command_or_option_that_there_is_not_is_seen() -> None:
    assert _options("samego chek FILE")[0] == 0
    assert "--rebild" not in _options("samego check --rebild FILE")[1]
    with pytest.raises(SystemExit):
        _parser().parse_args(["check", "--rebild", "FILE"], argparse.Namespace(**DEFAULTS))


def _parsers_below(
    parser: argparse.ArgumentParser, name: str = "samego"
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    yield name, parser
    for word, each in _subcommands(parser).items():
        yield from _parsers_below(each, f"{name} {word}")


def test_every_option_is_in_a_page() -> None:
    pages = "".join(page.read_text("utf-8") for page in PAGES)
    words = set(_OPTION.findall(pages))
    missing = {
        (name, action.option_strings[-1])
        for name, parser in _parsers_below(_parser())
        for action in parser._actions
        if action.option_strings and action.help != argparse.SUPPRESS
        if not words & set(action.option_strings)
    }
    assert missing == {("samego", "--version")}


def test_every_command_is_in_the_page_of_commands() -> None:
    page = (ROOT / "docs/cli.md").read_text("utf-8")
    assert [name for name in _subcommands(_parser()) if f"samego {name}" not in page] == []
