"""The commands of a bash script, told apart by whether they always run.

Simple commands, functions and ``case`` are kept; everything that may run or not, or runs
apart from the script (conditions, loops, pipelines, subshells), becomes one opaque item:
its reader says that it was not read.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from samego.errors import InputError
from samego_arch.shell import Lexer, Operator, Word

_REDIRECTIONS = ("<<<", "<<-", "<<", ">>", ">&", "<&", ">|", "<>", "&>>", "&>", "<", ">")
_LOOPS = ("for", "select", "while", "until")
_OPENING = (*_LOOPS, "if", "case", "{", "[[", "function")
_CLOSING = ("then", "elif", "else", "fi", "do", "done", "esac", "}", "in")
#: Commands that a recipe relies on: what follows them with && runs.
_RELIABLE = ("cd", "pushd", "popd", "export", "mkdir", "patch", "echo", "rm")
#: What may follow || without a bearing on what is built: the build then ends.
_GIVING_UP = ("exit", "return", "false", "die", "error")
_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Simple:
    """A command with its words; ``files`` are the words that its ``<`` read from."""

    line: int
    words: tuple[Word, ...]
    files: tuple[Word, ...] = ()

    @property
    def text(self) -> str:
        """The command as it is spelled, on one line."""
        return " ".join(" ".join(word.text.split()) for word in self.words)


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something that is not looked into; ``text`` is how it begins."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """A ``case`` with its branches: patterns, and what then runs."""

    line: int
    subject: Word
    branches: tuple[tuple[tuple[Word, ...], tuple[Item, ...]], ...]


@dataclass(frozen=True, slots=True)
class Function:
    """A function's definition."""

    line: int
    name: str
    body: tuple[Item, ...]


Item = Simple | Opaque | Case | Function


def parse_script(text: str, *, name: str) -> tuple[Item, ...]:
    """The items of a script. Raises InputError for what bash would not read either."""
    parser = _Parser(tuple(Lexer(text, name).tokens()), name)
    items = parser.items((), ())
    if parser.peek() is not None:
        raise parser.unexpected()
    return items


class _Parser:
    """Recursive descent over the tokens."""

    def __init__(self, tokens: tuple[Word | Operator, ...], name: str) -> None:
        self._tokens = tokens
        self._name = name
        self._at = 0
        self._depth = 0

    def peek(self, ahead: int = 0) -> Word | Operator | None:
        index = self._at + ahead
        return self._tokens[index] if index < len(self._tokens) else None

    def unexpected(self) -> InputError:
        token = self.peek()
        what = repr(token.text[:40]) if token else "its end"
        line = f"line {token.line} has an unexpected" if token else "it has an unexpected end:"
        return InputError(
            f"{self._name} cannot be read: {line} {what}", hint="check the file with bash -n"
        )

    def items(self, words: Collection[str], operators: Collection[str]) -> tuple[Item, ...]:
        """Commands until one of these words or operators, which is left, or the end."""
        self._depth += 1
        if self._depth > _DEPTH:
            raise self.unexpected()
        found: list[Item] = []
        while True:
            while self._is_operator((";", "\n")):
                self._at += 1
            token = self.peek()
            if (
                token is None
                or (isinstance(token, Word) and token.plain and token.text in words)
                or (isinstance(token, Operator) and token.text in operators)
            ):
                self._depth -= 1
                return tuple(found)
            found.extend(self._list())

    def _list(self) -> list[Item]:
        """Pipelines with && and || between them, up to the end of the command."""
        item = self._pipeline()
        found = [item]
        sure = _is_reliable(item)
        while self._is_operator(("&&", "||")):
            operator = self.peek()
            self._at += 1
            self._skip_newlines()
            item = self._pipeline()
            gives_up = isinstance(item, Simple) and item.words[0].text in _GIVING_UP
            if operator is not None and operator.text == "||":
                if not gives_up:
                    found.append(_opaque(item))
                continue
            found.append(item if sure else _opaque(item))
            sure = sure and _is_reliable(item)
        if self._is_operator(("&",)):
            self._at += 1
            return [_opaque(item) for item in found]
        return found

    def _pipeline(self) -> Item:
        item = self._command()
        if not self._is_operator(("|", "|&")):
            return item
        while self._is_operator(("|", "|&")):
            self._at += 1
            self._skip_newlines()
            self._command()
        return _opaque(item)

    def _command(self) -> Item:
        token = self.peek()
        if isinstance(token, Word):
            follows = self.peek(1), self.peek(2)
            if token.plain and token.text == "!":
                self._at += 1
                return _opaque(self._command())
            if token.plain and token.text in _OPENING:
                return self._compound(token)
            if all(
                isinstance(t, Operator) and t.text == p for t, p in zip(follows, "()", strict=True)
            ):
                self._at += 3
                return self._function(token)
            if not (token.plain and token.text in _CLOSING):
                return self._simple(token)
        elif token is not None and token.text == "(":
            return self._subshell(token)
        elif token is not None and token.text in _REDIRECTIONS:
            return _opaque(self._simple(None))
        raise self.unexpected()

    def _simple(self, first: Word | None) -> Item:
        words: list[Word] = []
        files: list[Word] = []
        line = first.line if first else 0
        while True:
            token = self.peek()
            if isinstance(token, Word):
                words.append(token)
                self._at += 1
            elif token is not None and token.text in _REDIRECTIONS:
                self._at += 1
                target = self._redirected(token)
                if target is not None and token.text == "<":
                    files.append(target)
                elif token.text in ("<<", "<<-", "<<<"):
                    first = None  # what the command reads is not looked at
            else:
                break
        simple = Simple(line, tuple(words), tuple(files))
        return simple if first and words else Opaque(line, simple.text or "a redirection")

    def _redirected(self, operator: Operator) -> Word | None:
        if operator.text in ("<<", "<<-"):  # the lexer has taken the name
            return None
        token = self.peek()
        if not isinstance(token, Word):
            raise self.unexpected()
        self._at += 1
        return token

    def _compound(self, token: Word) -> Item:
        self._at += 1
        kind = token.text
        if kind == "function":
            name = self._word()
            if self._is_operator(("(",)):
                self._at += 1
                self._expect_operator(")")
            return self._function(name)
        if kind == "case":
            item: Item = self._case(token)
        else:
            item = Opaque(token.line, f"{kind} ...")
            if kind == "if":
                self._if()
            elif kind == "[[":
                while not self._word_is("]]"):
                    if self.peek() is None:
                        raise self.unexpected()
                    self._at += 1
                self._at += 1
            elif kind == "{":
                self._body("}")
            else:
                self._loop()
        return _opaque(item) if self._skip_redirections() else item

    def _function(self, name: Word) -> Item:
        self._skip_newlines()
        if not self._word_is("{"):
            self._command()
            return Opaque(name.line, f"{name.text}() ...")
        self._at += 1
        body = self._body("}")
        self._skip_redirections()
        return Function(name.line, name.text, body)

    def _body(self, end: str) -> tuple[Item, ...]:
        items = self.items((end,), ())
        self._expect(end)
        return items

    def _if(self) -> None:
        self._body("then")
        while True:
            self.items(("elif", "else", "fi"), ())
            word = self._word()
            if word.text == "fi":
                return
            if word.text == "elif":
                self._body("then")

    def _loop(self) -> None:
        while not self._word_is("do"):
            if self.peek() is None:
                raise self.unexpected()
            self._at += 1
        self._at += 1
        self._body("done")

    def _case(self, token: Word) -> Item:
        subject = self._word()
        self._skip_newlines()
        self._expect("in")
        branches: list[tuple[tuple[Word, ...], tuple[Item, ...]]] = []
        while True:
            self._skip_newlines()
            if self._word_is("esac"):
                self._at += 1
                return Case(token.line, subject, tuple(branches))
            if self._is_operator(("(",)):
                self._at += 1
            patterns = [self._word()]
            while self._is_operator(("|",)):
                self._at += 1
                patterns.append(self._word())
            self._expect_operator(")")
            body = self.items(("esac",), (";;", ";&", ";;&"))
            branches.append((tuple(patterns), body))
            if self._is_operator((";&", ";;&")):  # the next branch may run too
                raise self.unexpected()
            if self._is_operator((";;",)):
                self._at += 1

    def _subshell(self, token: Operator) -> Item:
        depth = 0
        while True:
            here = self.peek()
            if here is None:
                raise self.unexpected()
            self._at += 1
            if isinstance(here, Operator) and here.text in "()":
                depth += 1 if here.text == "(" else -1
                if depth == 0:
                    break
        self._skip_redirections()
        return Opaque(token.line, "( ... )")

    def _skip_redirections(self) -> bool:
        found = False
        while self._is_operator(_REDIRECTIONS):
            operator = self.peek()
            self._at += 1
            if isinstance(operator, Operator):
                self._redirected(operator)
            found = True
        return found

    def _skip_newlines(self) -> None:
        while self._is_operator(("\n",)):
            self._at += 1

    def _word(self) -> Word:
        token = self.peek()
        if not isinstance(token, Word):
            raise self.unexpected()
        self._at += 1
        return token

    def _word_is(self, text: str) -> bool:
        token = self.peek()
        return isinstance(token, Word) and token.plain and token.text == text

    def _is_operator(self, texts: Collection[str]) -> bool:
        token = self.peek()
        return isinstance(token, Operator) and token.text in texts

    def _expect(self, word: str) -> None:
        if not self._word_is(word):
            raise self.unexpected()
        self._at += 1

    def _expect_operator(self, text: str) -> None:
        if not self._is_operator((text,)):
            raise self.unexpected()
        self._at += 1


def _opaque(item: Item) -> Opaque:
    if isinstance(item, Opaque):
        return item
    if isinstance(item, Simple):
        return Opaque(item.line, item.text)
    name = f"{item.name}() ..." if isinstance(item, Function) else "case ..."
    return Opaque(item.line, name)


def _is_reliable(item: Item) -> bool:
    return isinstance(item, Simple) and (
        item.words[0].text in _RELIABLE or all(word.assigns for word in item.words)
    )
