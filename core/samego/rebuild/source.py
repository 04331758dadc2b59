"""The source that a release is rebuilt from, verified, as a goroot tree without binaries.

Two forms will do. The source archive (``go1.24.4.src.tar.gz``, also under another name,
such as Debian's orig tarball) gives every file that upstream posts for a target. The binary
forms hold the source too: the module zip without ``bin`` and ``pkg`` builds, but lacks api,
doc, misc and test, so that it gives the module form back and nothing else.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from samego.errors import InputError, NetworkError, NotPostedError
from samego.model.release import Release, Target
from samego.model.tree import Kind, Tree
from samego.upstream.channels.interface import Channel, Posted
from samego.upstream.checksums.authorities import UnverifiedError
from samego.upstream.open_tree import Opener

#: What make.bash makes: never taken from a binary form.
_BUILT = ("bin/", "pkg/")


@dataclass(frozen=True, slots=True)
class ReleaseSource:
    """A release's source: the verified file it comes from, and its tree.

    ``complete`` says that whole archives follow from it, and not the module form alone.
    """

    release: Release
    posted: Posted
    tree: Tree
    complete: bool

    @property
    def note(self) -> str:
        """What cannot be reproduced from it, for the report; else empty."""
        if self.complete:
            return ""
        return (
            "built from the module form's source: only the module form is reproduced, "
            "as api, doc, misc and test are not in it"
        )


def find_source(
    release: Release, channels: Iterable[Channel], hosts: Iterable[Target], opener: Opener
) -> tuple[ReleaseSource, tuple[str, ...]]:
    """A release's source from the first channel that has it, and notes on those that do not.

    Source archives come first; then a binary form for one of ``hosts``. Raises
    NotPostedError, naming what is missing, when no channel has any of them, NetworkError
    when one could not be asked, VerificationError for bytes that are not upstream's.
    """
    known = tuple(channels)
    fetches = [functools.partial(channel.fetch_source, release) for channel in known]
    fetches += [
        functools.partial(channel.fetch, release, target) for target in hosts for channel in known
    ]
    errors: list[NetworkError | NotPostedError | UnverifiedError] = []
    for fetch in fetches:
        given = _attempt(fetch)
        if isinstance(given, Posted):
            return open_source(given, opener), _notes(errors)
        errors.append(given)
    unreached = any(isinstance(error, NetworkError) for error in errors)
    kind = NetworkError if unreached else NotPostedError
    raise kind(
        f"no channel has the source of {release}",
        hint=f"put {release}.src.tar.gz in a directory and name it with --source",
        tried=_notes(errors),
    )


def open_source(posted: Posted, opener: Opener) -> ReleaseSource:
    """A verified file's source tree. Raises InputError when it is no release's source."""
    tree = source_tree(opener.open(posted))
    if "src/make.bash" not in tree or "VERSION" not in tree:
        raise InputError(
            f"{posted.path.name} holds no source of Go", hint="name a go1.N.src.tar.gz"
        )
    first = tree.read("VERSION").decode("utf-8", "replace").partition("\n")[0].strip()
    if first != str(posted.release):
        raise InputError(
            f"{posted.path.name} is of {posted.release}, but its VERSION says {first!r}",
            hint="name an unchanged source archive",
        )
    return ReleaseSource(posted.release, posted, tree, complete=posted.form != "module")


def source_tree(tree: Tree) -> Tree:
    """A tree without what make.bash builds, and without directories."""
    entries = {
        path: entry
        for path, entry in tree.items()
        if entry.kind is Kind.FILE and not path.startswith(_BUILT)
    }
    return tree.with_entries(entries, carries_modes=tree.carries_modes)


def _attempt(
    fetch: Callable[[], Posted],
) -> Posted | NetworkError | NotPostedError | UnverifiedError:
    try:
        return fetch()
    except (NetworkError, NotPostedError, UnverifiedError) as error:
        return error


def _notes(errors: Iterable[NetworkError | NotPostedError | UnverifiedError]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(error.cause for error in errors))
