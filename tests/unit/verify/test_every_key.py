"""No key of a report is outside of a second check: repeated, told as taken, or refused."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from samego.check.options import CheckOptions
from samego.check.run import check
from samego.config import Config
from samego.errors import SamegoError
from samego.model.report import Report
from samego.report.json import to_object
from samego.report.load import loads
from samego.report.schema import schema
from samego.report.summary import Summary
from samego.system.progress import Silent
from samego.verify.keys import Key, kind_of, row_of
from samego.verify.run import Verified, VerifyOptions, verify
from support.elf_files import Program, upstream_file
from support.mutated import Mutation, mutations

ZIP = b"PK\x05\x06" + bytes(18)
_SUM = hashlib.sha256(ZIP).hexdigest()
POSTED = Program(release="go1.24.99", settings={"-compiler": "gc", "GOAMD64": "v1"})
NEWER = Program(release="go1.24.99", settings={"-compiler": "gc", "GOAMD64": "v3"})
NM = "pkg/tool/linux_amd64/nm"
FILES = {
    "VERSION": b"go1.24.99\ntime 2025-05-29T19:37:36Z\n",
    "bin/go": b"an executable",
    "lib/fips140/fips140.sum": f"{_SUM} v1.0.0.zip\n".encode(),
    "lib/fips140/v1.0.0.zip": ZIP,
    "pkg/tool/linux_amd64/link": b"a tool",
    NM: upstream_file(POSTED),
    "src/a.go": b"package a\n",
}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("every")


@pytest.fixture(scope="module")
def posted(directory: Path) -> Path:
    file = directory / "go1.24.99.linux-amd64.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        for path, data in FILES.items():
            member = tarfile.TarInfo(f"go/{path}")
            member.size, member.mode = len(data), 0o755 if path.startswith("bin/") else 0o644
            archive.addfile(member, io.BytesIO(data))
    return file


@pytest.fixture(scope="module")
def tree(directory: Path) -> Path:
    changed = {
        "src/a.go": b"package x\n",
        "src/new.go": b"package new\n",
        NM: upstream_file(NEWER),
        "lib/fips140/v1.0.0.zip": b"PK\x05\x06" + bytes(16) + b"\x01\x00!",
    }
    for path, data in {**FILES, **changed}.items():
        file = directory / "tree" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        file.chmod(0o755 if path.startswith("bin/") else 0o644)
    return directory / "tree"


@pytest.fixture(scope="module")
def config(directory: Path) -> Config:
    return Config(cache_directory=directory / "cache", offline=True)


@pytest.fixture(scope="module")
def report(config: Config, posted: Path, tree: Path) -> Report:
    options = CheckOptions((str(tree),), upstream=posted, allow_unverified=True, config=config)
    return check(options, Silent())


def leaf_keys(node: dict[str, Any], key: str) -> Iterator[str]:
    """The keys of all leaves that a JSON Schema allows."""
    if reference := node.get("$ref"):
        node = {**schema()["$defs"][reference.rpartition("/")[2]]}
    for each in node.get("oneOf", node.get("anyOf", [])):
        yield from leaf_keys(each, key)
    if "properties" in node:
        for name, inner in node["properties"].items():
            yield from leaf_keys(inner, f"{key}.{name}" if key else name)
    elif "items" in node:
        yield from leaf_keys(node["items"], f"{key}[]")
    else:
        yield key


def test_every_key_of_the_schema_has_a_row() -> None:
    found = set(leaf_keys(schema(), ""))
    assert {"findings[].proof.digest", "upstream.source.url", "timings"} <= found
    assert [key for key in sorted(found) if kind_of(key) is None] == []


def is_told(mutation: Mutation, result: Verified) -> bool:
    """Whether an answer of 0 says that this key is only the report's word."""
    return any(
        item.key == row_of(mutation.key) and (not item.paths or mutation.path in item.paths)
        for item in result.taken
    )


def test_no_changed_leaf_is_only_said_to_hold(
    report: Report, config: Config, posted: Path, tree: Path
) -> None:
    assert report.consequences, "the report has what it is to have"
    answers: dict[str, list[str]] = {"refused": [], "broken": [], "open": [], "taken": []}
    for mutation in mutations(to_object(Summary(report))):
        try:
            forged = loads(json.dumps(mutation.data).encode(), name="forged", exact=True)
            result = verify(VerifyOptions(forged, (tree, posted), config=config), Silent())
        except SamegoError:
            answers["refused"].append(mutation.key)
            continue
        if result.exit_status == 0:
            assert is_told(mutation, result), f"{mutation.key} of {mutation.path or 'the whole'}"
        answers[{0: "taken", 1: "broken", 2: "open"}[result.exit_status]].append(mutation.key)
    assert {"notes", "timings.reading", "samego", "upstream.url"} <= {*answers["taken"]} | {"notes"}
    words = {"findings[].cause", "findings[].where"}
    assert words <= {*answers["refused"]}
    assert "findings[].places[].first" in answers["refused"]
    assert "findings[].command" in answers["refused"]
    guesses = {key for key in answers["broken"] if key.startswith("findings[].candidates")}
    assert {"findings[].candidates[].name", "findings[].candidates[].settings[].value"} <= guesses
    assert "findings[].candidates[].tried" in answers["refused"]
    assert {"required", "findings[].standing", "passes"} <= {*answers["refused"], *answers["open"]}
    assert "findings[].standing" not in answers["taken"]


def test_both_lists_cover_the_report(
    report: Report, config: Config, posted: Path, tree: Path
) -> None:
    result = verify(VerifyOptions(report, (tree, posted), config=config), Silent())
    assert result.exit_status == 0
    assert [item.key for item in result.taken] == [
        "asked",
        "findings[].command",
        "samego",
        "timings",
    ]
    assert {"findings[].cause", "subject.release", "counts.identical"} <= {*result.repeated}
    kinds = {kind_of(key) for key in result.repeated}
    assert kinds >= {Key.REPEATED, Key.DERIVED, Key.PHRASE}
