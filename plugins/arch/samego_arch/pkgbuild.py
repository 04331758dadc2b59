"""A PKGBUILD as it is written: read, never run (PKGBUILD(5)).

What it declares of a build of Go: its version, its sources and their checksums, the
patches that prepare() applies, and the variables that stand in the environment when
build() calls make.bash. What is not understood is told, with its line, and never guessed.
"""

from __future__ import annotations

import getopt
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from samego.errors import InputError
from samego_arch.script import Case, Function, Item, Opaque, Simple, parse_script
from samego_arch.shell import Word

_LARGEST = 256 << 10
#: The variables that end up in Go's own files and executables; what upstream's rebuilder
#: clears before it builds (golang.org/x/build/cmd/gorebuild).
_SETTING = re.compile(
    r"GO(386|AMD64|ARM|ARM64|MIPS|MIPS64|PPC64|RISCV64|EXPERIMENT|FIPS140|ROOT_FINAL)"
    r"|GO_(EXTLINK_ENABLED|LDSO|GCFLAGS|LDFLAGS)|(CC|CXX)(_FOR_\w+)?|CGO_ENABLED|PKG_CONFIG",
    re.ASCII,
)
#: Variables whose value has no bearing on what is built: they need not be known.
_IRRELEVANT = ("GOROOT_BOOTSTRAP", "GOCACHE", "GOPATH", "GOTMPDIR", "HOME", "PATH", "TMPDIR")
_ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)(?P<more>\+?)=(?P<value>.*)", re.ASCII | re.DOTALL)
#: Commands that change nothing of what is built from.
_IDLE = ("echo", "printf", "msg", "msg2", "mkdir", "pushd", "popd", "true", ":", "local")
_SUMS = ("b2sums", "sha512sums", "sha384sums", "sha256sums")
_SRCDIR, _STARTDIR = "/srcdir", "/startdir"
#: What Go's source archive unpacks to.
_TREE = f"{_SRCDIR}/go"
_CALLS = 20
#: The options of patch(1) that change nothing of what is applied, and those that are read.
_PATCH_LETTERS = "Nstfp:i:d:"
_PATCH_WORDS = (
    *("forward", "silent", "quiet", "verbose", "binary", "force", "batch"),
    *("strip=", "input=", "directory="),
)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One element of source=(): its local name, where it comes from, its checksums.

    ``sums`` maps a kind (``sha256sums``) to a hexadecimal digest; SKIP leaves one out.
    """

    name: str
    url: str
    sums: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PkgBuild:
    """What a PKGBUILD declares.

    ``version`` is the full version, empty where it is computed. ``settings`` are in the
    environment of make.bash. ``patches`` are the local names of patches applied to Go's
    source with -p1, in order. ``unread`` are lines that were not understood. ``builds``
    says that a call of make.bash was found.
    """

    name: str
    version: str
    settings: Mapping[str, str]
    sources: tuple[SourceFile, ...]
    patches: tuple[str, ...]
    unread: tuple[str, ...]
    builds: bool


def parse_pkgbuild(data: bytes, *, name: str, architecture: str) -> PkgBuild:
    """Read a PKGBUILD as it counts for an architecture (CARCH).

    Raises InputError for what is no bash script, or declares no name and sources.
    """
    if len(data) > _LARGEST:
        raise InputError(f"{name} has {len(data)} bytes", hint="check the file")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8", hint="check the file") from error
    if "\0" in text:
        raise InputError(f"{name} is no text", hint="check the file")
    reader = _Reader(name, architecture)
    reader.run(parse_script(text, name=name), "")
    for function in ("prepare", "build"):
        reader.directory = _SRCDIR
        reader.run(reader.functions.get(function, ()), f"{function}()")
    return PkgBuild(
        reader.variables.get("pkgname") or reader.first("pkgname"),
        reader.version(),
        reader.settings or {},
        reader.sources(),
        tuple(reader.patches),
        tuple(reader.unread),
        builds=reader.settings is not None,
    )


@dataclass
class _Reader:
    """The state of one reading. A variable that is None cannot be known."""

    name: str
    architecture: str
    variables: dict[str, str | None] = field(init=False)
    arrays: dict[str, tuple[str | None, ...]] = field(default_factory=dict)
    exported: set[str] = field(default_factory=set)
    functions: dict[str, tuple[Item, ...]] = field(default_factory=dict)
    patches: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    settings: dict[str, str] | None = None
    directory: str | None = _SRCDIR
    calls: int = 0

    def __post_init__(self) -> None:
        self.variables = {
            "CARCH": self.architecture,
            "srcdir": _SRCDIR,
            "startdir": _STARTDIR,
            "pkgdir": "/pkgdir",
        }

    def run(self, items: Sequence[Item], where: str) -> None:
        """Take in what the items say, as if they ran one after the other."""
        for item in items:
            if where == "build()" and self.settings is not None:
                return  # what follows make.bash comes too late
            if isinstance(item, Function):
                self.functions[item.name] = item.body
            elif isinstance(item, Case):
                self._case(item, where)
            elif isinstance(item, Opaque) or not self._simple(item, where):
                self._unread(item, where)

    def _unread(self, item: Item, where: str) -> None:
        text = item.text if isinstance(item, Opaque | Simple) else "case ..."
        place = f" ({where})" if where else ""
        self.unread.append(f"line {item.line}{place}: {text[:80]}")

    def _case(self, item: Case, where: str) -> None:
        subject = item.subject.value(self.variables)
        for patterns, body in item.branches:
            known = [pattern.value(self.variables) for pattern in patterns]
            if subject is None or None in known:
                self._unread(item, where)
                return
            if any(fnmatchcase(subject, pattern) for pattern in known if pattern is not None):
                self.run(body, where)
                return

    def _simple(self, item: Simple, where: str) -> bool:
        """Whether a simple command was understood."""
        words = list(item.words)
        assigned = []
        while words and words[0].assigns:
            assigned.append(words.pop(0))
        if not words:
            return self._assign_all(assigned)
        command = words[0].value(self.variables)
        arguments = [word.value(self.variables) for word in words[1:]]
        if command in self.functions:  # also one that is named as a command
            self.calls += 1
            understood = not assigned and not arguments and self.calls <= _CALLS
            self.run(self.functions[command] if understood else (), where)
            return understood
        if command in ("export", "unset"):
            return not assigned and self._export(command, words[1:])
        if not where or command is None:
            return False
        return self._in_function(command, arguments, assigned, item)

    def _in_function(
        self,
        command: str,
        arguments: Sequence[str | None],
        assigned: Sequence[Word],
        item: Simple,
    ) -> bool:
        if command == "cd":
            self._change_directory(arguments)
            return True
        if posixpath.basename(command) == "make.bash" or (
            command in ("bash", "sh") and arguments and _is_make(arguments[0])
        ):
            return self._make(assigned)
        if command == "patch":
            files = [word.value(self.variables) for word in item.files]
            return not assigned and self._patch(arguments, files)
        if command == "rm":
            # Leftovers of patch(1) are no part of the source.
            return all((word or "").startswith("-") or _is_leftover(word) for word in arguments)
        return command in _IDLE

    def _assign_all(self, words: Sequence[Word]) -> bool:
        understood = [self._assign(word) for word in words]
        return all(understood)

    def _assign(self, word: Word) -> bool:
        match = _ASSIGNMENT.match(word.text)
        if match is None:
            return False
        name, more = match["name"], bool(match["more"])
        if word.array is not None:
            elements = tuple(element.value(self.variables) for element in word.array)
            self.arrays[name] = (self.arrays.get(name, ()) if more else ()) + elements
            self.variables.pop(name, None)
            return None not in elements
        spelled = word.value(self.variables)
        value = None if spelled is None else spelled.partition("=")[2]
        if more and value is not None:
            before = self.variables.get(name, "")
            value = None if before is None else before + value
        self.variables[name] = value
        self.arrays.pop(name, None)
        return value is not None or name in _IRRELEVANT

    def _export(self, command: str, words: Sequence[Word]) -> bool:
        understood = not any(word.text.startswith("-") for word in words)
        for word in words if understood else ():
            name = word.text.partition("=")[0].rstrip("+")
            if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
                understood = False
            elif command == "unset":
                self.variables.pop(name, None)
                self.arrays.pop(name, None)
                self.exported.discard(name)
            else:
                if word.assigns:
                    understood = self._assign(word) and understood
                self.exported.add(name)
        return understood

    def _change_directory(self, arguments: Sequence[str | None]) -> None:
        to = arguments[0] if len(arguments) == 1 else None
        known = to is not None and self.directory is not None
        self.directory = (
            posixpath.normpath(posixpath.join(self.directory or "", to or "")) if known else None
        )

    def _make(self, assigned: Sequence[Word]) -> bool:
        """make.bash is called: what stands in its environment counts."""
        understood = self._assign_all(assigned)
        names = self.exported | {word.text.partition("=")[0] for word in assigned}
        found = {name: self.variables.get(name) for name in names if _SETTING.fullmatch(name)}
        self.settings = {name: value for name, value in sorted(found.items()) if value is not None}
        return understood

    def _patch(self, arguments: Sequence[str | None], files: Sequence[str | None]) -> bool:
        """Take a call of patch(1) that applies a file to Go's source with -p1."""
        found = _patch_arguments(arguments, files)
        if found is None or self.directory is None:
            return False
        file, into, redirected = found
        directory = posixpath.normpath(posixpath.join(self.directory, into))
        # patch changes to the directory before it opens a file; the shell opens its own before.
        base = self.directory if redirected else directory
        path = posixpath.normpath(posixpath.join(base, file))
        if directory != _TREE or posixpath.dirname(path) not in (_SRCDIR, _STARTDIR):
            return False
        self.patches.append(posixpath.basename(path))
        return True

    def first(self, name: str) -> str:
        """The first element of an array; empty where it is not known."""
        return next(iter(self.arrays.get(name, ())), None) or ""

    def version(self) -> str:
        """epoch, pkgver and pkgrel together; empty where one of them is not known."""
        pkgver, pkgrel = self.variables.get("pkgver"), self.variables.get("pkgrel")
        epoch = self.variables.get("epoch", "")
        if not pkgver or not pkgrel or epoch is None or "pkgver" in self.functions:
            return ""
        return f"{epoch}:{pkgver}-{pkgrel}" if epoch else f"{pkgver}-{pkgrel}"

    def sources(self) -> tuple[SourceFile, ...]:
        """source=() with the checksums that stand at the same places."""
        elements = self.arrays.get("source", ())
        found = []
        for index, element in enumerate(elements):
            if element is None:
                continue
            name, _, url = element.rpartition("::")
            sums = {
                kind: str(self.arrays[kind][index]).lower()
                for kind in _SUMS
                if index < len(self.arrays.get(kind, ())) and _is_digest(self.arrays[kind][index])
            }
            found.append(SourceFile(name or posixpath.basename(url), url, sums))
        return tuple(found)


def _is_leftover(argument: str | None) -> bool:
    return argument is not None and argument.endswith(".orig")


def _is_make(argument: str | None) -> bool:
    return argument is not None and posixpath.basename(argument) == "make.bash"


def _is_digest(text: str | None) -> bool:
    return text is not None and re.fullmatch(r"[0-9A-Fa-f]{64,128}", text) is not None


def _patch_arguments(
    arguments: Sequence[str | None], files: Sequence[str | None]
) -> tuple[str, str, bool] | None:
    """The patch's file, the directory, and whether the shell opens the file.

    None for a call with any other meaning.
    """
    words = [word for word in arguments if word is not None]
    try:
        options, others = getopt.gnu_getopt(words, _PATCH_LETTERS, list(_PATCH_WORDS))
    except getopt.GetoptError:
        return None
    strip = [value for option, value in options if option in ("-p", "--strip")]
    into = [value for option, value in options if option in ("-d", "--directory")]
    inputs = [value for option, value in options if option in ("-i", "--input")]
    given = [*inputs, *files]
    if len(words) != len(arguments) or others or strip != ["1"] or len(given) != 1:
        return None
    return (given[0], into[-1] if into else ".", not inputs) if given[0] else None
