from __future__ import annotations

from pathlib import Path

import pytest

from samego.errors import ConfigError
from samego_debian.archive.mirror import find_mirror

_DEB822 = """# the machine's
Types: deb
URIs: https://vendor.example/linux/debian
Suites: bookworm
Components: stable

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://mirror.example/debian/
Suites: bookworm bookworm-updates
Components: main
Check-Valid-Until: no
Signed-By: /keys/archive.gpg
"""
_ONE_LINE = """
# deb http://comment.example/debian bookworm main
deb cdrom:[Debian]/ bookworm main
deb [arch=amd64 signed-by=/keys/list.gpg trusted=yes] http://list.example/debian trixie main contrib
"""
_EMBEDDED = """Types: deb
URIs: http://mirror.example/debian
Suites: sid
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
 -----END PGP PUBLIC KEY BLOCK-----
"""


def write(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def test_deb822_sources(tmp_path: Path) -> None:
    mirror = find_mirror(iter([write(tmp_path, "debian.sources", _DEB822)]), {})
    assert mirror.uri == "http://mirror.example/debian/"
    assert (mirror.signed_by, mirror.check_valid_until) == ("/keys/archive.gpg", "no")


def test_one_line_sources_without_their_trust(tmp_path: Path) -> None:
    mirror = find_mirror(iter([write(tmp_path, "sources.list", _ONE_LINE)]), {})
    assert (mirror.uri, mirror.signed_by) == ("http://list.example/debian", "/keys/list.gpg")


def test_an_embedded_key_is_kept(tmp_path: Path) -> None:
    mirror = find_mirror(iter([write(tmp_path, "debian.sources", _EMBEDDED)]), {})
    assert "BEGIN PGP PUBLIC KEY BLOCK" in mirror.signed_by
    assert all(line.startswith(" ") for line in mirror.signed_by.splitlines() if line)


def test_a_snapshot_is_a_mirror(tmp_path: Path) -> None:
    text = "deb http://snapshot.example/archive/debian/20250101T000000Z sid main\n"
    mirror = find_mirror(iter([write(tmp_path, "sources.list", text)]), {})
    assert mirror.uri.endswith("/20250101T000000Z")


def test_the_configuration_comes_first(tmp_path: Path) -> None:
    sources = iter([write(tmp_path, "debian.sources", _DEB822)])
    mirror = find_mirror(sources, {"mirror": "file:/srv/debian", "keyring": "/keys/own.gpg"})
    assert (mirror.uri, mirror.signed_by) == ("file:/srv/debian", "/keys/own.gpg")


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("deb http://archive.example/ubuntu noble main\n", {}),
        ("deb http://vendor.example/debian/12/prod bookworm main\n", {}),
        ("nonsense [\n", {}),
        ("", {"mirror": "not a uri"}),
        ("", {"mirror": 3}),
        ("", {"mirror": "http://x/debian\nTrusted: yes"}),
    ],
    ids=["ubuntu", "vendor", "nonsense", "no uri", "no text", "two lines"],
)
def test_no_mirror_of_debian_is_an_error(
    tmp_path: Path, text: str, options: dict[str, object]
) -> None:
    with pytest.raises(ConfigError, match="debian"):
        find_mirror(iter([write(tmp_path, "sources.list", text)]), options)


def test_missing_files_are_passed_over(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no mirror of Debian"):
        find_mirror(iter([tmp_path / "nowhere.list"]), {})


def test_a_list_of_mirrors_is_apts_to_go_through(tmp_path: Path) -> None:
    listed = write(
        tmp_path,
        "debian.list",
        "# the nearest first\n\nhttps://near.example/debian/\tpriority:1\nhttps://far.example/debian\n",
    )
    security = write(tmp_path, "security.list", "https://near.example/debian-security\n")
    text = (
        f"Types: deb\nURIs: mirror+file:{security}\nSuites: trixie-security\nComponents: main\n\n"
        f"Types: deb\nURIs: mirror+file:{listed}\nSuites: trixie trixie-backports\n"
        "Components: main\n"
    )
    sources = write(tmp_path, "debian.sources", text)
    assert find_mirror(iter([sources]), {}).uri == f"mirror+file:{listed}"
    assert find_mirror(iter([sources]), {}, "trixie-backports").uri == f"mirror+file:{listed}"
    found = find_mirror(iter([sources]), {}, "trixie-security")
    assert found.uri == f"mirror+file:{security}"


@pytest.mark.parametrize("content", [None, "", "# nothing\n", "https://near.example/ubuntu\n"])
def test_a_list_that_names_no_mirror_of_debian(tmp_path: Path, content: str | None) -> None:
    listed = tmp_path / "mirrors/debian.list"
    listed.parent.mkdir()
    if content is not None:
        listed.write_text(content)
    sources = write(tmp_path, "sources.list", f"deb mirror+file:{listed} trixie main\n")
    with pytest.raises(ConfigError, match="no mirror of Debian"):
        find_mirror(iter([sources]), {})


def test_security_suites_come_from_their_own_archive(tmp_path: Path) -> None:
    def found(options: dict[str, object]) -> str:
        sources = iter([write(tmp_path, "debian.sources", _DEB822)])
        return find_mirror(sources, options, "bookworm-security").uri

    assert found({}) == "http://mirror.example/debian-security"
    assert found({"mirror": "file:/srv/debian"}) == "http://mirror.example/debian-security"
    assert found({"security_mirror": "file:/srv/security"}) == "file:/srv/security"
    with pytest.raises(ConfigError, match="no mirror of Debian's security archive") as caught:
        find_mirror(iter([write(tmp_path, "sources.list", _ONE_LINE)]), {}, "trixie-security")
    assert caught.value.hint.startswith("set security_mirror ")
