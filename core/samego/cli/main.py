"""The command ``samego``: finds the subcommand, runs it, and turns every end into a status.

Exit status: 0 passes, 1 differs, 2 could not decide or was used wrongly; 128 + a signal's
number when one ended the run (130 for Ctrl-C, 143 for SIGTERM). On stderr an error is two
lines: what happened, and what to do. SAMEGO_DEBUG=1 prints its traceback first.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import importlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import NoReturn

from samego.cli.help import CommandList
from samego.cli.memory import loading
from samego.cli.options import DEFAULTS, Parser
from samego.model.secrets import know, know_environment, public_text
from samego.system import ending, log
from samego.system.terminal import visible
from samego.system.user_error import as_samego_error

#: The subcommands in the groups of --help: the module of each, and its line there. A module is
#: imported when its name stands on the command line, so that --help is quick.
GROUPS = {
    "check and prove": {
        "check": ("samego.cli.check", "compare a distro's Go with upstream's, file by file"),
        "explain": ("samego.cli.explain", "show all that a report says of one path"),
        "verify": ("samego.cli.verify", "replay every proof of a report"),
        "rebuild": (
            "samego.cli.rebuild",
            "build a release from source and compare it with upstream's files",
        ),
        "inputs": (
            "samego.cli.inputs",
            "show what decides the bytes of a release, and what does not",
        ),
        "source": ("samego.cli.source", "show where the source of a release came from"),
        "quorum": ("samego.cli.quorum", "show what independent rebuilders say of a file"),
        "upstream": ("samego.cli.upstream", "list, download and verify upstream's files"),
    },
    "report and publish": {
        "report": ("samego.cli.report", "convert reports to the formats of trackers and tools"),
        "attest": ("samego.cli.attest", "sign a report, or check a signed one"),
        "history": ("samego.cli.history", "show results over time and what changed"),
        "site": ("samego.cli.site", "write the history as a web site"),
        "publish": ("samego.cli.publish", "copy a site to a server in one step"),
    },
    "integrate": {
        "hook": ("samego.cli.hook", "run samego from the distro's build tools"),
        "rebuilderd": ("samego.cli.rebuilderd", "queue releases in rebuilderd, show its results"),
    },
    "maintain": {
        "watch": ("samego.cli.watch", "check what is new upstream and in the distros"),
        "cache": ("samego.cli.cache", "show, verify and clear the cache"),
    },
}
#: The subcommands by name.
COMMANDS = {name: entry for group in GROUPS.values() for name, entry in group.items()}
#: The group of the plugins' commands.
_PLUGINS = "integrate"

#: The exit status when an error kept samego from deciding.
ERROR = 2
_SIGNAL_BASE = 128
_ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
#: Seconds after which a signal is sent again.
_SOON = 0.1


class EndedBySignal(BaseException):
    """A signal asked the process to end: everything unwinds as for Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``samego`` with these arguments (by default the process's); the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    know(*arguments)
    know_environment(os.environ)
    with _ending_signals():
        return exit_status(lambda: _run(arguments))


def exit_status(work: Callable[[], int], *, prefix: str = "") -> int:
    """Do some work; its exit status, or that of the error or signal that ended it.

    The error is printed, each line behind ``prefix``.
    """
    try:
        return work()
    except KeyboardInterrupt:
        return _fail(("error: interrupted", *_kept()), _SIGNAL_BASE + signal.SIGINT, prefix)
    except EndedBySignal as ended:
        name = signal.Signals(ended.number).name
        return _fail((f"error: ended by {name}", *_kept()), _SIGNAL_BASE + ended.number, prefix)
    except BrokenPipeError:
        _abandon_stdout()
        return _SIGNAL_BASE + signal.SIGPIPE
    except Exception as error:  # noqa: BLE001 - the last resort: no traceback reaches a user
        if os.environ.get("SAMEGO_DEBUG") == "1":
            sys.stderr.write(public_text(traceback.format_exc()))
        failure = as_samego_error(error)
        _settle_stdout()
        return _fail(failure.lines, failure.exit_status, prefix)


def _run(arguments: Sequence[str]) -> int:
    with loading():
        parser = build_parser(arguments)
    try:
        args = parser.parse_args(arguments, argparse.Namespace(**DEFAULTS))
        if args.execute is None:
            parser.error("name a command")
        with log.following(args.verbose):
            status: int = args.execute(args)
    except SystemExit as end:
        # --help, --version and usage errors.
        status = end.code if isinstance(end.code, int) else ERROR
    # Here, so that a full disk or a reader that is gone counts.
    sys.stdout.flush()
    return status


def build_parser(arguments: Sequence[str]) -> Parser:
    """The parser: in full for every subcommand that the arguments could name."""
    words = [argument for argument in arguments if not argument.startswith("-")]
    # Loading plugins takes time: only if no command of the core is named.
    return _parser(arguments.__contains__, plugins=not words or words[0] not in COMMANDS)


def whole_parser() -> Parser:
    """The parser with every subcommand in full: what manual pages and completions are made of."""
    return _parser(lambda _name: True, plugins=True)


def _parser(named: Callable[[str], bool], *, plugins: bool) -> Parser:
    parser = Parser(
        prog="samego",
        description="Is your distro's Go the same Go that go.dev ships?",
        epilog="'samego COMMAND --help' describes a command. Exit status: 0 passes, 1 differs, 2"
        " could not decide.",
    )
    parser.usage = "%(prog)s [options] COMMAND ..."
    parser.add_argument("-V", "--version", action=_Version, nargs=0, help="print the version")
    parser.set_defaults(execute=None)
    subparsers = parser.add_subparsers(prog="samego", metavar="COMMAND", help=argparse.SUPPRESS)
    listed = CommandList(parser)
    for group, commands in GROUPS.items():
        for name, (module, summary) in commands.items():
            listed.add(group, name, summary)
            if named(name):
                importlib.import_module(module).configure(subparsers)
            else:
                subparsers.add_parser(name, help=summary)
    if plugins:
        load = importlib.import_module("samego.cli.plugins")
        for name, summary in load.configure(subparsers, named).items():
            listed.add(_PLUGINS, name, summary)
    listed.put_first()
    return parser


class _Version(argparse.Action):
    """Print the version; the package's metadata is read only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_args: object) -> NoReturn:
        version = importlib.import_module("importlib.metadata").version("samego")
        sys.stdout.write(f"samego {version}\n")
        parser.exit(0)


def _kept() -> tuple[str, ...]:
    """What is kept of an interrupted long run."""
    return (f"hint: {ending.kept()}",) if ending.kept() else ()


def _fail(lines: Sequence[str], status: int, prefix: str) -> int:
    # Where stderr is closed, only the status is left.
    with contextlib.suppress(OSError, ValueError):
        text = "".join(f"{prefix}{visible(public_text(line))}\n" for line in lines)
        sys.stderr.write(text)
        sys.stderr.flush()
    return status


def _settle_stdout() -> None:
    """Empty stdout's buffer, which would fail again at exit."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        _abandon_stdout()


def _abandon_stdout() -> None:
    """Point stdout nowhere: Python would fail again when it flushes it at exit."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


@contextlib.contextmanager
def _ending_signals() -> Iterator[None]:
    """Make the signals that end a process unwind it, so that nothing is left behind."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers
        return

    ending.begin()

    def end(number: int, _frame: FrameType | None) -> None:
        ending.end_all()
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise EndedBySignal(number)

    # One that is ignored (nohup) or that a caller handles stays as it is.
    mine = [number for number in _ENDING_SIGNALS if signal.getsignal(number) is signal.SIG_DFL]
    interrupt = signal.getsignal(signal.SIGINT)
    if interrupt is signal.default_int_handler:
        mine.append(signal.SIGINT)
    for number in mine:
        signal.signal(number, end)
    usual = sys.unraisablehook
    sys.unraisablehook = functools.partial(_send_again, usual)
    try:
        yield
    finally:
        sys.unraisablehook = usual
        for number in mine:
            usual_end = signal.SIG_DFL if number != signal.SIGINT else interrupt
            signal.signal(number, usual_end)


def _send_again(
    usual: Callable[[sys.UnraisableHookArgs], object], unraisable: sys.UnraisableHookArgs
) -> None:
    """Send a signal again that came where Python drops what is raised (a finalizer, say)."""
    error = unraisable.exc_value
    if isinstance(error, (EndedBySignal, KeyboardInterrupt)):
        number = error.number if isinstance(error, EndedBySignal) else signal.SIGINT
        again = threading.Timer(_SOON, os.kill, (os.getpid(), number))
        again.daemon = True
        again.start()
    else:
        usual(unraisable)
