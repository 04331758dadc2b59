"""A clone of a made-up release's repository, by the real git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

#: What a repository has and upstream's archives leave out.
GIT_FILES = {".gitattributes": b"* -text\n", ".gitignore": b"*.o\n", ".github/x.md": b"hello\n"}


def git(directory: Path, *arguments: str) -> str:
    """Run git there, with no settings of this machine's; what it prints."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.org",
    }
    command = ["git", "-C", str(directory), *arguments]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(directory: Path, files: Mapping[str, bytes], message: str = "all") -> str:
    """Write files and commit all that is there; the commit's name."""
    for path, data in files.items():
        place = directory / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        place.chmod(0o755 if path.endswith(".bash") else 0o644)
    git(directory, "add", "--all", "--force", ".")
    git(directory, "commit", "--quiet", "--allow-empty", "-m", message)
    return git(directory, "rev-parse", "HEAD")


def clone(
    directory: Path,
    files: Mapping[str, bytes],
    tag: str,
    form: str = "sha1",
    *,
    annotated: bool = False,
) -> Path:
    """A repository with these files below a tag."""
    directory.mkdir(parents=True)
    git(directory, "init", "--quiet", f"--object-format={form}")
    commit(directory, files)
    git(directory, "tag", *(["-a", "-m", "a release"] if annotated else []), tag)
    return directory
