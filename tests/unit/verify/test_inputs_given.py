from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from samego.config import Config
from samego.errors import InputError, MissingInputsError
from samego.model.asked import Asked, From
from samego.model.report import Report
from samego.model.subject import Package
from samego.system.progress import Silent
from samego.verify.inputs_given import contradicted, installed_name, is_installed, sort_files
from samego.verify.run import VerifyOptions, verify
from support.reports import digest, trixie


def arch(report: Report) -> Report:
    package = Package("go", "2:1.24.4-1", "x86_64", digest("go"))
    return replace(report, subject=replace(report.subject, distro="arch", packages=(package,)))


def unpacked(report: Report) -> Report:
    packages = tuple(replace(package, sha256="") for package in report.subject.packages)
    return replace(report, subject=replace(report.subject, packages=packages))


def test_each_missing_package_is_named_with_its_digest_and_where_it_is() -> None:
    report = trixie()
    with pytest.raises(MissingInputsError) as caught:
        contradicted(sort_files([], report), report)
    error, hint, heading, *missing = caught.value.lines
    assert error == "error: 3 packages of the report are not among the files"
    assert hint.startswith("hint: get what is missing")
    assert heading == "missing:"
    page = "https://snapshot.debian.org/package/golang-1.24/1.24.4-1/"
    for line, package in zip(missing, report.subject.packages, strict=True):
        name = f"{package.name}_1.24.4-1_{package.architecture}.deb"
        command = f"apt-get download {package.name}=1.24.4-1"
        assert line == f"  {name}, sha256 {package.sha256}; {command}; {page}"


def test_archs_are_in_its_archive() -> None:
    report = arch(trixie())
    with pytest.raises(MissingInputsError) as caught:
        contradicted(sort_files([], report), report)
    place = "https://archive.archlinux.org/packages/g/go/go-2%3A1.24.4-1-x86_64.pkg.tar.zst"
    assert caught.value.tried[0].endswith(place)


def test_a_distro_that_nobody_knows_still_has_names_and_digests() -> None:
    report = trixie()
    report = replace(report, subject=replace(report.subject, distro="plan9"))
    with pytest.raises(MissingInputsError) as caught:
        contradicted(sort_files([], report), report)
    first = report.subject.packages[0]
    assert caught.value.tried[0] == f"{first.name} 1.24.4-1 amd64, sha256 {first.sha256}"


def test_what_was_installed_is_told_from_files_and_directories() -> None:
    report = trixie()
    assert not is_installed(report)
    assert is_installed(unpacked(report))
    assert is_installed(replace(report, asked=Asked(From.INSTALLED)))
    assert not is_installed(replace(unpacked(report), asked=Asked(From.DIRECTORY)))
    nobodys = unpacked(report)
    assert not is_installed(replace(nobodys, subject=replace(nobodys.subject, distro="none")))
    assert installed_name(report) == ("golang-1.24",)
    assert installed_name(arch(report)) == ("go",)


@pytest.mark.parametrize(
    ("report", "installed", "message"),
    [
        (unpacked(trixie()), False, "files do not stand for that"),
        (trixie(), True, "is not on what was installed"),
    ],
)
def test_files_are_not_what_is_installed(
    report: Report,
    installed: bool,  # noqa: FBT001 - a parameter of the test
    message: str,
    tmp_path: Path,
) -> None:
    file = tmp_path / "golang-1.24-go_1.24.4-1_amd64.deb"
    file.write_bytes(b"a package")
    files = () if installed else (file,)
    options = VerifyOptions(
        report, files, installed=installed, config=Config(cache_directory=tmp_path)
    )
    with pytest.raises(InputError, match=message) as caught:
        verify(options, Silent())
    assert caught.value.exit_status == 2
