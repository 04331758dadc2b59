"""Whatever the executables: the finder answers, and what it names is well formed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from samego.leaks.find import MOST, find_candidates, name_candidates
from samego.leaks.signature import signatures
from samego.leaks.traces import EXTENTS
from samego.model.candidate import Candidate, Trace
from samego.model.release import Release, Target
from samego.words.candidates import phrase
from support.elf_files import EVERY_FORM, stripped_file, upstream_file

FILES = [
    *(upstream_file(program) for program in EVERY_FORM.values()),
    *(stripped_file(program) for program in EVERY_FORM.values()),
]
RELEASES = [Release.parse(f"go1.{minor}.1") for minor in range(21, 28)]
TARGET = Target("linux", "amd64")

edits = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 16), st.binary(max_size=16)),
    max_size=4,
)


def edited(data: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for place, removed, put in changes:
        start = int(place * len(data))
        data = data[:start] + put + data[start + removed :]
    return data


def well_formed(found: tuple[Candidate, ...]) -> None:
    assert len(found) <= MOST
    assert [each.strength.rank for each in found] == sorted(each.strength.rank for each in found)
    assert all(phrase(each) for each in found)


@given(st.sampled_from(FILES), st.sampled_from(FILES), edits, edits, st.sampled_from(RELEASES))
def test_the_finder_answers_whatever_the_executables(
    ours: bytes,
    theirs: bytes,
    mine: list[tuple[float, int, bytes]],
    other: list[tuple[float, int, bytes]],
    release: Release,
) -> None:
    distro, upstream = edited(ours, mine), edited(theirs, other)
    well_formed(find_candidates("bin/go", distro, upstream, release, TARGET))


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_the_finder_answers_whatever_the_bytes(distro: bytes, upstream: bytes) -> None:
    assert find_candidates("bin/go", distro, upstream, RELEASES[0], TARGET) == ()


KNOWN = sorted({name for each in signatures() for name in (*each.when, *each.unless)} - {"extent"})


@given(
    st.dictionaries(st.sampled_from(KNOWN), st.text(max_size=20), max_size=6),
    st.sampled_from(EXTENTS),
    st.sampled_from(RELEASES),
)
def test_the_finder_answers_whatever_the_traces(
    values: dict[str, str], far: str, release: Release
) -> None:
    found = (*(Trace(name, text, "") for name, text in values.items()), Trace("extent", far, ""))
    well_formed(name_candidates("bin/go", found, tuple, release, TARGET))
