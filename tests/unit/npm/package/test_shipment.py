"""An npm package through the command line: what passes, and what each change of it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.npm_packages import GOROOT, MANIFEST, NAME, UPSTREAM, NpmMaker, package_files
from support.toy_check import Checked, check, write_upstream

LEFT_OUT = ("README.md", "src/main_test.go", "src/cmd/go/main.go", "src/a/testdata/x", "test/a.go")
EXPLAINED = dict.fromkeys(LEFT_OUT, "explained")


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    (tmp_path / "upstream").mkdir()
    return write_upstream(tmp_path / "upstream", UPSTREAM)


def checked(tmp_path: Path, upstream: Path, what: Path) -> Checked:
    return check(tmp_path, upstream, [what])


@pytest.mark.parametrize("name", ["ttsc-linux-x64-0.30.4.tgz", "download"])
def test_a_package_as_the_registry_serves_it(tmp_path: Path, upstream: Path, name: str) -> None:
    run = checked(tmp_path, upstream, NpmMaker(name=name).write(tmp_path))
    assert run.standings == EXPLAINED
    subject = run.report["subject"]
    (package,) = subject["packages"]
    assert (subject["distro"], subject["goroot"]) == ("npm", GOROOT)
    assert (package["name"], package["version"]) == (NAME, "0.30.4")
    assert run.report["notes"][0].startswith(f"read as npm unpacks a package: {NAME} 0.30.4")


@pytest.mark.parametrize("place", ["package", "node_modules/@ttsc/linux-x64"])
@pytest.mark.parametrize("below", ["", GOROOT])
def test_a_package_that_is_unpacked(tmp_path: Path, upstream: Path, place: str, below: str) -> None:
    root = NpmMaker().unpack(tmp_path / place)
    assert checked(tmp_path, upstream, root / below).standings == EXPLAINED


def test_somebodys_own_project_is_no_package(tmp_path: Path, upstream: Path) -> None:
    root = NpmMaker().unpack(tmp_path / "project")
    assert checked(tmp_path, upstream, root / GOROOT).report["subject"]["distro"] == "none"


@pytest.mark.parametrize("path", [path for path in package_files() if path.startswith(GOROOT)])
def test_each_changed_byte_is_found_and_named(tmp_path: Path, upstream: Path, path: str) -> None:
    maker = NpmMaker()
    maker.files[path] += b"\n"
    run = checked(tmp_path, upstream, maker.write(tmp_path))
    assert run.standings[path.removeprefix(f"{GOROOT}/")] == "unexplained"


@pytest.mark.parametrize(
    "path", ["binding.gyp", "npm-shrinkwrap.json", "index.js", "bin/other", f"{GOROOT}/evil.go"]
)
def test_what_nobody_declared_is_a_finding(tmp_path: Path, upstream: Path, path: str) -> None:
    maker = NpmMaker()
    maker.files[path] = b"{}\n"
    found = checked(tmp_path, upstream, maker.write(tmp_path)).standings
    shown = path.removeprefix(f"{GOROOT}/") if path.startswith(GOROOT) else f"/{path}"
    assert found[shown] == "unexplained"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(
            ("scripts", {name: "node x.js"})
            for name in ("preinstall", "install", "postinstall", "uninstall")
        ),
        ("bin", {"go": "bin/go/bin/go"}),
        ("bin", "bin/ttsc"),
        ("directories", {"bin": "bin"}),
        ("dependencies", {"evil": "1"}),
        ("optionalDependencies", {"evil": "1"}),
        ("bundleDependencies", ["evil"]),
        ("gypfile", True),
        ("main", "index.js"),
        ("exports", {".": "./x.js"}),
        ("os", ["darwin"]),
        ("os", ["linux", "darwin"]),
        ("cpu", "arm64"),
    ],
)
def test_what_npm_acts_on_is_judged(
    tmp_path: Path, upstream: Path, key: str, value: object
) -> None:
    maker = NpmMaker()
    maker.manifest[key] = value
    run = checked(tmp_path, upstream, maker.write(tmp_path))
    assert run.standings[f"/package.json:{key}"] == "unexplained"
    assert run.status == 1


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (json.dumps({**MANIFEST, "runThis": 1}), "the key 'runThis', which samego does not know"),
        ('{"name": "a", "name": "b", "version": "1"}', "not strict JSON"),
        ('{"name": "a"}', "it has no version"),
        ("[]", "it is no object"),
        ("{", "not strict JSON"),
        ("[" * 5000, "not strict JSON"),
    ],
)
def test_what_nobody_can_read_is_refused(
    tmp_path: Path, upstream: Path, raw: str, told: str
) -> None:
    run = checked(tmp_path, upstream, NpmMaker(raw=raw.encode()).write(tmp_path))
    assert run.status == 2
    assert told in run.said
    assert "Traceback" not in run.said


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("bin/ttsc", {"type": b"2", "linkname": "/bin/sh"}, 1),
        ("bin/ttsc", {"mode": 0o4755}, 1),
        (f"{GOROOT}/src/main.go", {"mode": 0o666}, 1),
        ("bin/ttsc", {"type": b"6"}, 2),
    ],
)
def test_what_is_no_plain_file(
    tmp_path: Path, upstream: Path, path: str, fields: dict[str, Any], status: int
) -> None:
    maker = NpmMaker(headers={path: fields})
    if "type" in fields:
        maker.files[path] = b""
    run = checked(tmp_path, upstream, maker.write(tmp_path))
    assert run.status == status
    if status == 1:
        shown = path.removeprefix(f"{GOROOT}/") if path.startswith(GOROOT) else f"/{path}"
        assert run.standings[shown] == "unexplained"


def test_a_package_of_which_nothing_is_known_is_compared_as_it_is(
    tmp_path: Path, upstream: Path
) -> None:
    maker = NpmMaker()
    maker.manifest["name"] = "golang"
    found = checked(tmp_path, upstream, maker.write(tmp_path)).standings
    assert found == {**dict.fromkeys(LEFT_OUT, "unexplained"), "/bin/ttsc": "unexplained"}
