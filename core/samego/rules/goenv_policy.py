"""The rule ``goenv_policy``: go.env differs only in values that the distro declares.

A policy declares such a value as a setting named ``go.env:GOTOOLCHAIN``. Claim: upstream's
go.env with the values of the declared variables replaced is the distro's file, byte for
byte. A variable that upstream's file does not set cannot be declared, and comments, order
and white space are upstream's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from samego.model.causes.proofs import EnvironmentSet
from samego.model.inputs import Context
from samego.model.policy import merge_settings
from samego.model.proof import Proof, Standing
from samego.rules.declared import origin_of
from samego.rules.interface import Blob

NAME = "goenv_policy"
PATH = "go.env"
PREFIX = "go.env:"

#: A value that cannot end its line (cmd/go/internal/cfg, readEnvFile: KEY=value lines).
_VALUE = re.compile(r"[^\x00\r\n]*")


class GoenvPolicy:
    """The rule."""

    name = NAME

    def prove(self, distro: Blob, upstream: Blob, context: Context) -> Proof | None:
        """Set the declared values in upstream's go.env and compare with the distro's."""
        if upstream.path != PATH:
            return None
        declared = {
            name.removeprefix(PREFIX): value
            for name, value in merge_settings(context.policy, context.inputs.settings).items()
            if name.startswith(PREFIX)
        }
        result, changed = set_values(upstream.read(), declared)
        digest = hashlib.sha256(result).hexdigest()
        if not changed or digest != distro.sha256:
            return None
        return Proof(
            NAME,
            Standing.EXPLAINED,
            (EnvironmentSet(tuple((name, declared[name]) for name in changed)),),
            digest=digest,
            details={
                f"{name} declared in": origin_of(f"{PREFIX}{name}", context) for name in changed
            },
        )


def set_values(data: bytes, values: Mapping[str, str]) -> tuple[bytes, tuple[str, ...]]:
    """Replace the values of variables that are set already; which ones changed."""
    changed = []
    lines = data.split(b"\n")
    for number, line in enumerate(lines):
        name = line.partition(b"=")[0].decode("utf-8", "replace")
        value = values.get(name)
        if b"=" not in line or value is None or not _VALUE.fullmatch(value):
            continue
        replaced = f"{name}={value}".encode("utf-8", "surrogateescape")
        if replaced != line:
            lines[number] = replaced
            changed.append(name)
    return b"\n".join(lines), tuple(changed)
