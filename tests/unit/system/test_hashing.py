from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from samego.system import hashing


@pytest.mark.parametrize("size", [0, 1, hashing.CHUNK, 2 * hashing.CHUNK + 1])
def test_all_ways_give_the_digest_of_all_bytes(tmp_path: Path, size: int) -> None:
    data = bytes(range(256)) * (size // 256) + bytes(size % 256)
    path = tmp_path / "file"
    path.write_bytes(data)
    expected = hashlib.sha256(data).hexdigest()
    assert hashing.sha256_stream(io.BytesIO(data)) == (size, expected)
    assert hashing.sha256_file(path) == expected
    assert hashing.size_and_sha256(path) == (size, expected)
    with path.open("rb") as file:
        file.seek(size)
        assert hashing.sha256_descriptor(file.fileno()) == expected
        assert file.tell() == size
