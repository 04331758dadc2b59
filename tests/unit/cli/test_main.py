from __future__ import annotations

import argparse
import errno
import os
import signal
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from samego.cli import main as command
from samego.cli.main import COMMANDS, GROUPS, build_parser, main
from samego.cli.options import Subparsers
from samego.errors import NetworkError
from samego.report import json
from samego.report.summary import Summary
from samego.system import ending
from support.cli import the_error
from support.reports import trixie

Body = Callable[[argparse.Namespace], int]
Install = Callable[[Body], None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Gives samego a subcommand ``probe [--deep {nest}]`` with this body."""

    def give(body: Body) -> None:
        def configure(subparsers: Subparsers) -> None:
            parser = subparsers.add_parser("probe", help="probe")
            inner: Subparsers = parser.add_subparsers()
            inner.add_parser("nest", help="nest")
            parser.set_defaults(execute=body)

        module = types.ModuleType("samego_probe")
        module.__dict__["configure"] = configure
        monkeypatch.setitem(sys.modules, "samego_probe", module)
        entry = ("samego_probe", "probe")
        monkeypatch.setitem(COMMANDS, "probe", entry)
        monkeypatch.setitem(GROUPS, "probes", {"probe": entry})
        monkeypatch.delenv("SAMEGO_DEBUG", raising=False)

    return give


def raising(error: BaseException) -> Body:
    def body(_args: argparse.Namespace) -> int:
        raise error

    return body


@pytest.mark.parametrize("status", [0, 1, 2])
def test_the_subcommand_decides_the_status(status: int, install: Install) -> None:
    install(lambda _args: status)
    assert main(["probe"]) == status


ENDS: dict[str, tuple[BaseException, int, str]] = {
    "an error of ours": (
        NetworkError("go.dev does not answer", hint="try again"),
        2,
        "error: go.dev does not answer\nhint: try again\n",
    ),
    "an error of ours without a hint": (
        NetworkError("no\nnet\x1b", hint=""),
        2,
        "error: no\\nnet\\x1b\n",
    ),
    "Ctrl-C": (KeyboardInterrupt(), 130, "error: interrupted\n"),
    "a full disk": (
        OSError(errno.ENOSPC, "No space left on device", "/a/b"),
        2,
        "error: no disk space is left for /a/b\nhint: free some space, or use another --cache\n",
    ),
    "a full quota": (
        OSError(errno.EDQUOT, "Quota"),
        2,
        "error: no disk space is left\nhint: free some space, or use another --cache\n",
    ),
    "no memory": (
        MemoryError(),
        2,
        "error: there is not enough memory\nhint: give samego more memory, or check less at once\n",
    ),
    "a file that is not ours": (
        PermissionError(errno.EACCES, "Permission denied", "/a\n"),
        2,
        (
            "error: cannot use /a\\n (Permission denied)\n"
            "hint: check that it exists and that you have permission\n"
        ),
    ),
    "a reader that is gone": (BrokenPipeError(errno.EPIPE, "Broken pipe"), 141, ""),
}


@pytest.mark.parametrize(("error", "status", "line"), ENDS.values(), ids=ENDS.keys())
def test_every_end_is_a_status_and_a_line(
    error: BaseException,
    status: int,
    line: str,
    install: Install,
    capfd: pytest.CaptureFixture[str],
) -> None:
    install(raising(error))
    assert main(["probe"]) == status
    out, err = capfd.readouterr()
    assert not out
    assert err == line


@pytest.mark.parametrize("error", [ValueError("secret"), OSError("?"), RecursionError()])
def test_a_bug_asks_for_a_report(
    error: Exception,
    install: Install,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install(raising(error))
    assert main(["probe"]) == 2
    err = capsys.readouterr().err
    assert err.startswith(
        f"error: this is a bug of samego ({type(error).__name__} at test_main.py:"
    )
    assert err.endswith(
        "\nhint: report it, with the output of the same command under SAMEGO_DEBUG=1\n"
    )
    assert err.count("\n") == 2
    monkeypatch.setenv("SAMEGO_DEBUG", "1")
    assert main(["probe"]) == 2
    assert "Traceback (most recent call last)" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["unknown"],
        ["--unknown"],
        ["explain"],
        ["probe", "--bad"],
        ["probe", "nest", "--bad"],
        ["--off", "probe"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_an_error_and_status_2(
    arguments: list[str], install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install(lambda _args: 0)
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert not out
    assert the_error(err).endswith("--help'")


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    help_text = capsys.readouterr().out
    for name, (_module, summary) in COMMANDS.items():
        assert f"\n  {name} " in help_text
        assert summary[:30] in help_text
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("samego 0.")


@pytest.mark.parametrize("name", ["explain"])
def test_a_summary_stands_in_one_place(name: str) -> None:
    module, summary = COMMANDS[name]
    build_parser([name])
    assert summary == sys.modules[module].SUMMARY


@pytest.mark.parametrize(
    "arguments",
    [
        ["--offline", "-q", "--cache", "/c", "--config", "/f", "probe"],
        ["probe", "--offline", "-q", "--cache", "/c", "--config", "/f"],
        ["--offline", "--cache", "/c", "probe", "-q", "nest", "--config", "/f"],
        ["--cache", "/other", "probe", "--cache", "/c", "nest", "--offline", "-q", "--config=/f"],
    ],
    ids=["before", "after", "spread", "the last one counts"],
)
def test_common_options_stand_anywhere(arguments: list[str], install: Install) -> None:
    seen: list[argparse.Namespace] = []

    def body(args: argparse.Namespace) -> int:
        seen.append(args)
        return 0

    install(body)
    assert main(arguments) == 0
    assert (seen[0].offline, seen[0].quiet) == (True, True)
    assert (seen[0].cache, seen[0].config) == (Path("/c"), Path("/f"))


def test_common_options_have_defaults(install: Install) -> None:
    seen: list[argparse.Namespace] = []

    def body(args: argparse.Namespace) -> int:
        seen.append(args)
        return 0

    install(body)
    assert main(["probe", "nest"]) == 0
    assert (seen[0].offline, seen[0].quiet, seen[0].cache, seen[0].config) == (
        False,
        False,
        None,
        None,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
def test_a_signal_unwinds_and_cleans_up(
    number: signal.Signals, install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    cleaned: list[bool] = []

    def body(_args: argparse.Namespace) -> int:
        try:
            os.kill(os.getpid(), number)
            signal.pause()
        finally:
            cleaned.append(True)
        return 0

    install(body)
    before = signal.getsignal(number)
    signal.signal(number, signal.SIG_DFL)
    try:
        assert main(["probe"]) == 128 + number
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)
    assert cleaned == [True]
    assert capsys.readouterr().err == f"error: ended by {number.name}\n"


def test_a_signal_that_is_ignored_stays_ignored(install: Install) -> None:
    install(lambda _args: int(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN))
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert main(["probe"]) == 1
    finally:
        signal.signal(signal.SIGHUP, before)


def run(*arguments: str, stdout: int | None = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "samego", *arguments],
        check=False,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_help_imports_nothing_heavy() -> None:
    # importlib.metadata is none: the plugins, whose commands --help lists, are found with it.
    program = (
        "import sys; from samego.cli.main import main; main(['--help']);"
        "print(*sorted({'rich', 'requests', 'jsonschema', 'cryptography', 'debian',"
        " 'zstandard', 'pyalpm', 'samego.check.run', 'samego.formats.tree.goroot'}"
        " & set(sys.modules)),"
        " file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stderr == "\n"


@pytest.mark.parametrize(
    ("number", "status", "said"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "ended by SIGTERM")],
)
def test_a_signal_that_comes_where_python_drops_what_is_raised_still_ends_it(
    number: signal.Signals, status: int, said: str
) -> None:
    code = (
        "import signal, time\n"
        "from samego.cli import main\n"
        "class Dying:\n"
        f"    def __del__(self): signal.raise_signal({number:d})\n"
        "def run(_arguments):\n"
        "    Dying()\n"
        "    time.sleep(30)\n"
        "    return 0\n"
        "main._run = run\n"
        "raise SystemExit(main.main([]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (status, f"error: {said}\n")


def test_what_else_a_finalizer_raises_is_told_as_ever(install: Install) -> None:
    class Dying:
        def __del__(self) -> None:
            raise ValueError("of no account")

    def body(_args: argparse.Namespace) -> int:
        Dying()
        return 0

    install(body)
    told: list[object] = []
    usual, sys.unraisablehook = sys.unraisablehook, lambda it: told.append(it.exc_value)
    try:
        assert main(["probe"]) == 0
    finally:
        sys.unraisablehook = usual
    assert [str(error) for error in told] == ["of no account"]


def test_a_full_stdout_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    file.write_text(json.render(Summary(trixie())), "utf-8")
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        done = run("explain", str(file), "bin/go", stdout=full)
    finally:
        os.close(full)
    assert done.returncode == 2
    assert (
        done.stderr
        == "error: no disk space is left\nhint: free some space, or use another --cache\n"
    )


def test_a_closed_pipe_is_quiet() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run("--help", stdout=writing)
    finally:
        os.close(writing)
    assert done.returncode == 141
    assert not done.stderr


def test_the_module_is_the_command() -> None:
    assert run("--version").stdout.startswith("samego ")
    assert run().returncode == command.ERROR


def test_whoever_ends_a_long_run_is_told_what_is_kept(
    install: Install, capfd: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_args: argparse.Namespace) -> int:
        ending.keeps("finished builds are kept")
        raise KeyboardInterrupt

    install(interrupted)
    assert main(["probe"]) == 130
    assert capfd.readouterr().err == "error: interrupted\nhint: finished builds are kept\n"
