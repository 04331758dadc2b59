"""Files by a log proof: nobody is asked, and what the proof does not cover is not vouched for."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from samego.errors import ContradictedError, InputError, NetworkError, VerificationError
from samego.formats.archive.index import IndexCache
from samego.formats.archive.spool import Spool
from samego.model.release import Release, Target
from samego.upstream.channels.goproxy import Proxies
from samego.upstream.channels.gosettings import GoSetting, GoSettings
from samego.upstream.checksums.archive_form import module_form
from samego.upstream.checksums.log_record import GO_MOD_H1, GivenProof, toolchain_record
from samego.upstream.checksums.module_zip import ModuleVerifier
from samego.upstream.checksums.verify_file import Decision, FileAnswer
from samego.upstream.log_proofs import Proven, prove_file, prove_release, verify_by_proof
from samego.upstream.open_tree import Opener
from samego.upstream.sumdb.client import Lookup
from samego.upstream.sumdb.proof import LogProofError, parse_proof
from support.log_proofs import ARCHIVE, FILES, VERSION, archive, log_with, module_zip, proof_text
from support.sumdb_log import MODULE, Key, Log

KEY = Key()
LOG = log_with(module_zip(), KEY)
PROOF = proof_text(LOG)
H1 = LOG.texts[4].split()[2].decode()
RELEASE, TARGET = Release.parse("go1.24.99"), Target.parse("linux-amd64")
SHARED = "6 of its 8 files; not those below api/, doc/, misc/ and test/, and no file's mode"


class Nobody:
    """A database that must not be asked."""

    def lookup(self, module: str, version: str) -> Lookup:
        raise AssertionError((module, version))


class Answers:
    """A database whose client has checked the proof."""

    def __init__(self, log: Log = LOG, text: str = PROOF) -> None:
        self.log, self.text = log, text

    def lookup(self, module: str, version: str) -> Lookup:
        assert module == MODULE
        if version not in self.log.versions:
            raise NetworkError("no such record", hint="")
        record = self.log.texts[self.log.versions.index(version)]
        h1, mod = record.split()[2].decode(), record.split()[5].decode()
        proof = parse_proof(self.text.encode())
        return Lookup(KEY.name, module, version, 4, h1, mod, 9, (), record, proof)


def gosumdb(key: Key = KEY) -> GoSetting:
    return GoSetting("GOSUMDB", key.verifier, "this test")


def given(text: str = PROOF, key: Key = KEY) -> GivenProof:
    return GivenProof.open(text.encode(), gosumdb(key))


class Means:
    """A verifier and an opener, with what they keep below a directory."""

    def __init__(self, directory: Path, proof: GivenProof | None, sums: Nobody | Answers) -> None:
        self.spool = Spool()
        self.opener = Opener(IndexCache(directory / "index"), self.spool)
        settings = GoSettings(
            Proxies((), "off", "this test"), gosumdb(), GoSetting("GONOSUMDB", "", "this test")
        )
        self.verifier = ModuleVerifier(sums, settings, self.opener.members, given=proof)


def verify(path: Path, text: str = PROOF, key: Key = KEY) -> FileAnswer:
    means = Means(path.parent, given(text, key), Nobody())
    with closing(means.spool):
        return verify_by_proof(path, means.verifier, means.opener)


def prove(path: Path, sums: Answers | None = None) -> Proven:
    means = Means(path.parent, None, sums or Answers())
    with closing(means.spool):
        return prove_file(path, (), means.verifier, means.opener)


def zipped(place: Path, files: Mapping[str, bytes] = FILES, version: str = VERSION) -> Path:
    path = place / "toolchain.zip"
    path.write_bytes(module_zip(files, version))
    return path


def test_the_record_is_the_one_that_the_log_has() -> None:
    assert toolchain_record(VERSION, H1) == LOG.texts[4]
    # What sum.golang.org has stated of every toolchain's go.mod since go1.21.
    assert GO_MOD_H1 == "h1:8wlg68NqwW7eMnI1aABk/C2pDYXj8mrMY4TyRfiLeS0="


def test_a_module_zip_is_verified_and_nobody_is_asked(tmp_path: Path) -> None:
    answer = verify(zipped(tmp_path))
    assert (answer.decision, answer.name) == (Decision.POSTED, f"{MODULE}@{VERSION}")
    assert [way.how for way in answer.verified] == [
        "h1 in the checksum database",
        f"signed tree note of {KEY.name}",
        "inclusion proof of record 4 in the tree of 9 records",
    ]
    assert answer.reasons == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("index 4", "index 5"),
        ("index 4", "index 3"),
        ("\n9\n", "\n8\n"),
        (proof_text(LOG).split("\n")[2], proof_text(LOG).split("\n")[3]),
    ],
)
def test_an_altered_proof_leaves_it_undecided(tmp_path: Path, old: str, new: str) -> None:
    try:
        answer = verify(zipped(tmp_path), PROOF.replace(old, new, 1))
    except LogProofError as error:
        assert "valid signature" in error.message  # noqa: PT017 - either way is a refusal
    else:
        assert answer.decision is Decision.UNDECIDED
        assert answer.reasons[0].startswith("the log proof does not show that record ")


def test_another_file_release_or_key_is_not_what_the_proof_is_about(tmp_path: Path) -> None:
    for files, version in (
        ({**FILES, "src/a.go": b"package b\n"}, VERSION),
        ({**FILES, "src/b.go": b""}, VERSION),
        (FILES, VERSION.replace("24.99", "24.98")),
        (FILES, VERSION.replace("amd64", "arm64")),
    ):
        answer = verify(zipped(tmp_path, files, version))
        assert answer.decision is Decision.UNDECIDED
        assert f"{MODULE} {version} h1:" in answer.reasons[0]
    with pytest.raises(LogProofError, match="carries no signature of"):
        given(key=Key())
    with pytest.raises(LogProofError, match="malformed"):
        given(PROOF[1:])


def test_an_archive_is_covered_where_both_forms_have_the_same(tmp_path: Path) -> None:
    answer = verify(archive(tmp_path / ARCHIVE))
    assert answer.decision is Decision.UNDECIDED
    assert answer.reasons == (
        f"the log proof covers {SHARED}; its sha256 is in no known checksum source",
    )
    assert answer.verified[0].how == "log proof"
    assert answer.verified[0].rests_on == SHARED
    assert answer.verified[1].how == "h1 in the checksum database"


def test_an_archive_that_the_announced_sums_know_is_decided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive(tmp_path / ARCHIVE)
    known = hashlib.sha256(path.read_bytes()).hexdigest()
    sums = "samego.upstream.checksums.authorities"
    monkeypatch.setattr(f"{sums}.announced_sum", lambda name: known if name == ARCHIVE else None)
    monkeypatch.setattr(f"{sums}.announced_name", lambda sum_: ARCHIVE if sum_ == known else None)
    answer = verify(path)
    assert (answer.decision, answer.name) == (Decision.POSTED, ARCHIVE)
    assert [way.how for way in answer.verified][:2] == ["sha256, as announced", "log proof"]
    # A proof that fails is not made good by a sum that holds.
    wrong = proof_text(log_with(module_zip({**FILES, "src/a.go": b"x"}), KEY))
    answer = verify(path, wrong)
    assert answer.decision is Decision.UNDECIDED
    assert answer.reasons[0].startswith("the log proof does not show")
    other = archive(path, {**FILES, "test/a.go": b"package b\n"})
    assert verify(other).decision is Decision.CONTRADICTED


@pytest.mark.parametrize(
    "files",
    [
        {**FILES, "src/a.go": b"package b\n"},
        {**FILES, "src/b.go": b""},
        {path: data for path, data in FILES.items() if path != "bin/go"},
        {"src/b.go" if path == "src/a.go" else path: data for path, data in FILES.items()},
    ],
)
def test_an_archive_with_another_shared_file_is_undecided(
    tmp_path: Path, files: Mapping[str, bytes]
) -> None:
    answer = verify(archive(tmp_path / ARCHIVE, files))
    assert answer.decision is Decision.UNDECIDED
    assert answer.reasons[0].startswith("the log proof does not show that record 4 ")
    assert answer.verified == ()


def test_a_name_that_the_module_form_would_change_back_is_refused(tmp_path: Path) -> None:
    """src/_go.mod in the archive would have the record's hash, and is another file."""
    renamed = {**FILES, "src/_go.mod": FILES["src/go.mod"]}
    del renamed["src/go.mod"]
    with pytest.raises(VerificationError, match=r"has 'src/_go\.mod'"):
        verify(archive(tmp_path / ARCHIVE, renamed))


def test_the_module_form_of_an_archive_has_the_zips_hash(tmp_path: Path) -> None:
    path = archive(tmp_path / ARCHIVE)
    means = Means(tmp_path, None, Answers())
    with closing(means.spool):
        proven = prove_file(path, (), means.verifier, means.opener)
    assert proven.form is not None
    assert (proven.form.h1, proven.form.files, proven.form.of) == (H1, 6, 8)
    assert module_form.__module__.endswith("archive_form")


def test_a_source_archive_and_other_files_have_no_record(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no record in the checksum database"):
        verify(archive(tmp_path / "go1.24.99.src.tar.gz"))
    with pytest.raises(InputError, match="is an installer"):
        verify(archive(tmp_path / "go1.24.99.darwin-arm64.pkg"))
    (tmp_path / "notes.txt").write_text("no archive\n")
    with pytest.raises(InputError, match="cannot identify"):
        verify(tmp_path / "notes.txt")


def test_a_proof_is_made_of_both_forms_and_of_a_name(tmp_path: Path) -> None:
    by_zip = prove(zipped(tmp_path))
    assert (by_zip.module, by_zip.text, by_zip.form) == (f"{MODULE}@{VERSION}", PROOF, None)
    by_archive = prove(archive(tmp_path / ARCHIVE))
    assert by_archive.text == PROOF
    means = Means(tmp_path, None, Answers())
    assert prove_release(RELEASE, TARGET, means.verifier).text == PROOF
    means.spool.close()


def test_no_proof_is_made_of_files_that_the_record_does_not_state(tmp_path: Path) -> None:
    changed = {**FILES, "src/a.go": b"package b\n"}
    for path in (zipped(tmp_path, changed), archive(tmp_path / ARCHIVE, changed)):
        with pytest.raises(ContradictedError) as caught:
            prove(path)
        assert f"{MODULE}@{VERSION} has h1:" in caught.value.message
        assert caught.value.message.endswith(f"but {KEY.name} states {H1}")


def test_a_record_with_another_go_mod_cannot_be_rebuilt(tmp_path: Path) -> None:
    log = log_with(module_zip(), KEY)
    log.texts[4] = log.texts[4].replace(GO_MOD_H1.encode(), H1.encode())
    with pytest.raises(VerificationError, match=r"has another go\.mod than a toolchain's"):
        prove(zipped(tmp_path), Answers(log))


def test_what_a_zip_gives_to_a_report_is_the_proof(tmp_path: Path) -> None:
    path = zipped(tmp_path)
    for means in (Means(tmp_path, given(), Nobody()), Means(tmp_path, None, Answers())):
        with closing(means.spool):
            found = means.verifier.verify(path, "0" * 64, VERSION)
        assert (found.h1, found.log_proof) == (H1, PROOF)
    with zipfile.ZipFile(path, "a") as more:
        more.writestr(f"{MODULE}@{VERSION}/src/c.go", b"")
    means = Means(tmp_path, replace(given()), Nobody())
    with closing(means.spool), pytest.raises(LogProofError):
        means.verifier.verify(path, "1" * 64, VERSION)
