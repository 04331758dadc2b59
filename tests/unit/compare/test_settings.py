from __future__ import annotations

import pytest

from samego.compare.settings import causes_of, read_go_env
from samego.words import causes

UPSTREAM = b"# defaults\n\nGOPROXY=https://proxy.golang.org,direct\nGOSUMDB=sum.golang.org\nGOTOOLCHAIN=auto\n"


def go_env(old: bytes, new: bytes) -> str:
    return causes.phrase(causes_of("go.env", UPSTREAM.replace(old, new), UPSTREAM))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"=auto", b"=local", "GOTOOLCHAIN is local, upstream auto: the go command runs no other"),
        (b"=auto", b"=go1.20", "GOTOOLCHAIN is go1.20, upstream auto: the go command runs that"),
        (
            b"=sum.golang.org",
            b"=off",
            "GOSUMDB is off, upstream sum.golang.org: the go command che",
        ),
        (b"GOSUMDB=sum.golang.org\n", b"", "GOSUMDB is not set, upstream sum.golang.org"),
        (b"# defaults", b"GOFLAGS=-mod=mod", "GOFLAGS is -mod=mod, upstream does not set it: each"),
        (
            b"# defaults",
            b"GOODD=",
            "GOODD is empty, upstream does not set it: the go command uses",
        ),
        (b"# defaults", b"# others", "no setting differs"),
    ],
)
def test_a_changed_go_env_names_the_setting_its_values_and_its_effect(
    old: bytes, new: bytes, told: str
) -> None:
    assert go_env(old, new).startswith(told)


def test_many_settings_are_counted() -> None:
    many = b"".join(b"GOX%d=1\n" % number for number in range(9))
    assert go_env(b"# defaults\n", many).endswith("; and 5 more settings")


def test_it_is_read_as_the_go_command_reads_it() -> None:
    data = b"GOA=1\n GOB=2\nexport GOC=3\nGOA=4=5\nGOD\n#GOE=6\nGOF="
    assert read_go_env(data) == {"GOA": "4=5", "GOF": ""}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"go1.26.10-bigcorp", "upstream go1.26.10, with the suffix -bigcorp: builds made with"),
        (b"go1.26.11", "it says go1.26.11, upstream go1.26.10: builds made with it call"),
        (
            b"devel",
            "it says devel, upstream go1.26.10: the go command cannot read a release from it",
        ),
        (b"", "it says nothing, upstream go1.26.10"),
    ],
)
def test_another_version_is_told(line: bytes, told: str) -> None:
    found = causes_of("VERSION", line + b"\ntime t\n", b"go1.26.10\ntime t\n")
    assert told in causes.phrase(found)


def test_what_is_no_setting_has_no_words_of_its_own() -> None:
    assert causes_of("VERSION", b"go1.26.10\n", b"go1.26.10\ntime t\n") == ()
    assert causes_of("src/go.env", b"A=1", b"A=2") == ()
