from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from samego.attest.in_toto import compact
from samego.attest.judgement import of_report
from samego.compare.verdict import waive
from samego.errors import InputError
from samego.model.waiver import Takes, Waiver
from support.reports import clean, sid, trixie
from support.statements import good_report, report_data


def test_a_good_report_has_the_property_of_its_verdict_and_of_the_weaker_ones() -> None:
    report = good_report()
    found = of_report(report, report_data(report))
    assert found.passed
    assert found.properties == (
        "SAMEGO_PASSED",
        "SAMEGO_IDENTICAL",
        "SAMEGO_EQUIVALENT",
        "SAMEGO_EXPLAINED",
        "SAMEGO_UPSTREAM_VERIFIED",
    )
    explained = of_report(clean(), b"")
    assert "SAMEGO_EXPLAINED" in explained.properties
    assert "SAMEGO_EQUIVALENT" not in explained.properties


def test_a_bad_report_has_none_but_what_is_true_all_the_same() -> None:
    for report in (sid(), trixie()):
        found = of_report(report, b"")
        assert (found.passed, found.properties) == (False, ("SAMEGO_UPSTREAM_VERIFIED",))
    unverified = replace(good_report(), upstream=replace(clean().upstream, verified=()))
    found = of_report(unverified, b"")
    assert (found.passed, found.properties) == (False, ())


def test_what_passes_by_a_waiver_says_so_and_has_no_standing() -> None:
    report = trixie()
    failing = [each for each in report.findings if not each.standing.passes]
    waivers = tuple(
        Waiver(Takes.PATH, "known", "waivers", number, pattern=each.path)
        for number, each in enumerate(failing, start=1)
    )
    waived, _ = waive(report.findings, {item.path for item in report.consequences})
    found = of_report(replace(report, findings=tuple(waived), waivers=waivers), b"")
    assert found.passed
    assert found.properties[:2] == ("SAMEGO_PASSED", "SAMEGO_WAIVED")
    assert not {"SAMEGO_IDENTICAL", "SAMEGO_EXPLAINED"} & set(found.properties)
    assert len(found.policy["annotations"]["waivers"]) == len(failing)


def test_the_policy_is_the_bar_and_its_digest_that_of_its_terms() -> None:
    policy = of_report(good_report(), b"").policy
    assert policy["uri"] == "pkg:generic/samego/policies/bar@v1"
    assert policy["annotations"] == {"required": "explained"}
    assert policy["digest"] == {"sha256": hashlib.sha256(b'{"required":"explained"}').hexdigest()}
    assert compact(policy["annotations"]) == b'{"required":"explained"}'


def test_the_place_is_the_source_package() -> None:
    assert of_report(sid(), b"").resource == ("pkg:deb/debian/golang-1.27@1.27.3-1?arch=source")
    strange = replace(sid(), subject=replace(sid().subject, distro="nobodys"))
    assert of_report(strange, b"").resource == ""


def test_installed_files_have_no_digest() -> None:
    report = sid()
    packages = tuple(replace(package, sha256="") for package in report.subject.packages)
    given = replace(report, subject=replace(report.subject, packages=packages))
    with pytest.raises(InputError, match="no digest to sign"):
        of_report(given, b"")
