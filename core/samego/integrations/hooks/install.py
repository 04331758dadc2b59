"""Installs a hook, shows its state, and removes it again.

Nothing is written unless all of it can be: a file that is there and not samego's is not
overwritten, and a file that was changed since is neither replaced nor removed.
"""

from __future__ import annotations

import contextlib
import enum
import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from samego.distro.interface import Hook, HookFile
from samego.errors import InputError
from samego.integrations.hooks import block, record
from samego.integrations.hooks.place import SystemPlace
from samego.integrations.hooks.record import HookRecord, WrittenFile


class HookState(enum.Enum):
    """How a hook, or one of its files, stands on a system."""

    ABSENT = "not installed"
    INSTALLED = "installed"
    CHANGED = "changed by someone"


@dataclass(frozen=True, slots=True)
class HookStatus:
    """The state of a hook, and of each of its files by path."""

    state: HookState
    files: tuple[tuple[str, HookState], ...] = ()


def status(name: str, root: Path) -> HookStatus:
    """How a hook stands on the system below ``root``. Raises InputError for a bad record."""
    found = record.read(root, name)
    if found is None:
        return HookStatus(HookState.ABSENT)
    files = tuple((file.path, _state(found, file, root)) for file in found.files)
    whole = all(state is HookState.INSTALLED for _path, state in files)
    return HookStatus(HookState.INSTALLED if whole else HookState.CHANGED, files)


def install(hook: Hook, command: str, root: Path) -> tuple[str, ...]:
    """Install a hook that starts samego with ``command``; the paths that were written.

    They are none where it is there already, just so. A hook of another samego is removed
    first. Raises InputError when a file is not samego's, was changed, or cannot be
    written; then nothing of the new hook is left.
    """
    if not root.is_dir():
        raise InputError(f"there is no directory {root}", hint="check --root")
    files = hook.files(command)
    old = record.read(root, hook.name)
    if old is not None:
        if _is_so(old, files) and status(hook.name, root).state is HookState.INSTALLED:
            return ()
        remove(hook.name, root)
    places = [SystemPlace(root, file.path) for file in files]
    wanted = tuple(_plan(hook.name, file, place) for file, place in zip(files, places, strict=True))
    above = [*places, record.place_of(root, hook.name)]
    made = dict.fromkeys(name for place in above for name in place.missing_directories())
    new = HookRecord(hook.name, wanted, tuple(made))
    with _undone(new, root):
        # The record comes first: what an interrupted installation wrote can be removed.
        record.write(root, new)
        for file, place in zip(files, places, strict=True):
            data = file.text.encode()
            if file.comment:
                marks = block.Marks(file.comment, hook.name)
                data = block.add(place.read() or b"", marks, file.text)
            place.write(data, mode=file.mode)
    return tuple(file.path for file in files)


def remove(name: str, root: Path) -> tuple[str, ...]:
    """Take away what a hook put on the system below ``root``; the paths that changed.

    What was removed already is skipped. Raises InputError when the hook
    is not installed, a file was changed since, or cannot be written.
    """
    found = record.read(root, name)
    if found is None:
        raise InputError(f"the hook {name} is not installed", hint="see samego hook list")
    changed = [file.path for file in found.files if _state(found, file, root) is HookState.CHANGED]
    if changed:
        raise InputError(
            f"{', '.join(changed)} was changed since the hook {name} was installed",
            hint="undo your changes or remove the hook's part by hand, then remove the hook again",
        )
    with _as_input_error():
        return _take_away(found, root)


def _take_away(found: HookRecord, root: Path) -> tuple[str, ...]:
    paths = []
    created: list[str] = []
    for file in found.files:
        place = SystemPlace(root, file.path)
        data = place.read()
        if data is None:
            continue
        rest = b""
        if file.comment:
            mine = block.find(data, block.Marks(file.comment, found.name))
            if mine is None:
                continue
            rest = mine.others
        if rest or (file.comment and not file.created):
            place.write(rest, mode=0o644)
            created += [file.path] if file.created else []
        else:
            place.remove()
        paths.append(file.path)
    record.place_of(root, found.name).remove()
    _leave(created, _remove_directories(found, root), root)
    return tuple(paths)


def _remove_directories(found: HookRecord, root: Path) -> list[str]:
    """Remove the directories that were made for a hook; those that something is still in."""
    left = []
    for name in reversed(found.directories):
        place = SystemPlace(root, name)
        if not place.path.is_dir():
            continue
        try:
            place.remove_directory()
        except OSError:
            left.append(name)
    return left


def _leave(files: Sequence[str], directories: Sequence[str], root: Path) -> None:
    """Leave what a hook made, and others still use, to be removed with the last of them."""
    for other in list(record.all_records(root)):
        used = (*(file.path for file in other.files), f"{record.DIRECTORY}/")
        more = [name for name in directories if any(path.startswith(f"{name}/") for path in used)]
        heir = replace(
            other,
            files=tuple(
                replace(file, created=file.created or file.path in files) for file in other.files
            ),
            directories=tuple(sorted({*other.directories, *more})),
        )
        if heir != other:
            record.write(root, heir)


def _plan(name: str, file: HookFile, place: SystemPlace) -> WrittenFile:
    """What writing a file will mean. Raises InputError when it must not be written."""
    data = place.read()
    if not file.comment:
        if data is not None or place.is_link():
            raise InputError(
                f"{place.path} exists and is not samego's",
                hint="move it away to install the hook",
            )
        return WrittenFile(file.path, _digest(file.text.encode()))
    if data is not None and block.touched(data, block.Marks(file.comment, name)):
        raise InputError(
            f"{place.path} has a block of the hook {name} that samego did not record",
            hint="remove the block to install the hook",
        )
    if file.exclusive and data is not None:
        taken = re.search(file.exclusive, data.decode("utf-8", "replace"), re.MULTILINE)
        if taken is not None:
            raise InputError(
                f"{place.path} already sets what the hook would set ({taken[0].strip()})",
                hint="call 'samego hook run' from there, see 'samego hook show'",
            )
    text = file.text.rstrip("\n") + "\n"
    return WrittenFile(file.path, _digest(text.encode()), file.comment, created=data is None)


def _state(found: HookRecord, file: WrittenFile, root: Path) -> HookState:
    """How one file stands; a block with a marker missing counts as changed."""
    place = SystemPlace(root, file.path)
    data = place.read()
    if data is None:
        return HookState.ABSENT
    if file.comment:
        marks = block.Marks(file.comment, found.name)
        mine = block.find(data, marks)
        if mine is None:
            return HookState.CHANGED if block.touched(data, marks) else HookState.ABSENT
        data = mine.text
    return HookState.INSTALLED if _digest(data) == file.sha256 else HookState.CHANGED


def _is_so(old: HookRecord, files: tuple[HookFile, ...]) -> bool:
    """Whether a record is of exactly these files."""

    def text(file: HookFile) -> str:
        return file.text.rstrip("\n") + "\n" if file.comment else file.text

    now = [(file.path, _digest(text(file).encode()), file.comment) for file in files]
    return [(file.path, file.sha256, file.comment) for file in old.files] == now


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@contextmanager
def _undone(new: HookRecord, root: Path) -> Iterator[None]:
    """Take away what an installation wrote when it fails."""
    with _as_input_error():
        try:
            yield
        except BaseException:
            with contextlib.suppress(OSError):
                _take_away(new, root)
            raise


@contextmanager
def _as_input_error() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{error.filename or 'a file'} cannot be written ({error.strerror})",
            hint="run it as a user who may, such as root",
        ) from error
