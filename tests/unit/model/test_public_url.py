from __future__ import annotations

import pytest

from samego.model.public_url import public_url, redacted, without_secrets

SECRET = "hunter22"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"https://me:{SECRET}@host:1/p", "https://host:1/p"),
        (f"https://{SECRET}@host/p", "https://host/p"),
        (f"https://host/p?token={SECRET}", "https://host/p"),
        (f"https://host/p?mode=json&token={SECRET}", "https://host/p"),
        (f"https://host/p#{SECRET}", "https://host/p"),
        (f"https://me:{SECRET}/x@host/p", "https://(not shown)"),
        (f"https://me:12/{SECRET}@host/p", "https://(not shown)"),
        (f"https://me:12?{SECRET}@host/p", "https://(not shown)"),
        (f"https://me:{SECRET}#@host/p", "https://(not shown)"),
        (f"me:{SECRET}@host/p", "(not shown)"),
        (f"https://[{SECRET}", "https://(not shown)"),
        ("https://go.dev/dl/?mode=json&include=all", "https://go.dev/dl/?mode=json&include=all"),
        ("https://host/a/@v/v0.0.1-x.zip", "https://host/a/@v/v0.0.1-x.zip"),
        ("https://host/lookup/a@v0.0.1-x", "https://host/lookup/a@v0.0.1-x"),
        ("file:///srv/go/a@b/x.zip", "file:///srv/go/a@b/x.zip"),
    ],
)
def test_a_url_is_told_without_what_lets_one_in(url: str, shown: str) -> None:
    assert (public_url(url), redacted(url)) == (shown, shown)


@pytest.mark.parametrize(
    "url",
    [
        f"https://me:{SECRET}@host/p",
        f"https://{SECRET}@host/p",
        f"https://host/p?token={SECRET}",
        f"https://me:{SECRET}/@host/p",
        "https://me:hunter%32%32@host/p",
        f"https://host/p#{SECRET}",
    ],
)
def test_what_others_say_of_a_request_is_told_without_its_secrets(url: str) -> None:
    told = without_secrets(f"the key {SECRET} is not known here", url)
    assert SECRET not in told
    assert told.startswith("the key ")
    assert url not in without_secrets(f"bad URL {url}", url)
