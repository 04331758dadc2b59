"""Commands as somebody else than root, who can read the checkout even where only root can."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
#: Run by sh in a mount namespace of its own, where a checkout that only root can reach (below
#: root's home) is to be read by others. $1: the topmost closed directory, $2: the checkout.
#: What else lies in the closed directory is not there for the command that follows.
_OPENED = r"""
set -eu
closed=$1 checkout=$2
shift 2
exec 3<"$checkout"
mount -t tmpfs -o mode=755 tmpfs "$closed"
mkdir -p "$checkout"
mount --no-canonicalize --bind /proc/self/fd/3 "$checkout"
exec 3<&-
cd "$PWD"
exec "$@"
"""


def becoming(number: int) -> list[str]:
    """What root puts before a command that the user with this number is to run."""
    become = ["setpriv", f"--reuid={number}", f"--regid={number}", "--clear-groups", "--"]
    closed = [path for path in reversed(REPOSITORY.parents) if not path.stat().st_mode & 0o001]
    if not closed:
        return become
    opened = ["sh", "-c", _OPENED, "sh", str(closed[0]), str(REPOSITORY)]
    return ["unshare", "--mount", "--", *opened, *become]
