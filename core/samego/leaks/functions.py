"""Functions of another size: what a changed source leaves where no setting accounts for it."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator

from samego.formats.executable.pclntab import FunctionTable
from samego.leaks.executable import ShownExecutable
from samego.model.candidate import Trace

#: With more functions of another size it is no change of a few lines.
_MOST = 12
_NAME = 200
#: The package that holds what make.bash was told.
_SETTINGS = "internal/buildcfg"


def function_traces(ours: ShownExecutable, theirs: ShownExecutable) -> Iterator[Trace]:
    """The functions that only one has or that have another size, where they are few.

    ``functions`` names them; ``code size`` is ``same`` or ``another``, for the code as a whole;
    ``holds internal/buildcfg`` says that both have that package.
    """
    sizes = [_code_size(each) for each in (ours, theirs)]
    same = "same" if sizes[0] == sizes[1] else "another"
    yield Trace("code size", same, "")
    if ours.functions is None or theirs.functions is None:
        return
    if all(table.has_package(_SETTINGS) for table in (ours.functions, theirs.functions)):
        yield Trace(f"holds {_SETTINGS}", "both", "")
    mine, other = Counter(_sizes(ours.functions)), Counter(_sizes(theirs.functions))
    names = {name for name, _size in ((mine - other) | (other - mine))}
    if 0 < len(names) <= _MOST:
        yield Trace("functions", " ".join(sorted(name[:_NAME] for name in names)), "")


def _code_size(shown: ShownExecutable) -> int:
    text = shown.elf.section(".text")
    return text.size if text is not None else 0


def _sizes(table: FunctionTable) -> Iterator[tuple[str, int]]:
    """Each function with its size in bytes, as far as the table is understood."""
    order = "<" if table.little else ">"
    rows = struct.iter_unpack(f"{order}II", table.functions[: 8 * table.count])
    row = struct.Struct(f"{order}II")
    end = struct.unpack_from(f"{order}I", table.functions, 8 * table.count)[0]
    starts = list(rows)
    for number, (start, place) in enumerate(starts):
        following = starts[number + 1][0] if number + 1 < len(starts) else end
        if place + row.size > len(table.functions):
            return
        name = row.unpack_from(table.functions, place)[1] + 1
        stop = table.names.find(b"\0", name)
        if 0 < name < len(table.names) and stop > 0:
            yield (
                table.names[name:stop].decode("utf-8", "replace").replace(" ", ""),
                following - start,
            )
