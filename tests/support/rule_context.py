"""What a rule sees, made in memory: two files or trees, a policy, declared inputs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import tomli

from samego.model.inputs import Context, Inputs
from samego.model.policy import Policy, Rewriter, SettingsRule
from samego.model.proof import Proof
from samego.model.release import Release, Target
from samego.rules.generated.files import GENERATORS
from samego.rules.interface import Blob, Rule
from support.archives import memory_tree

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "rules"

#: The digests of the real generated files, by release, then side and path.
DIGESTS = tomli.loads((FIXTURES / "generated.toml").read_text(encoding="utf-8"))
#: When golang-1.27 1.27.3-1 was made, by its changelog.
DATE_127 = 1792793277


def fixture(release: str, side: str, path: str) -> bytes:
    """One side's real picture or archive of a release; ``side`` is distro or upstream."""
    return (FIXTURES / release / side / path).read_bytes()


def generated(release: str, side: str, path: str, settings: Mapping[str, str]) -> bytes:
    """A file that cmd/dist generates, as these settings give it: byte for byte the real one.

    ``side`` is distro or upstream: whose file it must be.
    """
    text = GENERATORS[path](settings, Release.parse(release))
    assert text is not None
    data = text.encode("utf-8", "surrogateescape")
    assert hashlib.sha256(data).hexdigest() == DIGESTS[release][f"{side}/{path}"]
    return data


def policy(*tools: str, settings: Mapping[str, str] | None = None) -> Policy:
    """A policy by which these tools rewrite every file and these settings are declared."""
    rewriters = tuple(Rewriter(tool, ("**/left-alone*",), "", "debian/rules") for tool in tools)
    declared = (SettingsRule(settings, "", "debian/helpers/goenv.sh"),) if settings else ()
    return Policy("test", "usr/lib/go", settings=declared, rewriters=rewriters)


def context(
    distro: Mapping[str, bytes],
    upstream: Mapping[str, bytes],
    declared: Policy,
    inputs: Inputs | None = None,
    *,
    release: str = "go1.27.3",
    target: str = "linux-amd64",
) -> Context:
    """A context over trees in memory."""
    return Context(
        Release.parse(release),
        Target.parse(target),
        declared,
        inputs or Inputs(),
        memory_tree(distro),
        memory_tree(upstream),
    )


def prove(
    rule: Rule,
    path: str,
    distro: bytes,
    upstream: bytes,
    frame: Context,
    others: Mapping[str, bytes] | None = None,
) -> Proof | None:
    """Ask a rule about one path with these two contents; ``others`` lie beside upstream's."""
    mine = memory_tree({path: distro})
    theirs = memory_tree({path: upstream, **(others or {})})
    frame = replace(frame, distro=mine, upstream=theirs)
    return rule.prove(Blob(path, mine), Blob(path, theirs), frame)


def flipped(data: bytes, at: int) -> bytes:
    """``data`` with the lowest bit of one byte changed."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
