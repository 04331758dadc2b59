from __future__ import annotations

import base64
import hashlib

import pytest

from samego.errors import InputError
from samego.formats.archive.dirhash import hash1


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_the_toolchain_modules_go_mod_has_the_hash_that_the_database_states() -> None:
    # The go.mod of every golang.org/toolchain version (cmd/distpack/pack.go).
    text = b"module golang.org/toolchain\n"
    assert hash1([("go.mod", digest(text))]) == "h1:8wlg68NqwW7eMnI1aABk/C2pDYXj8mrMY4TyRfiLeS0="


def test_names_are_sorted_as_bytes() -> None:
    entries = [("b", digest(b"1")), ("a\U00010000", digest(b"2")), ("a\uffff", digest(b"3"))]
    text = "".join(f"{sha}  {name}\n" for name, sha in sorted(entries, key=lambda e: e[0].encode()))
    expected = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    assert hash1(entries) == hash1(entries[::-1]) == f"h1:{expected}"


def test_every_entry_counts() -> None:
    entries = [(f"m@v/{number}", digest(b"%d" % number)) for number in range(5)]
    sums = {hash1(entries[:count]) for count in range(6)}
    assert len(sums) == 6
    assert hash1([("n", entries[0][1]), *entries[1:]]) != hash1(entries)


@pytest.mark.parametrize(
    ("name", "sha256"),
    [
        pytest.param("a\nb", digest(b""), id="newline"),
        pytest.param("\udc80", digest(b""), id="not Unicode"),
        pytest.param("a", "abc", id="short digest"),
        pytest.param("a", digest(b"").upper(), id="capital digest"),
        pytest.param("a", digest(b"") + "\n", id="digest and newline"),
    ],
)
def test_what_the_format_cannot_carry_is_refused(name: str, sha256: str) -> None:
    with pytest.raises(InputError):
        hash1([(name, sha256)])
