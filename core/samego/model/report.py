"""The report: what one run found, as plain values. Schema ``samego.report/2``.

Every formatter and tracker starts from this alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from samego.model.asked import Asked
from samego.model.finding import Consequence, Finding, Uncompared, Why
from samego.model.proof import Standing, Tool
from samego.model.reproduction import Reproduction
from samego.model.subject import Subject
from samego.model.verification import Verification
from samego.model.waiver import Waiver

SCHEMA = "samego.report/2"


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where upstream's side came from and how it was verified.

    ``source`` describes the source archive that filled in what the binary form leaves
    out, or is None. A file that is not ``confirmed`` was built here from verified source, and
    no source states its checksum. ``log_proof`` is the text of the proof that the file is in the
    checksum database (c2sp.org/tlog-proof), and empty where there is none.
    """

    channel: str
    url: str
    sha256: str
    verified: tuple[Verification, ...]
    source: Upstream | None = None
    confirmed: bool = True
    log_proof: str = ""


@dataclass(frozen=True, slots=True, order=True)
class NotCompared:
    """Paths that were not compared for one reason, counted by their top directory.

    ``prefix`` ends with ``/``, or is a whole path for a file at the top of GOROOT. ``package``
    is the package that has them, where it is known and the user did not name it.
    """

    prefix: str
    count: int
    why: str = Why.NO_COUNTERPART.value
    package: str = ""


def group_not_compared(paths: Iterable[Uncompared]) -> tuple[NotCompared, ...]:
    """Count paths by top directory, sorted; a path outside GOROOT by its own directory."""
    groups: Counter[tuple[str, str, str]] = Counter()
    for each in paths:
        path = each.path
        head, slash, _name = path.rpartition("/") if path[:1] == "/" else path.partition("/")
        groups[head + slash, each.why.value, each.package] += 1
    return tuple(
        sorted(
            NotCompared(prefix, count, why, package)
            for (prefix, why, package), count in groups.items()
        )
    )


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found. ``timings`` are wall seconds by stage; ``inputs`` as declared.

    ``not_compared`` is counted by top directory (see :func:`group_not_compared`): it is
    not part of the verdict. ``reproduction`` is what a rebuild of the packages gave, None
    where none was asked for; it is not part of the verdict.
    ``unpatched`` requires, besides ``required``, that no own patch reaches what runs. ``in_words``
    says that the report is of schema 1, which has sentences instead of causes and places.
    ``asked`` is None in reports that do not say what was asked for. ``waivers`` are those that are
    about the subject, also where they took nothing.
    """

    subject: Subject
    upstream: Upstream
    findings: tuple[Finding, ...]
    identical: int
    not_compared: tuple[NotCompared, ...]
    required: Standing
    inputs: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    tools: tuple[Tool, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    version: str = ""
    reproduction: Reproduction | None = None
    unpatched: bool = False
    in_words: bool = False
    asked: Asked | None = None
    waivers: tuple[Waiver, ...] = ()

    @property
    def consequences(self) -> tuple[Consequence, ...]:
        """Every finding's consequences, in the findings' order."""
        return tuple(item for finding in self.findings for item in finding.consequences)
