from __future__ import annotations

import base64

import pytest

from samego.model import secrets
from samego.model.secrets import hide, know, know_environment, know_header, public_text


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_known", set())


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://me:hunter22@host/p", "hunter22 is wrong"),
        ("https://me:hunter22@host/p", "me:hunter22 is wrong"),
        ("https://hunter22@host/p", "hunter22 is wrong"),
        ("https://me:hunter%2322@host/p", "hunter#22 is wrong"),
        ("https://me:hunter%2322@host/p", "hunter%2322 is wrong"),
        ("https://host/p?a=1&token=hunter22", "hunter22 is wrong"),
        ("https://host/p#hunter22", "hunter22 is wrong"),
    ],
)
def test_what_lets_one_in_is_hidden_wherever_it_stands(url: str, text: str) -> None:
    assert hide(text) == text
    know(f"one, two {url} three")
    assert hide(text) == "xxxxx is wrong"


@pytest.mark.parametrize(
    "url",
    [
        "https://debian:hunter22@host/p",
        "https://go@host/p",
        "https://go.dev/dl/?mode=json&include=all",
        "https://host/trixie?a=1&b=22",
        "file:///srv/me@x/trixie?trixie",
    ],
)
def test_names_and_short_words_are_told(url: str) -> None:
    know(url)
    text = "debian: trixie's go on host, a 22 mode=json json all /srv/me"
    assert public_text(text) == text


def test_a_header_is_hidden_with_what_it_holds() -> None:
    credentials = base64.b64encode(b"me:hunter22").decode()
    know_header(f"Basic {credentials}")
    know_header("Bearer abcdefgh")
    assert hide(f"{credentials.rstrip('=')} hunter22 abcdefgh me") == "xxxxx xxxxx xxxxx me"


def test_the_environment_s_urls_and_passwords_are_hidden() -> None:
    know_environment(
        {"https_proxy": "http://me:hunter22@host:1", "A_TOKEN": "abcdefgh", "HOME": "/home/me"}
    )
    assert hide("hunter22, abcdefgh, /home/me") == "xxxxx, xxxxx, /home/me"


def test_urls_in_a_text_are_shown_as_urls_are() -> None:
    text = "see https://me:ab@host/p?x=1, <https://host/q>; (http://host/r)."
    assert public_text(text) == "see https://host/p, <https://host/q>; (http://host/r)."
