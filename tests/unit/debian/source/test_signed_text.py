from __future__ import annotations

import pytest

from samego.errors import InputError
from samego_debian.source.signature import signed_text

BODY = b"Format: 3.0 (quilt)\nSource: golang-1.24\nFiles:\n abc 1 x\n"
SIGNED = (
    b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n"
    + BODY
    + b"\n-----BEGIN PGP SIGNATURE-----\n\niQIzBAEBCg==\n=abcd\n-----END PGP SIGNATURE-----\n"
)
OTHER = b"Format: 3.0 (quilt)\nSource: evil\n"


@pytest.mark.parametrize("data", [BODY, SIGNED, SIGNED.replace(b"Hash: SHA512\n", b"")])
def test_one_text_is_read(data: bytes) -> None:
    assert signed_text(data, name="x.dsc").strip() == BODY.strip()


@pytest.mark.parametrize(
    "data",
    [
        OTHER + b"\n" + SIGNED,
        b"\n" + SIGNED,
        SIGNED + OTHER,
        SIGNED + SIGNED,
        SIGNED.replace(BODY, BODY + b"\n" + OTHER),
        BODY + b"\n" + OTHER,
        SIGNED.replace(b"Hash: SHA512\n", b"Hash: SHA512\nSource: evil\n"),
        SIGNED.replace(b"-----END PGP SIGNATURE-----", b""),
        SIGNED.replace(b"\n=abcd", b"\n-----END PGP SIGNATURE-----\nSource: evil\n"),
        SIGNED.replace(b"\n", b"\r\n"),
        BODY.replace(b"1 x", b"1\0x"),
    ],
)
def test_more_than_one_is_refused(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        signed_text(data, name="x.dsc")
    assert caught.value.message.startswith("x.dsc ")
