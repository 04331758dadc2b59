"""Write all that a distro's package installs beside the Python packages.

usage: python -m installed --distro NAME --python FILE DIRECTORY

samego and its plugins must be importable, with their metadata. DIRECTORY stands for the root. The
date on manual pages is SOURCE_DATE_EPOCH, or now.
"""

from __future__ import annotations

import argparse
import os
import shlex
import time
from importlib.metadata import version
from pathlib import Path, PurePosixPath

from installed.commands import samego
from installed.completion import completions
from installed.files import File, files
from installed.manual import manual_pages

#: Where each shell looks for what it loads by the command's name.
_COMPLETIONS = {
    "bash": "usr/share/bash-completion/completions/samego",
    "zsh": "usr/share/zsh/{zsh}/_samego",
    "fish": "usr/share/fish/vendor_completions.d/samego.fish",
}
#: zsh's directory for packages of the distro (Debian policy of zsh; zsh's default).
_ZSH = {"debian": "vendor-completions"}
_PROGRAM = "/usr/bin/samego"


def main() -> None:
    """Read the command line and write the files."""
    parser = argparse.ArgumentParser(prog="python -m installed")
    parser.add_argument("--distro", required=True, help="whose package this is: debian, arch")
    parser.add_argument("--python", required=True, help="the Python that starts samego there")
    parser.add_argument("directory", type=Path, help="stands for the root")
    args = parser.parse_args()
    # argparse folds lines by it, and takes it from the terminal otherwise.
    os.environ["COLUMNS"] = "80"
    date = int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
    for page, text in manual_pages(samego(), version=version("samego"), date=date):
        _write(args.directory, File(PurePosixPath("usr/share/man/man1", page), text.encode()))
    zsh = _ZSH.get(args.distro, "site-functions")
    for shell, text in completions():
        path = PurePosixPath(_COMPLETIONS[shell].format(zsh=zsh))
        _write(args.directory, File(path, text.encode()))
    # As 'samego hook install' does: no module of a build's directory reaches it.
    command = shlex.join([args.python, "-I", _PROGRAM])
    for file in files(args.distro, command):
        _write(args.directory, file)


def _write(root: Path, file: File) -> None:
    path = root / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.data)
    path.chmod(file.mode)


if __name__ == "__main__":
    main()
