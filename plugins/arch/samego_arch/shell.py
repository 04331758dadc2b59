"""The words and commands of a bash script, as far as a recipe's declarations need them.

Nothing is ever executed, looked up or expanded from files. What would have to be run to be
known (``$(...)``, backticks, arithmetic, all but plain ``$name`` and ``${name}``) makes a
word unknown; compound commands are kept as such for the reader of the script. The grammar
is bash(1)'s.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from samego.errors import InputError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_ASSIGNED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=", re.ASCII)
_OPERATORS = (
    *(";;&", "&>>", "<<<", "<<-"),  # the longest first
    *(";;", ";&", "&&", "||", "|&", "&>", "<<", ">>", ">&", "<&", ">|", "<>"),
    *(";", "&", "|", "(", ")", "<", ">", "\n"),
)
#: What begins a word although it looks like an operator: process substitution.
_SUBSTITUTIONS = ("<(", ">(")
_BLANK = " \t"
#: Where a tilde in an assignment stands for somebody's home directory.
_HOME = re.compile(r"[=:]~")
#: Characters that end an unquoted word.
_META = "\n ;&|()<>\t"
#: What an unquoted variable's value must not hold: it would become several words.
_SPLITS = re.compile(r"[\s*?\[]")
#: How deeply commands may be nested, how many braces a word may have and words it may become.
_DEPTH = 40
_BRACES = 100
_EXPANSIONS = 1000


@dataclass(frozen=True, slots=True)
class Variable:
    """A plain ``$name`` in a word."""

    name: str
    quoted: bool = False


class Unknown:
    """What only running the script could tell."""


UNKNOWN = Unknown()


@dataclass(frozen=True, slots=True)
class _Brace:
    """An unquoted brace or comma, before it is known whether it is part of a list."""

    text: str


Piece = str | Variable | Unknown
_Raw = str | Variable | Unknown | _Brace


@dataclass(frozen=True, slots=True)
class Word:
    """One word. ``text`` is its spelling; ``array`` holds the elements of ``name=(...)``.

    ``plain`` says that nothing in it is quoted or expanded: only such a word can be one
    of the shell's own (``if``, ``}``).
    """

    pieces: tuple[Piece, ...]
    text: str
    line: int
    plain: bool
    array: tuple[Word, ...] | None = None

    def value(self, variables: Mapping[str, str | None]) -> str | None:
        """What the word stands for; None where that is unknown."""
        parts: list[str] = []
        for piece in self.pieces:
            text = variables.get(piece.name) if isinstance(piece, Variable) else piece
            if not isinstance(text, str):
                return None
            bare = isinstance(piece, Variable) and not piece.quoted and not self.assigns
            if bare and (not text or _SPLITS.search(text)):
                return None  # it could become no word, several, or names of files
            parts.append(text)
        return "".join(parts)

    @property
    def assigns(self) -> bool:
        """Whether the word is an assignment (``name=value``), as far as it goes."""
        return _ASSIGNED.match(self.text) is not None


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator or, as a newline, the end of a line."""

    text: str
    line: int


@dataclass
class Lexer:
    """Takes a script apart into words and operators. Raises InputError where it breaks off."""

    script: str
    name: str
    at: int = 0
    line: int = 1
    _depth: int = 0
    _heredocs: list[tuple[str, bool]] = field(default_factory=list)

    def tokens(self) -> Iterator[Word | Operator]:
        """Every word and operator in turn."""
        while True:
            self._skip_blanks()
            if self.at >= len(self.script):
                return
            operator = next((o for o in _OPERATORS if self.script.startswith(o, self.at)), "")
            if operator and not self._is_substitution():
                yield Operator(operator, self.line)
                self._advance(len(operator))
                if operator in ("<<", "<<-"):
                    self._note_heredoc(strip=operator == "<<-")
                elif operator == "\n":
                    self._skip_heredocs()
            else:
                yield from self._words()

    def _skip_blanks(self) -> None:
        while self.at < len(self.script):
            if self.script[self.at] in _BLANK:
                self._advance(1)
            elif self.script.startswith("\\\n", self.at):
                self._advance(2)
            elif self.script[self.at] == "#":
                end = self.script.find("\n", self.at)
                self._advance((end if end >= 0 else len(self.script)) - self.at)
            else:
                return

    def _words(self) -> Iterator[Word]:
        """The word at hand; several where braces make them."""
        start, line = self.at, self.line
        pieces, plain = self._pieces()
        text = self.script[start : self.at]
        array = None
        if text.isdigit() and self.script.startswith(("<", ">"), self.at):
            return  # the number of the file that is redirected
        if _ASSIGNED.fullmatch(text) and self.script.startswith("(", self.at):
            array = self._array()
            text = self.script[start : self.at]
        if array is not None or _ASSIGNED.match(text):
            yield Word(tuple(_as_text(pieces)), text, line, plain, array)
            return
        if sum(isinstance(piece, _Brace) for piece in pieces) > _BRACES:
            raise self.broken(f"a word with over {_BRACES} braces")
        for expanded in _braces(pieces, self.name):
            yield Word(tuple(expanded), text, line, plain)

    def _is_substitution(self) -> bool:
        return self.script.startswith(_SUBSTITUTIONS, self.at)

    def _array(self) -> tuple[Word, ...]:
        self._advance(1)
        found: list[Word] = []
        while True:
            self._skip_blanks()
            if self.at >= len(self.script):
                raise self.broken("an array without its end")
            if self.script[self.at] == ")":
                self._advance(1)
                return tuple(found)
            if self.script[self.at] == "\n":
                self._advance(1)
            elif self.script[self.at] in _META and not self._is_substitution():
                raise self.broken("an array with an operator in it")
            else:
                found.extend(self._words())

    def _pieces(self) -> tuple[list[_Raw], bool]:
        """The pieces of one word, and whether it is plain."""
        pieces: list[_Raw] = []
        plain = True
        while self.at < len(self.script):
            char = self.script[self.at]
            if char in _META:
                if self._is_substitution():
                    self._skip_command(2)
                    pieces.append(UNKNOWN)
                    continue
                break
            if char in "{,}":
                pieces.append(_Brace(char))
                self._advance(1)
            elif char in "'\"\\$`":
                plain = False
                pieces.extend(self._special(char))
            else:
                end = self.at
                while end < len(self.script) and self.script[end] not in _META + "{,}'\"\\$`":
                    end += 1
                text = self.script[self.at : end]
                # A pattern of file names is taken as it is spelled; a home directory is not.
                home = (text[0] == "~" and not pieces) or _HOME.search(text)
                pieces.append(UNKNOWN if home else text)
                self._advance(len(text))
        return pieces, plain

    def _special(self, char: str) -> list[Piece]:
        if char == "\\":
            escaped = self.script[self.at + 1 : self.at + 2]
            self._advance(2)
            return [] if escaped == "\n" else [escaped]
        if char == "'":
            return [self._until("'")]
        if char == '"':
            return self._double_quoted()
        return [self._expansion()]

    def _until(self, quote: str) -> str:
        end = self.script.find(quote, self.at + 1)
        if end < 0:
            raise self.broken("a quote without its end")
        text = self.script[self.at + 1 : end]
        self._advance(end + 1 - self.at)
        return text

    def _double_quoted(self) -> list[Piece]:
        self._advance(1)
        pieces: list[Piece] = [""]
        while self.at < len(self.script):
            char = self.script[self.at]
            if char == '"':
                self._advance(1)
                return pieces
            if char in "$`":
                pieces.append(self._expansion(quoted=True))
            elif char == "\\":
                escaped = self.script[self.at + 1 : self.at + 2]
                kept = "" if escaped in '$`"\\\n' else "\\"
                pieces.append(kept + ("" if escaped == "\n" else escaped))
                self._advance(2)
            else:
                pieces.append(char)
                self._advance(1)
        raise self.broken("a quote without its end")

    def _expansion(self, *, quoted: bool = False) -> Piece:
        """What stands at a dollar sign or a backtick; the extent of what is not known."""
        if self.script[self.at] == "`":
            self._until("`")
            return UNKNOWN
        if self.script.startswith("$(", self.at):
            self._skip_command(2)
            return UNKNOWN
        if self.script.startswith("${", self.at):
            return self._parameter(quoted=quoted)
        self._advance(1)
        return self._dollar(quoted=quoted)

    def _dollar(self, *, quoted: bool) -> Piece:
        """What a dollar sign before something other than a bracket gives."""
        match = _NAME.match(self.script, self.at)
        if match:
            self._advance(len(match[0]))
            return Variable(match[0], quoted)
        following = self.script[self.at : self.at + 1]
        if following == "'" and not quoted:
            self._until("'")
            return UNKNOWN
        if following and following in "0123456789@*#?$!-":
            self._advance(1)
            return UNKNOWN
        return "$"

    def _parameter(self, *, quoted: bool) -> Piece:
        self._advance(2)
        match = _NAME.match(self.script, self.at)
        if match and self.script.startswith("}", match.end()):
            self._advance(len(match[0]) + 1)
            return Variable(match[0], quoted)
        self._skip_balanced("}")
        return UNKNOWN

    def _skip_command(self, opening: int) -> None:
        self._advance(opening)
        self._skip_balanced(")")

    def _skip_balanced(self, end: str) -> None:
        """Go behind the end of a nested construct; quotes in it count."""
        self._depth += 1
        if self._depth > _DEPTH:
            raise self.broken("commands nested too deeply")
        while self.at < len(self.script):
            char = self.script[self.at]
            if char == end:
                self._advance(1)
                self._depth -= 1
                return
            if char == "\\":
                self._advance(2)
            elif char in "'`":
                self._until(char)
            elif char == '"':
                self._double_quoted()
            elif char == "(":
                self._advance(1)
                self._skip_balanced(")")
            elif self.script.startswith("${", self.at):
                self._advance(2)
                self._skip_balanced("}")
            else:
                self._advance(1)
        raise self.broken(f"a construct without its {end}")

    def _note_heredoc(self, *, strip: bool) -> None:
        self._skip_blanks()
        match = re.compile(r"['\"\\]?([^\s'\";&|<>()]+)['\"]?").match(self.script, self.at)
        if match is None:
            raise self.broken("a here-document without a name")
        self._advance(len(match[0]))
        self._heredocs.append((match[1], strip))

    def _skip_heredocs(self) -> None:
        for end, strip in self._heredocs:
            while True:
                if self.at >= len(self.script):
                    raise self.broken("a here-document without its end")
                line, newline, _ = self.script[self.at :].partition("\n")
                self._advance(len(line) + len(newline))
                if (line.lstrip("\t") if strip else line) == end:
                    break
        self._heredocs.clear()

    def _advance(self, count: int) -> None:
        self.line += self.script.count("\n", self.at, self.at + count)
        self.at += count

    def broken(self, what: str) -> InputError:
        """The error for a script that bash would not read either."""
        return InputError(
            f"{self.name} cannot be read: line {self.line} has {what}", hint="check the file"
        )


def _as_text(pieces: list[_Raw]) -> list[Piece]:
    return [piece.text if isinstance(piece, _Brace) else piece for piece in pieces]


def _braces(pieces: list[_Raw], name: str) -> list[list[Piece]]:
    """Brace expansion: ``a{b,c}`` is ``ab`` and ``ac``; other braces are text."""
    opening = next((i for i, p in enumerate(pieces) if p == _Brace("{")), None)
    if opening is None:
        return [_as_text(pieces)]
    depth, commas, end = 0, [], None
    for index in range(opening, len(pieces)):
        piece = pieces[index]
        if piece == _Brace("{"):
            depth += 1
        elif piece == _Brace("}"):
            depth -= 1
            if depth == 0:
                end = index
                break
        elif piece == _Brace(",") and depth == 1:
            commas.append(index)
    if end is None or not commas:
        return _braces([*pieces[:opening], "{", *pieces[opening + 1 :]], name)
    edges = [opening, *commas, end]
    found: list[list[Piece]] = []
    for start, stop in itertools.pairwise(edges):
        found += _braces([*pieces[:opening], *pieces[start + 1 : stop], *pieces[end + 1 :]], name)
        if len(found) > _EXPANSIONS:
            raise InputError(f"{name} cannot be read: its braces explode", hint="check the file")
    return found
