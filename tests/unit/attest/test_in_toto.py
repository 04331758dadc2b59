from __future__ import annotations

import base64
from datetime import datetime, timedelta, timezone

import pytest

from samego.attest.in_toto import checked_uri, digest_set, timestamp
from samego.errors import InputError


def test_a_module_hash_is_a_dir_hash_in_hex() -> None:
    # The example of in-toto's digest_set.md.
    found = digest_set("a" * 64, "h1:Khu2En+0gcYPZ2kuIihfswbzxv/mIHXgzPZ018Oty48=")
    assert found == {
        "sha256": "a" * 64,
        "dirHash": "2a1bb6127fb481c60f67692e22285fb306f3c6ffe62075e0ccf674d7c3adcb8f",
    }
    assert base64.b64encode(bytes.fromhex(found["dirHash"])).startswith(b"Khu2En")
    assert digest_set("", "") == {}


def test_a_time_is_utc() -> None:
    when = datetime(2026, 11, 28, 1, 0, tzinfo=timezone(timedelta(hours=2)))
    assert timestamp(when) == "2026-11-27T23:00:00Z"


@pytest.mark.parametrize("uri", ["https://a.example/b?c#d", "pkg:deb/debian/x@1:2", "urn:x:y"])
def test_a_uri(uri: str) -> None:
    assert checked_uri(uri, "--id") == uri


@pytest.mark.parametrize(
    "uri", ["", "me", "https://A.example/", "Https://a.example", "https://a b", "a:", "https://[/"]
)
def test_what_is_no_uri(uri: str) -> None:
    with pytest.raises(InputError, match=r"--id .* is not a URI"):
        checked_uri(uri, "--id")
