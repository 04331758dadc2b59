"""``samego hook``: run samego from the distro's build tools."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shlex
import signal
import site
import sys
import traceback
from pathlib import Path
from typing import TextIO

from samego.check.run import CheckOptions
from samego.cli.main import ERROR, exit_status
from samego.cli.memory import share_one_arena
from samego.cli.options import Subparsers
from samego.cli.settings import settings
from samego.errors import OutOfTimeError, SamegoError
from samego.integrations.hooks.install import install, remove, status
from samego.integrations.hooks.place import SystemPlace
from samego.integrations.hooks.registry import find, hooks
from samego.integrations.hooks.run import enforced, rebuilds, run
from samego.model.secrets import public_text
from samego.system import environment, supervised
from samego.system.progress import Silent
from samego.system.terminal import visible
from samego.system.user_error import as_samego_error

#: What Linux reads of a script's first line (execve(2)).
_LONGEST_FIRST_LINE = 256
#: Stands before each line of a hook: it is printed among the lines of another program.
_PREFIX = "samego: "
SUMMARY = "run samego from the distro's build tools"


def configure(subparsers: Subparsers) -> None:
    """Add the subcommand's parser."""
    parser = subparsers.add_parser(
        "hook",
        help=SUMMARY,
        description="Install hooks in the tools that build and install packages. A hook checks what"
        " was built and keeps the report. By default it never fails the build.",
    )
    actions: Subparsers = parser.add_subparsers(
        title="actions", metavar="ACTION", dest="action", required=True
    )
    listing = actions.add_parser("list", help="list the hooks and show which are installed")
    _add_root(listing)
    listing.set_defaults(execute=execute_list)
    show = actions.add_parser("show", help="show every file that a hook installs")
    show.add_argument("name", metavar="NAME", help="a hook")
    _add_root(show)
    show.set_defaults(execute=execute_show)
    put = actions.add_parser("install", help="install a hook")
    put.add_argument("name", metavar="NAME", help="a hook")
    _add_root(put)
    put.set_defaults(execute=execute_install)
    away = actions.add_parser("remove", help="remove exactly what a hook installed")
    away.add_argument("name", metavar="NAME", help="a hook")
    _add_root(away)
    away.set_defaults(execute=execute_remove)
    _add_run(actions)


def _add_root(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--root",
        metavar="DIR",
        type=Path,
        default=Path("/"),
        help="the root of another system, such as a chroot (default: /)",
    )


def _add_run(actions: Subparsers) -> None:
    parser = actions.add_parser(
        "run",
        help="check what was built and keep the report (called by installed hooks)",
        description="Check what was built, write the report to SAMEGO_SPOOL (default:"
        " /var/lib/samego/reports) and print two lines. Exit status: 0. With SAMEGO_ENFORCE set to"
        " identical, equivalent or explained: 1 for a worse result, 2 could not decide. With"
        " SAMEGO_REBUILD=1 a rebuild proves the executables.",
    )
    parser.add_argument("name", metavar="NAME", help="the name of the hook")
    parser.add_argument(
        "what", metavar="WHAT", nargs="*", help="packages or a .changes file, as for 'samego check'"
    )
    parser.add_argument(
        "--installed", metavar="PACKAGE", nargs="?", const="", help="check what is installed here"
    )
    parser.set_defaults(execute=execute_run)


def execute_list(args: argparse.Namespace) -> int:
    """Print a line for each hook."""
    for registered in hooks():
        hook = registered.hook
        state = status(hook.name, args.root).state.value
        sys.stdout.write(f"{hook.name:<18} {state:<18} {registered.distro}: {hook.summary}\n")
    return 0


def execute_show(args: argparse.Namespace) -> int:
    """Print what a hook installs, and how it stands here."""
    registered = find(args.name)
    hook = registered.hook
    found = status(hook.name, args.root)
    sys.stdout.write(
        f"{hook.name}: {hook.summary}\n"
        f"called by {hook.caller} ({registered.distro}); {found.state.value}\n"
    )
    states = dict(found.files)
    for file in hook.files(own_command(args.root)):
        what = "a block in" if file.comment else "the file"
        state = f", {states[file.path].value}" if file.path in states else ""
        sys.stdout.write(f"\n{what} {file.path} (mode {file.mode:04o}{state}):\n")
        sys.stdout.writelines(f"    {line}".rstrip() + "\n" for line in file.text.splitlines())
    return 0


def execute_install(args: argparse.Namespace) -> int:
    """Install a hook and name what was written."""
    hook = find(args.name).hook
    command = own_command(args.root)
    written = install(hook, command, args.root)
    if not written:
        sys.stdout.write(f"{hook.name} is already installed\n")
    for path in written:
        sys.stdout.write(f"wrote {visible(path)}\n")
    words = shlex.split(command)
    program = Path(words[-1] if words[-1].startswith("/") else words[0])
    if not SystemPlace(args.root, str(program)).path.is_file():
        sys.stderr.write(
            f"samego: warning: there is no {program} in {visible(str(args.root))}, which the"
            " hook calls\n"
        )
    return 0


def execute_remove(args: argparse.Namespace) -> int:
    """Remove a hook and name what changed."""
    for path in remove(args.name, args.root):
        sys.stdout.write(f"removed the hook from {visible(path)}\n")
    return 0


def own_command(root: Path) -> str:
    """The command line that starts this very samego on the system below ``root``, quoted.

    Python runs isolated (-I): else it would import what PYTHONPATH, or the directory where a
    build runs, brings under the names of samego's modules.
    """
    program = _program()
    if program is None:
        return shlex.join([sys.executable, "-I", "-m", "samego"])
    interpreter = _interpreter(program)
    with contextlib.suppress(ValueError):
        program = "/" / program.relative_to(root.absolute())
    return shlex.join([interpreter, "-E" if _is_users_own() else "-I", str(program)])


def shown_command() -> str:
    """How the user starts this very samego, quoted."""
    program = _program()
    return shlex.quote(str(program)) if program else f"{shlex.quote(sys.executable)} -m samego"


def _program() -> Path | None:
    """The script that was started; None where Python was given the module."""
    program = Path(os.path.abspath(sys.argv[0]))  # noqa: PTH100 - a venv's links must stay
    return program if program.name == "samego" else None


def _interpreter(program: Path) -> str:
    """The Python that a script names in its first line, or this one."""
    try:
        with program.open("rb") as file:
            words = file.readline(_LONGEST_FIRST_LINE).decode("utf-8", "replace").split()
    except OSError:
        words = []
    named = words[0].removeprefix("#!") if words else ""
    return named if Path(named).name.startswith("python") else sys.executable


def _is_users_own() -> bool:
    """Whether samego lies in the user's own site-packages, which -I leaves out."""
    return Path(site.getusersitepackages()) in Path(__file__).parents


def execute_run(args: argparse.Namespace) -> int:
    """Check what was built. Status 0, or with SAMEGO_ENFORCE what ``samego check`` gives."""
    return exit_status(lambda: _run(args), prefix=_PREFIX)


def _run(args: argparse.Namespace) -> int:
    environment.clean()
    _settle_home()
    _settle_streams()
    required = enforced(os.environ)
    try:
        config = settings(args)
        rebuilds_here = rebuilds(os.environ)
    except SamegoError as error:
        return _not_decided(error, required)
    deadline = config.deadline_rebuild if rebuilds_here else config.deadline_hook
    end = supervised.run(
        lambda: exit_status(lambda: _check(args, required), prefix=_PREFIX), deadline
    )
    if end.late:
        late = OutOfTimeError(
            f"the check took longer than {deadline:g} s and was ended",
            hint="check the network, or raise the limit ([deadline] in the configuration)",
        )
        return _not_decided(late, required)
    if end.status < 0 or end.status > ERROR:
        what = signal.Signals(-end.status).name if end.status < 0 else f"status {end.status}"
        broken = SamegoError(f"the check was ended by {what}", hint="run it again")
        return _not_decided(broken, required)
    return end.status


def _not_decided(error: SamegoError, required: str | None) -> int:
    """Print the error; it fails the build only if SAMEGO_ENFORCE is set."""
    if required is not None:
        raise error
    lines = (f"not decided: {error.message}", *error.lines[1:])
    # The build goes on even if nobody can read this.
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write("".join(f"{_PREFIX}{visible(public_text(line))}\n" for line in lines))
    _settle_outputs()
    return 0


def _check(args: argparse.Namespace, required: str | None) -> int:
    share_one_arena()
    try:
        program = shown_command()
        outcome = run(args.name, _options(args), os.environ, Silent(), program=program)
        for line in outcome.lines:
            sys.stdout.write(f"{_PREFIX}{visible(line)}\n")
        sys.stdout.flush()
    except Exception as error:
        if required is not None:
            raise
        if os.environ.get("SAMEGO_DEBUG") == "1":
            sys.stderr.write(public_text(traceback.format_exc()))
        return _not_decided(as_samego_error(error), required)
    return 1 if required is not None and outcome.passes is False else 0


def _settle_outputs() -> None:
    """Leave nothing in a buffer that would fail once more, and end the process, at exit."""
    for stream in (sys.stdout, sys.stderr):
        _settle(stream)


def _settle(stream: TextIO) -> None:
    try:
        stream.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def _options(args: argparse.Namespace) -> CheckOptions:
    installed = args.installed is not None
    return CheckOptions(
        what=(*args.what, *([args.installed] if args.installed else [])),
        installed=installed,
        config=settings(args),
    )


def _settle_streams() -> None:
    """Let what is printed go nowhere where the caller closed stdout or stderr."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, io.StringIO())


def _settle_home() -> None:
    """Give a user without a home one that does not exist.

    Without it, ``~`` would be a directory of that name where the build happens to run.
    """
    try:
        known = Path("~").expanduser().is_absolute()
    except RuntimeError:
        known = False
    if not known:
        os.environ["HOME"] = "/nonexistent"
