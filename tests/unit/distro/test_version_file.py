from __future__ import annotations

import pytest

from samego.distro.shipment import parse_version_file
from samego.distro.version_file import read_version
from samego.errors import UnknownReleaseError
from samego.model.release import Release


@pytest.mark.parametrize(
    ("text", "release", "suffix"),
    [
        ("go1.26.10\ntime 2026-09-01T00:00:00Z\n", "go1.26.10", ""),
        ("go1.26.10-bigcorp\n", "go1.26.10", "-bigcorp"),
        ("go1.26.10 X:nodwarf5\n", "go1.26.10", " X:nodwarf5"),
        ("go1.27-X:nodwarf5", None, ""),
        ("go1.26.10\tpatched\r\n", "go1.26.10", "\tpatched"),
        ("go1.21rc2-1\n", "go1.21rc2", "-1"),
        ("go1.20-x", "go1.20", "-x"),
    ],
)
def test_the_release_is_read_as_the_go_command_reads_it(
    text: str, release: str | None, suffix: str
) -> None:
    if release is None:
        with pytest.raises(UnknownReleaseError):
            read_version(text.encode(), name="go")
        return
    stated = read_version(text.encode(), name="go")
    assert (str(stated.release), stated.suffix) == (release, suffix)


@pytest.mark.parametrize(
    "text",
    [
        "devel go1.27-3f5a92 Tue",
        "go1.27-devel_3f5a92 Tue",
        "go1.26.10/../evil",
        "go1.26.10-a\\b",
        "1.26.10",
        "go1.26.010",
        "go1.26.10bigcorp",
        "\n",
    ],
)
def test_what_names_no_release_says_who_decides(text: str) -> None:
    with pytest.raises(UnknownReleaseError, match="the VERSION file of /opt/go") as caught:
        read_version(text.encode(), name="/opt/go")
    assert "--release" in caught.value.hint
    given = Release.parse("go1.26.10")
    assert parse_version_file(text.encode(), name="/opt/go", given=given) == given
