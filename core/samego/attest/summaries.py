"""Judgements as summaries: SLSA's Verification Summary v1, and in-toto's SVR v0.2.

Formats: slsa-framework/slsa, spec/verification_summary.md; in-toto/attestation,
spec/predicates/svr.md. A negative summary states a result too. A VSA has a word for it: FAILED.
An SVR lists what passed, so that SAMEGO_PASSED is missing in a negative one.
"""

from __future__ import annotations

from typing import Any

from samego.attest.in_toto import MADE_FROM, SVR, VSA, Signing, payload, timestamp
from samego.attest.judgement import Judgement
from samego.errors import InputError

VSA_PASSED, VSA_FAILED = "PASSED", "FAILED"
#: No level is claimed: samego does not see who built the file, nor how well that is guarded.
_NO_LEVEL = "SLSA_BUILD_LEVEL_UNEVALUATED"
#: The version of SLSA whose words these are: the first with verified properties.
_SLSA = "1.2"


def state_svr(judgement: Judgement, signing: Signing) -> bytes:
    """The SVR on a judgement, as JSON."""
    predicate = {
        "verifier": {"id": signing.identity, "policies": [judgement.policy]},
        "timeCreated": timestamp(signing.when),
        "properties": list(judgement.properties),
        **_made_from(judgement),
    }
    return payload(judgement.files, SVR, predicate)


def state_vsa(judgement: Judgement, signing: Signing, resource: str = "") -> bytes:
    """The VSA on a judgement, as JSON; ``resource`` is where the signer says the files are had.

    Raises InputError where neither the signer nor samego knows that.
    """
    place = resource or judgement.resource
    if not place:
        raise InputError(
            "it is not known where these files are had, and a VSA must say it",
            hint="name the place with --resource URI",
        )
    evidence = [{"digest": dict(each.digest)} for each in judgement.evidence]
    predicate = {
        "verifier": {"id": signing.identity, "version": {"samego": judgement.version}},
        "timeVerified": timestamp(signing.when),
        "resourceUri": place,
        "policy": judgement.policy,
        "verificationResult": VSA_PASSED if judgement.passed else VSA_FAILED,
        "verifiedLevels": (
            [_NO_LEVEL, *judgement.properties] if judgement.passed else [VSA_FAILED]
        ),
        "slsaVersion": _SLSA,
        **({"inputAttestations": evidence} if evidence else {}),
        **_made_from(judgement),
    }
    return payload(judgement.files, VSA, predicate)


def _made_from(judgement: Judgement) -> dict[str, Any]:
    report = judgement.made_from
    if report is None:
        return {}
    # What fails a strict policy, or is not proven yet, need not be other than upstream's.
    more = {"annotations": {"verdict": judgement.verdict}} if judgement.verdict else {}
    return {MADE_FROM: {**report.descriptor(), **more}}
