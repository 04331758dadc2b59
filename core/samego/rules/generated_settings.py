"""The rule ``generated_settings``: cmd/dist wrote this file from settings the distro declares.

Claim: the file, generated again from the declared settings in the form of this release, is
the distro's, byte for byte. The generator is believed only where, with upstream's settings,
it gives upstream's own bytes. The settings are those that the package's source and the
distro's policy declare, each of a value that cmd/dist takes (of GOEXPERIMENT, names that this
release's own source has); the file under test is never asked. Releases 1.21 to 1.27.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from samego.model.causes.proofs import GeneratedWith
from samego.model.inputs import Context
from samego.model.policy import merge_settings
from samego.model.proof import Proof, Standing
from samego.model.release import Release
from samego.rules.declared import origin_of
from samego.rules.generated.experiments import experiments, unknown
from samego.rules.generated.files import GENERATORS, Generator
from samego.rules.generated.settings import upstream_settings, well_formed
from samego.rules.interface import Blob

NAME = "generated_settings"
_FIRST, _LAST = 21, 27

_CONSTANT = re.compile(rb"^const [Dd]efault(\w+) = [`\"]([^`\"\n]*)[`\"]$", re.MULTILINE)
_COMPILER = re.compile(
    rb"^\tcase \"([a-z0-9]+)/([a-z0-9]+)\":\n\t\treturn \"([^\"\n]*)\"$", re.MULTILINE
)
_FUNCTION = re.compile(rb"^func [Dd]efault(CC|CXX)\(", re.MULTILINE)
_NAMES = {"PkgConfig": "PKG_CONFIG"}


class GeneratedSettings:
    """The rule."""

    name = NAME

    def prove(self, distro: Blob, upstream: Blob, context: Context) -> Proof | None:
        """Generate the file from the declared settings and compare with the distro's."""
        generator = GENERATORS.get(upstream.path)
        if generator is None or not _FIRST <= context.release.minor <= _LAST:
            return None
        base = upstream_settings(context.release, context.target)
        if _digest(generator, base, context.release) != upstream.sha256:
            return None
        settings = {**base, **merge_settings(context.policy, context.inputs.settings)}
        digest = _digest(generator, settings, context.release)
        if digest is None or digest != distro.sha256:
            return None
        used = _used(generator, settings, base, context.release)
        if not all(well_formed(name, settings[name]) for name in used):
            return None
        if "GOEXPERIMENT" in used and unknown(
            settings["GOEXPERIMENT"], experiments(context.upstream)
        ):
            return None
        return Proof(
            NAME,
            Standing.EXPLAINED,
            (GeneratedWith(tuple((name, settings[name]) for name in used)),),
            digest=digest,
            details={
                **{name: settings[name] for name in used},
                "declared_in": "; ".join(dict.fromkeys(origin_of(name, context) for name in used)),
            },
        )


def _digest(generator: Generator, settings: Mapping[str, str], release: Release) -> str | None:
    text = generator(settings, release)
    if text is None:
        return None
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _used(
    generator: Generator, settings: Mapping[str, str], base: Mapping[str, str], release: Release
) -> list[str]:
    """The settings without which the file would be another."""
    whole = generator(settings, release)
    used = []
    for name in sorted(settings):
        without = {key: text for key, text in settings.items() if key != name}
        if name in base:
            without[name] = base[name]
        if generator(without, release) != whole:
            used.append(name)
    return used


def embedded(data: bytes) -> dict[str, str]:
    """The settings that a generated file spells out: environment names to values."""
    found = {}
    for match in _CONSTANT.finditer(data):
        name = match[1].decode()
        found[_NAMES.get(name, name)] = match[2].decode("utf-8", "replace")
    starts = [(match.start(), match[1].decode()) for match in _FUNCTION.finditer(data)]
    for match in _COMPILER.finditer(data):
        kinds = [kind for start, kind in starts if start < match.start()]
        kind = kinds[-1] if kinds else "CC"
        name = f"{kind}_FOR_{match[1].decode()}_{match[2].decode()}"
        found[name] = match[3].decode("utf-8", "replace")
    return found
