"""One code has one canonical form, however Python happened to write it."""

from __future__ import annotations

import marshal
import subprocess
import sys

import pytest

from samego_pypi.wheel.marshalled import MarshalError, canonical, file_name

SOURCE = """
import os
NAMES = ("a", "b", 1, 2.5, 3j, b"x", None, True, ..., 1 << 70)
def f(x, *y, z=1):
    "text"
    if x in {"one", "two", "three", "four", "five"}:
        return [n for n in y if n not in {"alpha", "beta", 7}]
    return NAMES[z], os
"""
_DUMP = "import marshal, sys; sys.stdout.buffer.write(marshal.dumps(compile({!r}, {!r}, 'exec')))"


def dumped(source: str, name: str = "/x/a.py", seed: str = "0") -> bytes:
    command = [sys.executable, "-c", _DUMP.format(source, name)]
    environment = {"PYTHONHASHSEED": seed}
    return subprocess.run(command, env=environment, capture_output=True, check=True).stdout


def test_hashes_and_references_change_nothing() -> None:
    forms = [dumped(SOURCE, seed=str(seed)) for seed in range(1, 5)]
    forms.append(marshal.dumps(compile(SOURCE, "/x/a.py", "exec", dont_inherit=True)))
    forms.append(marshal.dumps(compile(SOURCE, "/x/a.py", "exec", dont_inherit=True), 2))
    assert len(set(forms)) > 1
    assert len({canonical(form) for form in forms}) == 1
    assert file_name(canonical(forms[0])) == "/x/a.py"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("five", "fiv3"),
        ("z=1", "z=2"),
        ("2.5", "2.6"),
        ('b"x"', '"x"'),
        ("os\n", "os\n\n"),
        ("7", "8"),
    ],
)
def test_another_code_has_another_form(old: str, new: str) -> None:
    assert canonical(dumped(SOURCE)) != canonical(dumped(SOURCE.replace(old, new, 1)))


def test_slices_are_told_apart() -> None:
    """Python 3.14 keeps a slice of constants as one constant."""
    parts = ["x[1:7]", "x[1:8]", "x[2:7]", "x[1:7:2]", "x[1:]", "x[:7]"]
    forms = [canonical(dumped(f"def f(x):\n    return {part}\n")) for part in parts]
    assert len(set(map(repr, forms))) == len(parts)
    assert canonical(dumped(f"def f(x):\n    return {parts[0]}\n", seed="3")) == forms[0]


def test_what_is_no_code_is_refused() -> None:
    data = dumped(SOURCE)
    for wrong in (
        b"",
        data[:-1],
        data + b"N",
        b"r\0\0\0\0",
        b"(\xff\xff\xff\x7f",
        b"(\1\0\0\0" * 99,
    ):
        with pytest.raises(MarshalError):
            canonical(wrong)
    # A tuple of two that are the same tuple of two, and so on: a thousand million values.
    doubled = b"".join(b"\xa9\2" for _ in range(30)) + b"NN"
    doubled += b"".join(b"r" + (29 - level).to_bytes(4, "little") for level in range(29))
    with pytest.raises(MarshalError):
        canonical(doubled)
    with pytest.raises(MarshalError):
        file_name(canonical(marshal.dumps("text")))
