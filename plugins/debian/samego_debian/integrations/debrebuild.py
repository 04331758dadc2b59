"""``samego debian debrebuild``: rebuild packages with devscripts' debrebuild, and judge both.

debrebuild(1) recreates the environment that a .buildinfo records, builds the source in it,
and compares checksums. Its exit status is an errno that was left over, and it stops at the
first file that differs: what it found is read from the files instead. The names of files and
the messages are those of devscripts 2.23.4 and 2.25.15.
"""

from __future__ import annotations

import argparse
import functools
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from samego.cli import reproduce
from samego.cli.options import Subparsers
from samego.errors import SamegoError
from samego.model.proof import Tool
from samego.model.reproduction import Obstacle, Reproduction
from samego.reproduce import rebuilder
from samego.system.progress import Progress
from samego_debian.integrations.rebuilt import judge, shipped_files, toolchain
from samego_debian.source.buildinfo import BuildRecord, read_record

SUMMARY = "rebuild packages with debrebuild and compare them with the shipped ones"
TOOL = "debrebuild"
#: The file with a tool's output, beside the packages that it built.
LOG = "debrebuild.log"
#: dpkg-buildpackage(1) echoes each command that it runs, in every language alike: with the
#: first target of debian/rules the build has begun.
_BEGUN = tuple(
    f"{prefix} debian/rules {target}".encode()
    for prefix in ("", " fakeroot")
    for target in ("clean", "build", "binary")
)
#: Perl's words when a program that it reads from fails.
_CLOSED = "Can't close("
#: Why no build began, by what debrebuild and perl print, in the order in which it is asked.
_NOT_BEGUN = (
    (Obstacle.HELPER_MISSING, ("you must have the ", "Can't locate ", "Can't exec ")),
    (Obstacle.BUILDER, ("unsupported builder: ", "you must be root for the dpkg builder")),
    (
        Obstacle.ENVIRONMENT,
        (
            *("debootsnap failed", "debsnap failed", "mmdebstrap failed", "sbuild failed"),
            *("apt-get update failed", "apt-get install failed", "apt-get source failed"),
            *("dpkg-source failed", "Unmet build dependencies", _CLOSED),
        ),
    ),
)
_PLACE = re.compile(r" at \S+ line \d+\.?$")
#: What debrebuild says when the build itself failed, and not a step after it.
_BUILD_FAILED = re.compile(r"(dpkg-buildpackage|sbuild|mmdebstrap) failed")
_BUILDER = re.compile(r"--?builder(?:=(?P<name>.*))?", re.DOTALL)


def configure(subparsers: Subparsers) -> None:
    """Add the parser."""
    parser = subparsers.add_parser(
        TOOL,
        help=SUMMARY,
        description="Rebuild the packages of a .buildinfo file with debrebuild. Compare the rebuilt"
        " packages with the shipped ones, and the shipped ones with upstream's. Words after -- are"
        " debrebuild's options, such as --builder=sbuild; without a builder it builds nothing."
        + reproduce.EXIT_STATUS,
    )
    parser.add_argument(
        "buildinfo", metavar="FILE.buildinfo", type=Path, help="the record of the shipped build"
    )
    parser.add_argument(
        "--shipped",
        metavar="PATH",
        type=Path,
        action="append",
        default=[],
        help="a shipped package, or a directory of them (default: where the .buildinfo is)",
    )
    reproduce.add_options(parser, TOOL)
    parser.set_defaults(execute=execute, parser=parser)


def execute(args: argparse.Namespace) -> int:
    """Run debrebuild or examine its output; deliver one report; the exit status."""
    reproduce.refuse_options(
        args, ("--buildresult", "-buildresult"), "name the directory with --keep"
    )
    record = read_record(args.buildinfo)
    files = shipped_files(record, args.shipped or [args.buildinfo.parent])
    shipped = reproduce.Shipped(
        "debian", {path: record.files[path.name].sha256 for path in toolchain(record, files)}
    )
    if args.rebuilt is not None:
        after = functools.partial(_examine, record, files, args.rebuilt)
        return reproduce.answer(args, shipped, after)
    with reproduce.workplace(args, record.path.stem) as directory:
        run = functools.partial(_run, record, files, directory, args.tool_options)
        return reproduce.answer(args, shipped, run)


def _examine(
    record: BuildRecord, files: Mapping[str, Path], directory: Path, progress: Progress
) -> Reproduction:
    progress.stage("comparing the rebuilt packages")
    return replace(judge(record, files, directory), directory=str(directory))


def _run(
    record: BuildRecord,
    files: Mapping[str, Path],
    directory: Path,
    options: Sequence[str],
    progress: Progress,
) -> Reproduction:
    """Run debrebuild, and say what came of it."""
    tool = Tool(TOOL, _version())
    log = directory / LOG
    # Absolute: debrebuild looks for the .dsc beside it, and a relative one could be an option.
    command = (TOOL, f"--buildresult={directory}", *options, str(record.path.resolve()))
    about = Reproduction(tool, command=command, directory=str(directory))
    if shutil.which(TOOL) is None:
        reason = "debrebuild is not installed: it is in Debian's package devscripts"
        return replace(about, obstacle=Obstacle.TOOL_MISSING, reason=reason, directory="")
    progress.stage(f"running {TOOL} (its output is in {log})")
    try:
        rebuilder.run(command, log)
    except SamegoError as error:
        return replace(about, obstacle=Obstacle.TOOL_MISSING, reason=str(error))
    progress.stage("comparing the rebuilt packages")
    found = judge(record, files, directory)
    if found.artifacts:
        return replace(found, tool=tool, command=command, directory=str(directory))
    # sbuild 0.85 keeps its own log, and prints nothing of it.
    logs = [log, *(path for name, path in rebuilder.files_in(directory).items() if _is_log(name))]
    if rebuilder.has_line(logs, _BEGUN):
        return _failed(about, found, logs, record)
    obstacle, reason = _why_not_begun(rebuilder.tail(log), options)
    return replace(about, obstacle=obstacle, reason=reason, log=rebuilder.tail(log))


def _is_log(name: str) -> bool:
    return name.endswith(".build")


def _failed(
    about: Reproduction, found: Reproduction, logs: Sequence[Path], record: BuildRecord
) -> Reproduction:
    """A build that began and left no record."""
    last = rebuilder.tail(logs[0])
    tails = [rebuilder.tail(log) for log in logs]
    shown = tails[-1] if len(tails) > 1 and tails[-1] else last
    if not any(_BUILD_FAILED.search(line) for line in last):
        return replace(about, obstacle=found.obstacle, reason=found.reason, log=shown)
    written = sorted(rebuilder.files_in(Path(about.directory)).keys() & record.files.keys())
    reason = f"the build failed; it left {len(written)} of {len(record.files)} files"
    return replace(about, obstacle=Obstacle.BUILD, reason=reason, log=shown)


def _why_not_begun(lines: Sequence[str], options: Sequence[str]) -> tuple[Obstacle, str]:
    """Why no build began, in debrebuild's words and those of the program that failed it."""
    for obstacle, phrases in _NOT_BEGUN:
        for line in reversed(lines):
            if any(phrase in line for phrase in phrases):
                return obstacle, _reason(line.strip(), lines)
    if _builder(options) == "none":
        reason = "the builder none builds nothing: name one (-- --builder=sbuild)"
        return Obstacle.BUILDER, reason
    last = lines[-1].strip() if lines else "it printed nothing"
    return Obstacle.REFUSED, f"debrebuild ended before any build: {last}"


def _reason(line: str, lines: Sequence[str]) -> str:
    """The last line of debrebuild, with the first error of a program that it ran."""
    if line.startswith(_CLOSED):
        line = "debootsnap failed"  # perl's words for a pipe whose program failed
    line = _PLACE.sub("", line)
    reason = next((text for text in lines if text.startswith("E: ")), "")
    return f"{line} ({reason})" if reason and line.endswith(" failed") else line


def _builder(options: Sequence[str]) -> str:
    """The builder that the options name, debrebuild's default without one."""
    name = "none"
    for number, word in enumerate(options):
        match = _BUILDER.fullmatch(word)
        if match is not None:
            name = (
                match["name"] if match["name"] is not None else "".join(options[number + 1 :][:1])
            )
    return name


def _version() -> str:
    """The version of the package that has debrebuild, which has no option for it."""
    query = shutil.which("dpkg-query")
    if query is None:
        return ""
    done = subprocess.run(
        [query, "--show", "--showformat=${Version}", "devscripts"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else ""
