"""An executable that only the package has, where the distro declares it.

Claim: the file is a Go executable of the release under check, for its target, made
from the main package that the distro's layout rule names, and hides no bytes. Its code is
not compared with anything, because upstream does not post it: a rebuild decides, so
the standing is unproven.
"""

from __future__ import annotations

import posixpath

from samego.formats.executable.go_executable import hides_nothing, read_go_executable
from samego.model.causes.proofs import NotShippedUpstream
from samego.model.inputs import Context
from samego.model.proof import Proof, Standing
from samego.rules.embedded_settings import feeding_sources
from samego.rules.interface import Blob
from samego.rules.source_inputs import SETTINGS_FILE, compiled_otherwise

NAME = "added_tool"


def judge_added(blob: Blob, built_from: str, context: Context) -> Proof | None:
    """Judge an executable that only the distro has.

    ``built_from`` is the import path of its main package (``cmd/dist``). Returns None
    where the file is not what the claim says.
    """
    executable = read_go_executable(blob.read())
    if executable is None or not hides_nothing(executable, posixpath.basename(blob.path), None):
        return None
    info = executable.info
    target = (info.settings.get("GOOS"), info.settings.get("GOARCH"))
    if target != (context.target.goos, context.target.goarch):
        return None
    if info.path != built_from or info.release != str(context.release) or info.modules:
        return None
    sources = [path for paths in feeding_sources(executable, context).values() for path in paths]
    if compiled_otherwise(context):
        sources.append(SETTINGS_FILE)
    return Proof(
        rule=NAME,
        standing=Standing.UNPROVEN,
        causes=(NotShippedUpstream(built_from),),
        details={
            "release": info.release,
            "built_from": info.path,
            "checked": "build information, no hidden bytes",
        },
        rests_on=tuple(sorted(set(sources))),
        rebuild=True,
    )
