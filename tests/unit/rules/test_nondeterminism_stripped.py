from __future__ import annotations

import os
import signal
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from samego.errors import ToolError
from samego.model.inputs import Inputs
from samego.model.proof import Standing
from samego.rules.content_equal import ContentEqual
from samego.rules.nondeterminism_stripped import NondeterminismStripped
from samego.rules.strip_nondeterminism import StripNondeterminism, handler_for
from support.rule_context import DATE_127, context, fixture, flipped, policy, prove
from support.words import cause_of

ZIPS = "src/archive/zip/testdata/"
PNG = "src/image/png/testdata/gray-gradient.interlaced.png"
INPUTS = Inputs(timestamp=DATE_127, origins={"timestamp": "debian/changelog"})
FRAME = context({}, {}, policy("strip-nondeterminism"), INPUTS)


@pytest.fixture(scope="module")
def replayer() -> Iterator[StripNondeterminism]:
    """One real strip-nondeterminism for this module."""
    tool = StripNondeterminism()
    yield tool
    tool.close()


def pair(path: str) -> tuple[bytes, bytes]:
    return fixture("go1.27.3", "distro", path), fixture("go1.27.3", "upstream", path)


def fake_perl(directory: Path, body: str) -> str:
    """A stand-in for perl that greets as the script does and then does something else."""
    program = directory / "perl"
    program.write_text(f"#!/bin/sh\nprintf 'ready\\t9.9\\t1.0\\n'\n{body}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


@pytest.mark.parametrize(
    "path",
    [f"{ZIPS}test.zip", f"{ZIPS}subdir.zip", f"{ZIPS}time-7zip.zip", f"{ZIPS}time-go.zip", PNG],
)
def test_a_replay_gives_debians_bytes(replayer: StripNondeterminism, path: str) -> None:
    ours, theirs = pair(path)
    proof = prove(NondeterminismStripped(replayer), path, ours, theirs, FRAME)
    assert proof is not None
    assert proof.standing is Standing.EQUIVALENT
    assert [tool.name for tool in proof.tools] == ["strip-nondeterminism", "Archive::Zip"]
    assert all(tool.version for tool in proof.tools)
    assert proof.details["canonical_time"] == DATE_127
    assert proof.details["canonical_time_from"] == "debian/changelog"


def test_what_the_tool_lost_is_said_and_only_explained(replayer: StripNondeterminism) -> None:
    path = f"{ZIPS}symlink.zip"
    proof = prove(NondeterminismStripped(replayer), path, *pair(path), FRAME)
    assert proof is not None
    assert proof.standing is Standing.EXPLAINED
    assert cause_of(proof).endswith("which changed the contents: 'symlink' changed")


def test_changed_bytes_are_refused(replayer: StripNondeterminism) -> None:
    rule = NondeterminismStripped(replayer)
    ours, theirs = pair(PNG)
    for at in range(0, len(ours), 8):
        assert prove(rule, PNG, flipped(ours, at), theirs, FRAME) is None


def test_what_is_not_declared_is_not_replayed(replayer: StripNondeterminism) -> None:
    rule = NondeterminismStripped(replayer)
    ours, theirs = pair(PNG)
    undated = context({}, {}, policy("strip-nondeterminism"))
    assert prove(rule, PNG, ours, theirs, undated) is None
    assert prove(rule, PNG, ours, theirs, context({}, {}, policy(), INPUTS)) is None
    assert prove(rule, "x/left-alone.png", ours, theirs, FRAME) is None
    assert prove(rule, "x/picture", ours, theirs, FRAME) is None


def test_a_file_that_the_tool_refuses_is_not_proven_and_harms_nothing(
    replayer: StripNondeterminism,
) -> None:
    rule = NondeterminismStripped(replayer)
    assert prove(rule, "a.zip", b"PK\x03\x04", b"PK\x03\x04broken", FRAME) is None
    with pytest.raises(ToolError, match="refused"):
        replayer.replay(b"PK\x03\x04broken", "zip", DATE_127)
    with pytest.raises(ToolError, match="refused"):
        replayer.replay(b"", "no-such-handler", DATE_127)
    ours, theirs = pair(PNG)
    assert replayer.replay(theirs, "png", DATE_127) == ours


def test_several_threads_share_one_process(replayer: StripNondeterminism) -> None:
    ours, theirs = pair(PNG)
    results: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: results.append(replayer.replay(theirs, "png", DATE_127)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [ours] * 4


def test_content_equal_says_that_a_replay_gave_other_bytes(replayer: StripNondeterminism) -> None:
    ours, theirs = pair(PNG)
    proof = prove(ContentEqual(replayer), PNG, ours, theirs, FRAME)
    assert proof is not None
    assert "did not give these bytes" in cause_of(proof)
    undated = context({}, {}, policy("strip-nondeterminism"))
    proof = prove(ContentEqual(replayer), PNG, ours, theirs, undated)
    assert proof is not None
    assert cause_of(proof) == "contents equal; not replayed: the build's date is not known"


def test_closing_ends_the_process_and_removes_its_directory() -> None:
    tool = StripNondeterminism()
    tool.tools()
    (process,) = tool._processes
    directory = Path(tool._directory)
    assert directory.is_dir()
    tool.close()
    tool.close()
    assert process.poll() is not None
    assert not directory.exists()
    with pytest.raises(ToolError, match="closed"):
        tool.tools()


def test_a_killed_process_is_started_again() -> None:
    tool = StripNondeterminism()
    ours, theirs = pair(PNG)
    tool.tools()
    os.killpg(tool._processes[0].pid, signal.SIGKILL)
    tool._processes[0].wait()
    assert tool.replay(theirs, "png", DATE_127) == ours
    tool.close()


def test_without_perl_nothing_is_proven() -> None:
    tool = StripNondeterminism(perl="/nonexistent/perl")
    ours, theirs = pair(PNG)
    assert prove(NondeterminismStripped(tool), PNG, ours, theirs, FRAME) is None
    with pytest.raises(ToolError, match="perl is not installed") as caught:
        tool.tools()
    assert "libfile-stripnondeterminism-perl" in caught.value.hint
    tool.close()


@pytest.mark.parametrize("greeting", ["", r"ready\t9.9\n", r"steady\t9.9\t1.0\n"])
def test_without_the_scripts_greeting_nothing_is_proven(tmp_path: Path, greeting: str) -> None:
    program = tmp_path / "perl"
    program.write_text(f"#!/bin/sh\nprintf '{greeting}'\nexit 2\n", encoding="utf-8")
    program.chmod(0o755)
    tool = StripNondeterminism(perl=str(program))
    with pytest.raises(ToolError, match="strip-nondeterminism is not installed"):
        tool.tools()
    tool.close()


@pytest.mark.parametrize(
    "body",
    ["exit 0", "read line; exit 1", "read line; printf ok", "while read line; do echo no; done"],
    ids=["gone at once", "crash", "half an answer", "refusal"],
)
def test_a_process_that_breaks_is_a_tool_error(tmp_path: Path, body: str) -> None:
    tool = StripNondeterminism(perl=fake_perl(tmp_path, body))
    for _ in range(5):
        with pytest.raises(ToolError, match="strip-nondeterminism"):
            tool.replay(b"x", "png", 1)
    assert prove(NondeterminismStripped(tool), PNG, *pair(PNG), FRAME) is None
    tool.close()


def test_a_process_that_hangs_is_ended(tmp_path: Path) -> None:
    tool = StripNondeterminism(perl=fake_perl(tmp_path, "exec sleep 600"), seconds=0.2)
    started = time.monotonic()
    with pytest.raises(ToolError, match="took too long"):
        tool.replay(b"x", "png", 1)
    assert time.monotonic() - started < 60
    assert tool._processes == []
    tool.close()


@pytest.mark.parametrize(
    ("path", "data", "handler"),
    [
        ("a.zip", b"PK\x03\x04", "zip"),
        ("a.jar", b"PK\x03\x04", "jar"),
        ("a.gz", b"\x1f\x8b\x08", "gzip"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "png"),
        ("a.zip", b"PK\x05\x06", ""),
        ("a.png", b"GIF89a", ""),
        ("a.txt", b"PK\x03\x04", ""),
    ],
)
def test_handlers_by_name_and_first_bytes(path: str, data: bytes, handler: str) -> None:
    assert handler_for(path, data) == handler
