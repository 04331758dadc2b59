"""The parser that all subcommands share, and the options that every one takes.

A subcommand is a module with ``configure(subparsers)``, which adds its parser and sets
``execute`` on it, and ``execute(args) -> int``, which returns the exit status. The
common options may stand before or after the subcommand's name.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn, Protocol

from samego.cli.help import Formatter
from samego.model.secrets import public_text
from samego.system.terminal import visible

#: A subcommand's function, from arguments to exit status.
Execute = Callable[[argparse.Namespace], int]

#: The title of the options that every command takes.
COMMON = "common options"
#: The values of the common options where they are not given.
DEFAULTS = {"config": None, "offline": False, "cache": None, "quiet": False, "verbose": 0}


class _Writable(Protocol):
    """What argparse writes to."""

    def write(self, text: str, /) -> object:
        """Write text."""


_SEVERAL = ("*", "+")


class Parser(argparse.ArgumentParser):
    """A parser with the common options; an error is two lines and exit status 2.

    The parsers of subcommands, and of theirs, are of this class too. ``common`` False
    leaves the common options out. Where ``passed_on`` names an attribute, the words after
    ``--`` are another program's: they go there as they are. With ``passes_rest`` they begin
    at the first word that is no option of this parser, and ``--`` may stand between.
    ``bare`` maps an option without its value to the one that is meant: argparse itself would
    take the next word for the value.
    """

    passed_on = ""
    passes_rest = False
    bare: Mapping[str, str] = MappingProxyType({})

    def __init__(
        self,
        *,
        prog: str | None = None,
        description: str | None = None,
        epilog: str | None = None,
        formatter_class: type[argparse.HelpFormatter] = Formatter,
        common: bool = True,
        color: bool | None = None,
    ) -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            formatter_class=formatter_class,
            allow_abbrev=False,
            # A subcommand may give one of the common options a meaning of its own.
            conflict_handler="resolve",
        )
        if color is not None:
            self.color = color  # Python 3.14 hands it to a subcommand's parser
        if common:
            _add_common(self)

    def _print_message(self, message: str, file: _Writable | None = None) -> None:
        """Write a message, and fail where stdout is gone or full.

        argparse passes over that, and --help would end well without a word.
        """
        if file is sys.stdout:
            file.write(message)
        else:
            super()._print_message(message, file)

    def parse_known_args(  # type: ignore[override]  # typeshed's overloads say no more
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse all but another program's options (see the class)."""
        words = list(args or ())
        own = words.index("--") if "--" in words else len(words)
        words[:own] = [self.bare.get(word, word) for word in words[:own]]
        if not self.passed_on:
            return self._with_later(*super().parse_known_args(words, namespace))
        at = self._count_own(words)
        parsed, unknown = super().parse_known_args(words[:at], namespace)
        rest = words[at + 1 :] if words[at : at + 1] == ["--"] else words[at:]
        setattr(parsed, self.passed_on, tuple(rest))
        return parsed, unknown

    def _with_later(
        self, parsed: argparse.Namespace, unknown: list[str]
    ) -> tuple[argparse.Namespace, list[str]]:
        """Take the words that stand behind an option for the last argument, if it takes several."""
        several = [action for action in self._get_positional_actions() if action.nargs in _SEVERAL]
        if not several or any(word.startswith("-") for word in unknown):
            return parsed, unknown
        [*_, last] = several
        later = self._get_values(last, unknown)
        setattr(parsed, last.dest, [*(getattr(parsed, last.dest) or ()), *later])
        return parsed, []

    def _count_own(self, words: Sequence[str]) -> int:
        """How many of the words are this parser's, and not the other program's."""
        if not self.passes_rest:
            return words.index("--") if "--" in words else len(words)
        at = 0
        while at < len(words):
            name, _, value = words[at].partition("=")
            action = self._option_string_actions.get(name)
            if action is None:
                break
            at += 1 if action.nargs == 0 or value else 2
        return min(at, len(words))

    def _check_value(self, action: argparse.Action, value: object) -> None:
        """Refuse a word that is no choice, in the same words under every Python."""
        if action.choices is None or value in action.choices:
            return
        names = [str(name) for name in action.choices]
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - no public name
            kind = str(action.metavar or "command").lower()
            asked = _meant(str(value), names)
            raise argparse.ArgumentError(None, f"there is no {kind} {value!r}{asked}")
        raise argparse.ArgumentError(
            action, f"{value!r} is not one of {', '.join(names)}{_meant(str(value), names)}"
        )

    def parse_args(  # type: ignore[override]  # typeshed's overloads say no more
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        """Parse; an unknown option is an error that names the nearest one."""
        parsed, unknown = self.parse_known_args(args, namespace)
        if unknown:
            parser = self.innermost(list(args or ()))
            option = next((word for word in unknown if word.startswith("-")), "")
            if option:
                name = option.partition("=")[0]
                asked = _meant(name, parser._option_string_actions)  # noqa: SLF001 - of its class
                parser.error(f"there is no option {name}{asked}")
            parser.error(f"too many arguments: {' '.join(unknown)}")
        return parsed

    def innermost(self, words: Sequence[str]) -> Parser:
        """The parser of the innermost subcommand that the words name."""
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - no public name
                for at, word in enumerate(words):
                    chosen = action.choices.get(word)
                    if isinstance(chosen, Parser):
                        return chosen.innermost(words[at + 1 :])
        return self

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and where the help is, and exit with status 2."""
        what = visible(public_text(message))
        self.exit(2, f"error: {what}\nhint: see '{self.prog} --help'\n")


def _meant(word: str, known: Iterable[str]) -> str:
    """A question that names the nearest known word; empty where none is near."""
    close = difflib.get_close_matches(word, [*known], n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


class Subparsers(Protocol):
    """Where a subcommand adds its parser."""

    def add_parser(
        self,
        name: str,
        *,
        help: str,  # noqa: A002 - argparse calls it so
        description: str = ...,
        common: bool = ...,
    ) -> Parser:
        """Add a parser; ``help`` is its line in the list of subcommands."""


def add_endpoint(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the rebuilderd daemon."""
    parser.add_argument(
        "--endpoint",
        metavar="URL",
        default="",
        help="the daemon (default: from rebuilderd.conf, else http://127.0.0.1:8484)",
    )


def _add_common(parser: argparse.ArgumentParser) -> None:
    # Without a default: a subcommand's parser must not undo what stood before its name.
    absent = argparse.SUPPRESS
    common = parser.add_argument_group(COMMON)
    common.add_argument(
        "--config", metavar="FILE", type=Path, default=absent, help="read this configuration file"
    )
    common.add_argument(
        "--offline", action="store_true", default=absent, help="never use the network"
    )
    common.add_argument(
        "--cache", metavar="DIR", type=Path, default=absent, help="keep the cache in this directory"
    )
    common.add_argument(
        "-q", "--quiet", action="store_true", default=absent, help="print no progress"
    )
    common.add_argument(
        "-v",
        "--verbose",
        action="count",
        default=absent,
        help="shorten no list, log each step on stderr; -vv: log each request and rule too",
    )


def add_format(parser: argparse.ArgumentParser) -> None:
    """Add the option that chooses between text and JSON."""
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="output format (default: text)"
    )


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add the option that names a file for the output."""
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="write to this file instead of stdout"
    )
