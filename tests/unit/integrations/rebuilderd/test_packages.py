from __future__ import annotations

from samego.integrations.rebuilderd.packages import (
    PackageReport,
    Published,
    newest,
    package_reports,
)
from samego.model.release import PostedName, Release, Target
from samego.upstream.channels.interface import Listing

BASE = "https://go.dev/dl/"
R1244, R1265 = Release.parse("go1.24.4"), Release.parse("go1.26.5")


def listing(name: str) -> Listing:
    parts = PostedName.parse(name)
    return Listing(parts.release, parts.target, name)


LISTINGS = [
    listing(name)
    for name in (
        "go1.26.5.linux-amd64.tar.gz",
        "go1.26.5.windows-amd64.zip",
        "go1.26.5.windows-amd64.msi",
        "go1.26.5.darwin-arm64.tar.gz",
        "go1.26.5.linux-armv6l.tar.gz",
        "go1.26.5.src.tar.gz",
        "go1.24.4.linux-amd64.tar.gz",
    )
]


def test_a_group_is_a_line_and_an_architecture() -> None:
    reports = package_reports(LISTINGS, (R1265, R1244), (), BASE)
    assert [
        (report.release, report.architecture, [package.name for package in report.packages])
        for report in reports
    ] == [
        ("go1.24", "amd64", ["go.linux-amd64"]),
        ("go1.26", "amd64", ["go.linux-amd64", "go.windows-amd64"]),
        ("go1.26", "armv6l", ["go.linux-armv6l"]),
    ]


def test_macos_is_taken_where_it_is_named() -> None:
    [report] = package_reports(LISTINGS, (R1265,), (Target("darwin", "arm64"),), BASE)
    assert [package.name for package in report.packages] == ["go.darwin-arm64"]


def test_the_object_has_the_fields_of_the_api() -> None:
    [report] = package_reports(LISTINGS, (R1244,), (), BASE)
    url = "https://go.dev/dl/go1.24.4.linux-amd64.tar.gz"
    assert report.to_object() == {
        "distribution": "go",
        "release": "go1.24",
        "architecture": "amd64",
        "packages": [
            {
                "name": "go.linux-amd64",
                "version": "1.24.4",
                "url": url,
                "artifacts": [
                    {
                        "name": "go.linux-amd64",
                        "version": "1.24.4",
                        "component": "linux",
                        "architecture": "amd64",
                        "url": url,
                    }
                ],
            }
        ],
    }


def test_a_group_goes_on_top_of_what_is_known() -> None:
    old = Published("go.linux-amd64", "1.24.3", "linux", "https://a/1.24.3")
    moved = Published("go.linux-amd64", "1.24.4", "linux", "https://a/1.24.4")
    mine = Published("go.linux-amd64", "1.24.4", "linux", "https://b/1.24.4")
    report = PackageReport("go1.24", "amd64", (mine,)).on_top_of([old, moved])
    assert report.packages == (old, mine)


def test_the_newest_of_each_supported_line() -> None:
    names = ("go1.27rc1", "go1.26.5", "go1.26.4", "go1.25.11", "go1.25.12", "go1.24.9")
    found = newest([Release.parse(name) for name in names])
    assert [str(release) for release in found] == ["go1.26.5", "go1.25.12"]
