"""Log proofs of real toolchains: torchwood reads them, and nobody needs a network to believe them.

The proofs come from the real checksum database, through the module proxy that this machine is set
up for; the records that they are about are read there without samego.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import string
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from samego.errors import VerificationError
from samego.upstream.sumdb.database import KNOWN_KEYS
from samego.upstream.sumdb.note import Verifier
from samego.upstream.sumdb.proof import parse_proof
from support.cli import Samego
from support.inputs import Inputs
from support.sumdb_log import Key

pytestmark = [pytest.mark.network, pytest.mark.timeout(900)]

RELEASES = ("go1.21.13", "go1.24.4", "go1.25.14", "go1.26.10", "go1.27.3")
KEY = KNOWN_KEYS["sum.golang.org"]
MODULE = "golang.org/toolchain"
#: Runs a command where there is no network but a loopback that is down.
ALONE = (
    ["unshare", "--net", "--"]
    if os.geteuid() == 0
    else ["unshare", "--user", "--map-root-user", "--net", "--"]
)

_ALPHABET = f"{string.ascii_uppercase}{string.ascii_lowercase}{string.digits}+/"

Judge = Callable[..., list[str]]


def version_of(release: str) -> str:
    return f"v0.0.1-{release}.linux-amd64"


@pytest.fixture(scope="module")
def records(inputs: Inputs) -> Mapping[str, bytes]:
    """The records as the database has them."""
    return {each: inputs.log_record(version_of(each)) for each in RELEASES}


@pytest.fixture(scope="module")
def proofs(samego: Samego, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Proofs of five releases, by name alone."""
    place = tmp_path_factory.mktemp("proofs")
    for release in RELEASES:
        done = samego("upstream", "prove", release, "--target", "linux-amd64", cwd=place)
        assert done.status == 0, done.stderr
        assert f"proves {MODULE}@{version_of(release)}" in done.stdout
    return {each: place / f"{version_of(each)}.zip.tlog-proof" for each in RELEASES}


@pytest.fixture(scope="module")
def judged(inputs: Inputs) -> Judge:
    """What torchwood says of each record and proof."""
    program = inputs.tlog_check()

    def judge(*cases: tuple[bytes, bytes], key: str = KEY) -> list[str]:
        lines = [" ".join(base64.b64encode(part).decode() for part in case) for case in cases]
        done = subprocess.run(
            [program, key], input="\n".join(lines), capture_output=True, check=True, text=True
        )
        return [line.partition(":")[0] for line in done.stdout.splitlines()]

    return judge


def altered(data: bytes) -> Iterator[tuple[str, bytes]]:
    """A proof with one thing changed: each kind of line, the index, the order, the number."""
    lines = data.decode().split("\n")
    end = lines.index("")

    def with_lines(*changes: tuple[int, str]) -> bytes:
        new = list(lines)
        for place, text in changes:
            new[place] = text
        return "\n".join(new).encode()

    for place, line in enumerate(lines):
        # One character of the line: its first, one in its middle, its last but padding.
        for spot in {0, len(line) // 2, len(line.rstrip("=")) - 1} if line else ():
            # Never only the last bits, which torchwood's base64 passes over and samego refuses.
            place_of = _ALPHABET.find(line[spot])
            other = _ALPHABET[place_of ^ 32] if place_of >= 0 else "A"
            yield f"line {place}", with_lines((place, f"{line[:spot]}{other}{line[spot + 1 :]}"))
    index = int(lines[1].removeprefix("index "))
    yield "index + 1", with_lines((1, f"index {index + 1}"))
    yield "index - 1", with_lines((1, f"index {index - 1}"))
    yield "two hashes swapped", with_lines((2, lines[3]), (3, lines[2]))
    yield (
        "all hashes turned round",
        "\n".join([*lines[:2], *lines[2:end][::-1], *lines[end:]]).encode(),
    )
    yield "no first hash", "\n".join([*lines[:2], *lines[3:]]).encode()
    yield "no last hash", "\n".join([*lines[: end - 1], *lines[end:]]).encode()
    yield "a hash twice", "\n".join([*lines[:3], *lines[2:]]).encode()
    yield "no signature", "\n".join(lines[:-2]).encode()


def holds(proof: bytes, record: bytes, verifier: Verifier) -> bool:
    """What samego says of a record and a proof."""
    try:
        parse_proof(proof).check(record, verifier)
    except VerificationError:
        return False
    return True


def test_torchwood_accepts_the_proofs_of_five_releases(
    judged: Judge, proofs: Mapping[str, Path], records: Mapping[str, bytes]
) -> None:
    cases = [(records[each], proofs[each].read_bytes()) for each in RELEASES]
    assert judged(*cases) == ["accepted"] * len(RELEASES)
    assert all(proof.startswith(b"c2sp.org/tlog-proof@v1\nindex ") for _, proof in cases)


def test_both_refuse_what_was_altered(
    judged: Judge, proofs: Mapping[str, Path], records: Mapping[str, bytes]
) -> None:
    verifier = Verifier.parse(KEY)
    for release in RELEASES:
        record, proof = records[release], proofs[release].read_bytes()
        assert parse_proof(proof).check(record, verifier).size > 66_000_000
        cases = [*altered(proof)]
        assert len({name for name, _ in cases}) > 35
        answers = judged(*((record, data) for _, data in cases))
        said = zip(cases, answers, strict=True)
        assert [name for (name, _), answer in said if answer != "refused"] == []
        passed = [name for name, data in cases if holds(data, record, verifier)]
        assert passed == []


def test_both_refuse_another_record_and_another_key(
    judged: Judge, proofs: Mapping[str, Path], records: Mapping[str, bytes]
) -> None:
    one, other = RELEASES[:2]
    proof = proofs[one].read_bytes()
    wrong = [records[other], records[one][:-1], records[one] + b"\n", b""]
    assert judged(*((record, proof) for record in wrong)) == ["refused"] * len(wrong)
    for key in (Key("sum.golang.org"), Key()):
        assert judged((records[one], proof), key=key.verifier) == ["refused"]
        with pytest.raises(VerificationError, match="carries no signature"):
            parse_proof(proof).check(records[one], Verifier.parse(key.verifier))
    for record in wrong:
        with pytest.raises(VerificationError, match="does not show"):
            parse_proof(proof).check(record, Verifier.parse(KEY))


def alone(
    home: Path, *words: str | Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Samego in a network namespace of its own, with a home that has nothing."""
    samego = Samego(home)
    return subprocess.run(
        [*ALONE, samego.program, *words],
        env=samego.environ(environment or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.mark.parametrize("release", ["go1.24.4", pytest.param("go1.27.3", marks=pytest.mark.long)])
def test_a_module_zip_is_verified_without_a_network(
    release: str,
    inputs: Inputs,
    proofs: Mapping[str, Path],
    tmp_path: Path,
) -> None:
    zipped = inputs.module_zip(release, "linux-amd64")
    done = alone(tmp_path, "upstream", "verify", "-q", zipped, "--proof", proofs[release])
    assert done.returncode == 0, done.stderr
    assert f"is {MODULE}@{version_of(release)}\n" in done.stdout
    assert "chosen by GOSUMDB: the go command's default" in done.stdout
    # Without the proof the database would have to be asked.
    assert alone(tmp_path, "upstream", "verify", "-q", zipped).returncode == 2


def test_what_the_command_refuses_is_said_in_a_sentence(
    inputs: Inputs, proofs: Mapping[str, Path], tmp_path: Path
) -> None:
    zipped = inputs.module_zip("go1.24.4", "linux-amd64")
    good = proofs["go1.24.4"].read_bytes()
    bad = tmp_path / "bad.tlog-proof"
    key = Key("sum.golang.org").verifier
    cases: Sequence[tuple[bytes, Sequence[str], str]] = (
        (good.replace(b"index ", b"index 1"), (), "the log proof does not show that record 1"),
        (proofs["go1.26.10"].read_bytes(), (), "the log proof does not show that record "),
        (good, ("--key", key), "the signed note carries no signature of sum.golang.org+"),
        (good, ("--key", "sum.golang.org+1"), "the verifier key 'sum.golang.org+1' is malformed"),
        (good[1:], (), "the log proof is malformed: its first line is not"),
        (b"", (), "the log proof is malformed: it has no empty line"),
    )
    for data, options, why in cases:
        bad.write_bytes(data)
        done = alone(tmp_path, "upstream", "verify", "-q", zipped, "--proof", bad, *options)
        said = " ".join(f"{done.stdout} {done.stderr}".split())
        assert (done.returncode, why in said) == (2, True), said
        assert "Traceback" not in said


def test_a_proof_is_written_beside_a_file_or_to_stdout(
    samego: Samego, inputs: Inputs, proofs: Mapping[str, Path], tmp_path: Path
) -> None:
    zipped = tmp_path / "toolchain.zip"
    zipped.symlink_to(inputs.module_zip("go1.24.4", "linux-amd64"))
    done = samego("upstream", "prove", "-q", zipped)
    assert done.status == 0, done.stderr
    written = tmp_path / "toolchain.zip.tlog-proof"
    assert written.read_bytes() == proofs["go1.24.4"].read_bytes()
    assert f"samego upstream verify {zipped} --proof {written}" in done.stdout
    piped = samego("upstream", "prove", "-q", "go1.24.4", "--target=linux-amd64", "-o", "-")
    assert piped.stdout.encode() == written.read_bytes()
    cases: Sequence[tuple[Sequence[str | Path], str]] = (
        (("go1.24.999",), "has no record of"),
        (("nothing.zip",), "is neither a file nor a release"),
        ((zipped, "--target", "linux-arm64"), "--target is for a release"),
        ((zipped, "-o", tmp_path / "none" / "x"), "cannot be written"),
    )
    for words, why in cases:
        refused = samego("upstream", "prove", "-q", *words, cwd=tmp_path)
        assert (refused.status, why in refused.stderr) == (2, True), refused.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == [zipped.name, written.name]


def test_trixies_report_is_verified_without_a_network(
    trixie_report: Path,
    trixie_go124_debs: list[Path],
    go1244_module_zip: Path,
    go124_source: Path,
    tmp_path: Path,
) -> None:
    (dsc,) = go124_source.glob("*.dsc")
    report = tmp_path / "report.json"
    shutil.copyfile(trixie_report, report)
    data = json.loads(report.read_text("utf-8"))
    assert data["upstream"]["log_proof"].startswith("c2sp.org/tlog-proof@v1\nindex 38532769\n")
    home = tmp_path / "home"
    home.mkdir()
    files: list[str | Path] = [*trixie_go124_debs, go1244_module_zip, "--source", dsc]
    holds = alone(home, "verify", report, *files, "--format", "json")
    answer = json.loads(holds.stdout)
    assert (holds.returncode, answer["holds"], answer["held"]) == (0, True, 60), holds.stderr
    assert "upstream.log_proof" in answer["repeated"]
    assert "upstream.sha256" in answer["repeated"]
    # One character of the proof, and nothing else is wrong.
    proof = data["upstream"]["log_proof"]
    data["upstream"]["log_proof"] = proof.replace("index 38532769", "index 38532768")
    report.write_text(json.dumps(data), "utf-8")
    refused = alone(home, "verify", "-q", report, *files)
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: the report is refused: the log proof does not show")
