#!/usr/bin/python3
"""Stands in for archlinux-repro, which takes Arch's archive, root and systemd-nspawn.

It keeps to what the real one does where others can see it (repro.in of 20250126): options by
getopts, messages on stderr, everything that makepkg made moved to the output directory, and
exit status 1 for a difference and for every failure alike.

Environment: STANDIN_MADE, a directory with what makepkg makes; STANDIN_STOPS, where it fails:
``setup`` (no container), ``helper`` (a program is missing), ``build`` (makepkg fails) or
``nothing`` (makepkg ends well and makes no package).
"""

from __future__ import annotations

import getopt
import os
import shutil
import sys
from pathlib import Path

_VERSION = "20250126"


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main() -> int:
    """Do what repro does; the exit status."""
    try:
        options, packages = getopt.getopt(sys.argv[1:], "hdnfM:Vo:")
    except getopt.GetoptError as error:
        _say(f"==> ERROR: unknown argument {error.opt}")
        return 1
    if ("-V", "") in options:
        sys.stdout.write(f"repro {_VERSION}\n")
        return 0
    if len(packages) != 1 or not Path(packages[0]).is_file():
        _say("==> ERROR: too many packages provided")
        return 1
    package = Path(packages[0])
    output = Path(dict(options).get("-o", "./build"))
    sys.stdout.write(f"repro {_VERSION}\n")
    sys.stdout.flush()  # before anything goes to stderr, as a shell script's echo does
    return _rebuild(package, output, os.environ.get("STANDIN_STOPS", ""))


def _rebuild(package: Path, output: Path, stops: str) -> int:
    if stops == "helper":
        _say("/usr/bin/repro: line 232: systemd-nspawn: command not found")
        return 127
    if stops == "setup":
        _say("==> Downloading bootstrap image...")
        _say("curl: (6) Could not resolve host: geo.mirror.pkgbuild.com")
        return 1
    _say("==> Starting build...")
    _say("==> Making package: go 2:1.24.9-1 (Tue Nov 24 2026)")
    _say("==> Starting build()...")
    if stops == "build":
        _say("==> ERROR: A failure occurred in build().")
        _say("    Aborting...")
        return 1
    _say("==> Starting package()...")
    output.mkdir(exist_ok=True)
    if stops != "nothing":
        for made in Path(os.environ["STANDIN_MADE"]).iterdir():
            shutil.copy(made, output)
    _say("==> Comparing hashes...")
    rebuilt = output / package.name
    if rebuilt.is_file() and rebuilt.read_bytes() == package.read_bytes():
        _say("==> Package is reproducible!")
        return 0
    _say("==> ERROR: Package is not reproducible")
    return 1


if __name__ == "__main__":
    sys.exit(main())
