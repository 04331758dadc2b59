from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samego.errors import ConfigError, InputError, SamegoError
from samego.monitor.publish.destination import Destination, Directory, Rsync, parse


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("/srv/www/go", Directory(Path("/srv/www/go"))),
        ("/srv/www/go/", Directory(Path("/srv/www/go"))),
        ("go", Directory(Path("go"))),
        ("./a:b", Directory(Path("a:b"))),
        ("/a b/ä", Directory(Path("/a b/ä"))),
        ("host:go", Rsync("host:", "", "go")),
        ("host:/srv/www/go/", Rsync("host:", "/srv/www/", "go")),
        ("me@www.example.org:~/www/go", Rsync("me@www.example.org:", "~/www/", "go")),
        ("[2001:db8::1]:www/go", Rsync("[2001:db8::1]:", "www/", "go")),
        ("me@[fe80::1%eth0]:/go", Rsync("me@[fe80::1%eth0]:", "/", "go")),
        ("rsync://host/module/go", Rsync("rsync://host/", "module/", "go")),
        ("rsync://me@host:874/m/a/go/", Rsync("rsync://me@host:874/", "m/a/", "go")),
    ],
)
def test_forms(text: str, meant: Destination) -> None:
    assert parse(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "/",
        "..",
        "a/..",
        "a\nb",
        "host:",
        "host:/",
        "host:~",
        "host:.",
        "host:../go",
        "host:a/../go",
        "host:a//go",
        "host:.go",
        "host:-go",
        "host:a b",
        "host:a;reboot",
        "host:$(reboot)",
        "host:a'b",
        "host:a*",
        "host::module/go",
        "-oProxyCommand=x:go",
        "host:go:go",
        "rsync://host",
        "rsync://host/go",
        "rsync://host//go",
        "rsync://host/m/../go",
        "rsync://host:port/m/go",
        "rsync:///m/go",
        "RSYNC://host/m/go",
        "ftp://host/go",
        "file:///srv/go",
        "https://",
        "https://host/go",
        "http://127.0.0.1/go",
    ],
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(InputError):
        parse(text)


@pytest.mark.parametrize("text", ["rsync://me:s3cret@host/m/go", "rsync://:s3cret@host/m/go"])
def test_what_would_tell_a_secret(text: str) -> None:
    with pytest.raises(ConfigError):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://me:s3cret@host/go",
        "https://me:s3/cret@host/go",
        "https://me:s3#cret@host/go",
        "https://me:s3?cret@host:port/go",
        "https://me:3#cret@host/go",
        "rsync://me:s3cret@host/m/go",
        "rsync://me:s3/cret@host/m/go",
        "me:s3cret@host:/go",
        "ftp://me:s3cret@host/go",
        "ftp://me:s3/cret@host/go",
    ],
)
def test_no_message_repeats_a_password(text: str) -> None:
    with pytest.raises(SamegoError) as caught:
        parse(text)
    assert "cret" not in str(caught.value)


_WORDS = st.sampled_from(
    (
        *("rsync://", "https://", "http://", "host", "go", "localhost", "443", "%2e", "..", "ä"),
        *(":", "/", "@", "~", "[", "]", "?", "#", " ", "-", ".", "\n", "\\", "'", "\0"),
    )
)


@given(st.one_of(st.text(), st.lists(_WORDS).map("".join)))
def test_anything_is_a_destination_or_a_clear_error(text: str) -> None:
    errors = ""
    try:
        meant: Destination | None = parse(text)
    except SamegoError as error:
        meant = None
        errors = str(error)
    if meant is None:
        assert errors.isprintable()
    elif isinstance(meant, Rsync):
        assert not {"", ".", ".."} & set(f"{meant.parent.lstrip('/')}{meant.name}".split("/"))
        assert not meant.host.startswith("-")
        assert parse(str(meant)) == meant
    else:
        assert meant.path.name not in {"", ".."}
