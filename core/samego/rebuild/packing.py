"""Packing a finished GOROOT as upstream does, with the release's own cmd/distpack.

distpack writes everything each time: the source archive, the target's archive and the module
form. Compressing them costs a quarter of a target's time, and the source archive is the same
for every target. So its three writes are put behind a switch: an overlay of pack.go guards
each by the environment variable SAMEGO_PACK and leaves every other line as it is. Where
pack.go is not as expected it is built unchanged, which only costs time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

#: What can be packed: the source archive, the target's archive, the module zip.
PARTS = {"srcArch": "source", "zipArch": "archive", "modArch": "module"}
PACK_FILE = "src/cmd/distpack/pack.go"
VARIABLE = "SAMEGO_PACK"

_WRITE = re.compile(
    r"^(?P<indent>\t+)"
    r"(?P<call>write(?:Tgz|Zip)\(distpack\(.+\), (?P<what>srcArch|zipArch|modArch)\))$",
    re.MULTILINE,
)
#: The writes of pack.go, go1.21 to go1.27: a target's archive is a zip or a tar.gz.
_EXPECTED = ["modArch", "srcArch", "zipArch", "zipArch"]


def switchable(text: str) -> str | None:
    """pack.go with each write behind its switch; None where it is not as expected."""
    if sorted(match["what"] for match in _WRITE.finditer(text)) != _EXPECTED:
        return None

    def guarded(match: re.Match[str]) -> str:
        indent, part = match["indent"], PARTS[match["what"]]
        condition = f'strings.Contains(os.Getenv("{VARIABLE}"), "{part}")'
        return f"{indent}if {condition} {{\n{indent}\t{match['call']}\n{indent}}}"

    return _WRITE.sub(guarded, text)


def switch(parts: Iterable[str]) -> dict[str, str]:
    """The environment that makes a switchable distpack write only these parts."""
    return {VARIABLE: " ".join(parts)}
