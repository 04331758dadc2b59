"""What rebuilders are asked about: one file, by its digest where that is known, and by its name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """One package or file.

    ``name``, ``version`` and ``architecture`` are as rebuilderd knows it, ``distribution`` what
    rebuilderd calls its distro (empty: any). ``files`` are the names that the file can have: of a
    release of Go that is asked about without a file, both the archive's and the module zip's.
    ``title`` says in few words what it is. ``sha256`` is the digest of the bytes that are asked
    about, empty where only a name was given. ``posted`` says that these very bytes were posted
    under that name, by sums that others recorded: then what is said of the name is said of them.
    """

    title: str
    name: str
    version: str
    architecture: str
    distribution: str = ""
    files: tuple[str, ...] = ()
    sha256: str = ""
    posted: bool = False
