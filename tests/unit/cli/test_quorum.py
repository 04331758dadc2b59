from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from samego.cli.main import main
from samego.report import json as as_json
from samego.report.shipped_schema import shipped_schema
from samego.report.summary import Summary
from support.rebuilders import ARCHIVE, ZIP, daemon_v1, row_v1
from support.reports import spotless
from support.web import Web, body, serve

NAME = "golang-1.24-go=1.24.4-1:amd64"
BUILT = {"status": "GOOD", "built_at": "2026-11-23T17:00:00"}


@pytest.fixture
def webs() -> Iterator[tuple[Web, Web]]:
    with serve() as one, serve() as other:
        for web in (one, other):
            daemon_v1(web, row_v1(), builds={1: BUILT})
        yield one, other


def asked(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    status = main(["quorum", "-q", *map(str, words)])
    out, err = capsys.readouterr()
    return status, out, err


def test_the_exit_status_says_what_was_decided(
    webs: tuple[Web, Web], capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = webs
    both = (f"Alice={one.url}", f"Bob={other.url}")
    assert asked(capsys, NAME, *both)[0] == 0
    assert asked(capsys, NAME, both[0])[0] == 2
    assert asked(capsys, NAME, both[0], "--threshold", "1")[0] == 0
    assert asked(capsys, NAME, *both, "--threshold", "3")[0] == 2
    daemon_v1(other, row_v1("BAD"), builds={1: BUILT})
    status, out, err = asked(capsys, NAME, *both, "--threshold", "1")
    # Enough agree, and somebody contradicts: that is not a pass.
    assert (status, err) == (1, "")
    assert out.startswith("golang-1.24-go 1.24.4-1 amd64: Bob contradicts; 1 operator agrees")


def test_a_hostile_daemon_decides_nothing(
    webs: tuple[Web, Web], capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = webs
    other.fallback = body(b"<html>" * 1000)
    status, out, err = asked(capsys, NAME, f"Alice={one.url}", f"Bob={other.url}")
    assert (status, err) == (2, "")
    assert "could not decide: 1 operator agrees (Alice), 2 must" in out
    assert "does not answer as rebuilderd does" in " ".join(out.split())


def test_the_json_goes_to_a_file_as_its_schema_says(
    webs: tuple[Web, Web], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "quorum.json"
    words = (NAME, f"Alice={webs[0].url}", f"Bob={webs[1].url}", "--format", "json", "-o", file)
    assert asked(capsys, *words) == (0, "", "")
    found = json.loads(file.read_text("utf-8"))
    Draft202012Validator(shipped_schema("quorum")).validate(found)
    assert (found["answer"], found["questions"][0]["agreeing"]) == ("agreed", ["Alice", "Bob"])


def test_a_policy_says_whom_to_ask(
    webs: tuple[Web, Web], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(
        "threshold = 1\n[[rebuilder]]\n"
        f'name = "a"\noperator = "Alice"\nkind = "rebuilderd"\nurl = "{webs[0].url}"\n',
        "utf-8",
    )
    assert asked(capsys, NAME, "--policy", policy)[0] == 0
    assert asked(capsys, NAME, "--policy", policy, f"Bob={webs[1].url}", "--threshold=2")[0] == 0
    # One operator is one, however it is spelled and wherever it is named.
    status, out, err = asked(capsys, NAME, "--policy", policy, f"alice={webs[1].url}")
    assert (status, out) == (2, "")
    assert "spells an operator in two ways: Alice and alice" in err
    status, _, err = asked(capsys, NAME, "--policy", policy, f"Bob={webs[0].url}")
    assert (status, "have the same url and two operators" in err) == (2, True)


def test_signed_results_count_by_their_keys(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    report.write_text(as_json.render(Summary(spotless())), "utf-8")
    rows = []
    for name in ("alice", "bob"):
        key, envelope = tmp_path / name, tmp_path / f"{name}.json"
        assert main(["attest", "--new-key", str(key)]) == 0
        assert main(["attest", str(report), "--key", str(key), "-o", str(envelope)]) == 0
        rows.append(
            f'[[rebuilder]]\nname = "{name}"\noperator = "{name}"\nkind = "envelope"\n'
            f'keys = ["{name}.pub"]\n'
        )
    policy = tmp_path / "policy.toml"
    policy.write_text("".join(rows), "utf-8")
    capsys.readouterr()
    alice, bob = tmp_path / "alice.json", tmp_path / "bob.json"
    words = (report, alice, bob, "--policy", policy, "--format", "json")
    status, out, _ = asked(capsys, *words)
    assert status == 0
    questions = json.loads(out)["questions"]
    assert [each["agreeing"] for each in questions] == [["alice", "bob"]] * len(questions)
    assert len(questions) == len(spotless().subject.packages)
    # The results alone are enough: what they are about is what is asked.
    assert asked(capsys, alice, bob, "--policy", policy)[0] == 0
    document = json.loads(bob.read_text("utf-8"))
    document["payload"] = f"{document['payload'][:-6]}A{document['payload'][-5:]}"
    bob.write_text(json.dumps(document), "utf-8")
    status, out, err = asked(capsys, *words[:-2])
    assert (status, err) == (2, "")
    assert "bob.json is not signed by a key of the policy" in " ".join(out.split())


def test_upstreams_own_rebuild_and_source_spotter(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    log = {"Name": "", "Messages": None, "Status": "PASS"}
    file = {"Name": ARCHIVE, "GOOS": "linux", "GOARCH": "amd64", "SHA256": "", "Log": log}
    report = {"End": "2026-07-23T07:59:19Z", "Releases": [{"Files": [file]}]}
    rebuilt, feed = tmp_path / "gorebuild.json", tmp_path / "toolchains.csv"
    rebuilt.write_text(json.dumps(report), "utf-8")
    version = ZIP.removesuffix(".zip")
    row = f"{version},{{}},,2026-07-24T15:15:33.786155Z\r\n"
    feed.write_text("Version,Status,Message,Build Time\r\n" + row.format("equal"), "utf-8")
    words = ("go1.24.4.linux-amd64", f"Google={rebuilt}", f"SSLMate={feed}")
    status, out, _ = asked(capsys, *words)
    assert status == 0
    assert out.startswith("go1.24.4 linux-amd64: 2 operators agree (Google, SSLMate), 2 must")
    # One speaks of the archive, the other of the module: of either alone only one does.
    assert asked(capsys, ARCHIVE, *words[1:])[0] == 2
    # A copy of one's list is not a second build, whoever hands it around.
    copy = tmp_path / "copy.json"
    copy.write_bytes(rebuilt.read_bytes())
    status, out, _ = asked(capsys, ARCHIVE, words[1], f"Jane={copy}")
    assert (status, "another operator vouches for the same build" in out) == (2, True)
    feed.write_text("Version,Status,Message,Build Time\r\n" + row.format("unequal"), "utf-8")
    assert asked(capsys, *words)[0] == 1
    feed.write_text("Version,Status,Message,Build Time\r\n" + row.format("failed"), "utf-8")
    assert asked(capsys, *words)[0] == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((NAME,), "name whom to ask"),
        ((NAME, "A=https://a.example", "--threshold", "0"), "--threshold must be 1 or more"),
        ((NAME, "A=https://a.example", "--threshold", "x"), "--threshold"),
        ((NAME, "--policy", "none.toml"), "none.toml cannot be read"),
        (("x", "A=https://a.example"), "there is no file x"),
    ],
)
def test_wrong_usage(words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = asked(capsys, *words)
    assert (status, out) == (2, "")
    assert said in err
    assert [line.partition(":")[0] for line in err.splitlines()] == ["error", "hint"]
