"""The tar reader beside Python's tarfile, on archives that tarfile writes."""

from __future__ import annotations

import io
import tarfile

from hypothesis import given
from hypothesis import strategies as st

from samego.errors import InputError
from samego.formats.archive.spool import Spool
from samego.formats.archive.tar.reader import read_tar
from support.archives import stream_of

names = st.text(
    st.characters(codec="utf-8", exclude_characters="/\\\0", exclude_categories=["Cs"]),
    min_size=1,
    max_size=150,
).filter(lambda name: name not in {".", ".."})


@given(
    st.dictionaries(names, st.binary(max_size=1100), max_size=5),
    st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
    st.integers(0, 0o7777),
)
def test_what_tarfile_writes_is_read_as_it_was(
    files: dict[str, bytes], tar_format: int, mode: int
) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tar_format) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), mode
            archive.addfile(info, io.BytesIO(data))
    spool = Spool()
    try:
        tree = read_tar(stream_of(out.getvalue()), name="t", spool=spool)
        assert {path: tree.read(path) for path in tree} == files
        assert {entry.mode for entry in tree.values()} <= {mode}
    except InputError:
        assert not files  # an archive without members is refused
    finally:
        spool.close()


@given(st.binary(max_size=3000))
def test_any_bytes_are_a_tree_or_an_input_error(data: bytes) -> None:
    spool = Spool()
    try:
        tree = read_tar(stream_of(data), name="t", spool=spool)
    except InputError:
        return
    finally:
        spool.close()
    assert len(tree) > 0
