"""Keys and signatures were made with gpg (ed25519, at 2026-01-01): ``--detach-sign`` of ``go``."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from samego.errors import ConfigError, NotPostedError, ToolError, VerificationError
from samego.model.release import Release
from samego.upstream.cache.blobs import Cache
from samego.upstream.channels.godev import GoDevChannel, Signatures
from samego.upstream.checksums.gpg import FINGERPRINT, verify_signature
from samego.upstream.transport.http import Http
from support.godev_server import Fault, GoDev, file_row, release_row

DATA = b"go"
SIGNER = "19A12939985E0DE03F9051DAD8EA335FBEB00CC5"
EXPIRED_SIGNER = "2CFA732DACCF95365192561FA20749CDA5BA9D1A"
KEY = base64.b64decode(
    "mDMEaVW5ABYJKwYBBAHaRw8BAQdAQZM5S0YBHyFT8zS+nh8Iq10NgH/EUtuLmLFMZ2hyR6G0C3NhbWVnbyB0"
    "ZXN0iJYEExYIAD4WIQQZoSk5mF4N4D+QUdrY6jNfvrAMxQUCaVW5AAIbAwUJJZgGAAULCQgHAgYVCgkICwIE"
    "FgIDAQIeAQIXgAAKCRDY6jNfvrAMxdSvAPwOiGuLOzcS3p1wkrWOhXdX5iPXL2vALQHIpa8EiwJACAEAn6Zx"
    "TduNXGihfnLDxtOxhfH2hGwbGdY8aABqur3LCgc="
)
OTHER_KEY = base64.b64decode(
    "mDMEaVW5ABYJKwYBBAHaRw8BAQdA2//+YFjkBzXIE+jiI241KoCGmks6OzwDrfayqans8Oq0DHNhbWVnbyBv"
    "dGhlcoiWBBMWCAA+FiEEco8Eq5Sgx/23NbvsELxwP8LD/GUFAmlVuQACGwMFCSWYBgAFCwkIBwIGFQoJCAsC"
    "BBYCAwECHgECF4AACgkQELxwP8LD/GVuawD/X2Gt2gct1X2jyRUs8X+0kmLgZwsqPnfGtux/HDDaV5QBAOje"
    "OWT1u3m6Ez20278ipFinZM3mUq1bnKAwpcQZj5kE"
)
EXPIRED_KEY = base64.b64decode(
    "mDMEaVW5ABYJKwYBBAHaRw8BAQdAMtk5Kw2RP4MKnNU0BQIuXmDNT76+2biM71c+4KRAcIW0DnNhbWVnbyBl"
    "eHBpcmVkiJYEExYIAD4WIQQs+nMtrM+VNlGSVh+iB0nNpbqdGgUCaVW5AAIbAwUJAAFRgAULCQgHAgYVCgkI"
    "CwIEFgIDAQIeAQIXgAAKCRCiB0nNpbqdGm8sAP4jv9+noIumCOl254g305YwR4lKQ/jtVmkKWdcEvXIPmAD/"
    "XViIGhxPNeDs0qjKyX0eIPJqFMKGBzyGolNSctw8xAo="
)
SIGNATURE = """-----BEGIN PGP SIGNATURE-----

iHUEABYIAB0WIQQZoSk5mF4N4D+QUdrY6jNfvrAMxQUCaVW5AAAKCRDY6jNfvrAM
xTg1AP9mOCUMpQBUaV/gvRb37PRteiu7fdlb+ngAi8xBhnnLegEA58VzncHiYldx
4d/3QUPbPAORWRW4be4L1vI5s5IDmAI=
=WAbO
-----END PGP SIGNATURE-----
"""
EXPIRED_SIGNATURE = """-----BEGIN PGP SIGNATURE-----

iHUEABYIAB0WIQQs+nMtrM+VNlGSVh+iB0nNpbqdGgUCaVW5AAAKCRCiB0nNpbqd
GuYjAP9KRfK6nCbZDSGMY5QsgIaI9UhcnlxlNqiuzzhhQ1GwTgD/d5GMg2JiQVxg
ayo336qH3/u0kZ9NPffLUyrT/3O8tAU=
=9Wxt
-----END PGP SIGNATURE-----
"""


def check(
    tmp_path: Path,
    *,
    data: bytes = DATA,
    signature: str = SIGNATURE,
    keys: bytes = KEY,
    fingerprint: str = SIGNER,
) -> str:
    file, asc, keyring = tmp_path / "file", tmp_path / "file.asc", tmp_path / "keys.gpg"
    file.write_bytes(data)
    asc.write_text(signature)
    keyring.write_bytes(keys)
    return verify_signature(asc, file, keyring, fingerprint=fingerprint).rests_on


def test_a_good_signature_names_its_key(tmp_path: Path) -> None:
    assert check(tmp_path) == f"key {SIGNER} in keys.gpg"


@pytest.mark.parametrize("data", [b"Go", b"", b"go\n"])
def test_one_changed_byte_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(VerificationError, match="other bytes"):
        check(tmp_path, data=data)


def test_a_signature_by_a_key_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VerificationError, match="does not hold its key"):
        check(tmp_path, keys=OTHER_KEY)


def test_a_good_signature_by_another_key_of_the_keyring_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VerificationError, match=FINGERPRINT):
        check(tmp_path, keys=OTHER_KEY + KEY, fingerprint=FINGERPRINT)


def test_a_signature_by_an_expired_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VerificationError, match="key has expired"):
        check(
            tmp_path,
            signature=EXPIRED_SIGNATURE,
            keys=EXPIRED_KEY,
            fingerprint=EXPIRED_SIGNER,
        )


@pytest.mark.parametrize("text", ["", "no signature\n", SIGNATURE[:150]])
def test_what_is_no_signature_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(VerificationError):
        check(tmp_path, signature=text)


def test_a_missing_keyring_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.gpg"):
        verify_signature(tmp_path / "a.asc", tmp_path / "a", tmp_path / "absent.gpg")


def test_a_missing_gpgv_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match="gpgv is not installed"):
        check(tmp_path)


NAME = "go1.99.0.src.tar.gz"
RELEASE = Release.parse("go1.99.0")


@pytest.fixture
def signing(godev: GoDev, tmp_path: Path) -> Signatures:
    godev.post(NAME, DATA)
    godev.post(f"{NAME}.asc", SIGNATURE.encode())
    godev.set_index(release_row("go1.99.0", file_row(NAME, DATA)))
    (tmp_path / "keys.gpg").write_bytes(KEY)
    return Signatures(tmp_path / "keys.gpg", SIGNER)


def test_the_channel_checks_the_signature_beside_the_archive(
    http: Http, cache: Cache, godev: GoDev, signing: Signatures
) -> None:
    url = f"{godev.url}/dl"
    got = GoDevChannel(http, cache, url=url, signatures=signing).fetch_source(RELEASE)
    assert got.verified[-1].how == "OpenPGP signature, by gpgv"
    with Http(offline=True) as offline:
        again = GoDevChannel(offline, cache, url=url, signatures=signing).fetch_source(RELEASE)
    assert again.verified == got.verified


def test_the_channel_refuses_a_signature_of_something_else(
    http: Http, cache: Cache, godev: GoDev, signing: Signatures
) -> None:
    godev.faults[f"/dl/{NAME}.asc"] = Fault(replace=EXPIRED_SIGNATURE.encode())
    with pytest.raises(VerificationError, match="not a valid signature"):
        GoDevChannel(http, cache, url=f"{godev.url}/dl", signatures=signing).fetch_source(RELEASE)


def test_a_signature_that_is_not_posted_is_an_error_when_one_is_wanted(
    http: Http, cache: Cache, godev: GoDev, signing: Signatures
) -> None:
    del godev.files[f"/dl/{NAME}.asc"]
    with pytest.raises(NotPostedError):
        GoDevChannel(http, cache, url=f"{godev.url}/dl", signatures=signing).fetch_source(RELEASE)
