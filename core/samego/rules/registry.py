"""The rules in the order in which they are tried: the strongest claim first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from samego.rules.content_equal import ContentEqual
from samego.rules.elf_stripped import ElfStripped
from samego.rules.embedded_settings import EmbeddedSettings
from samego.rules.generated_settings import GeneratedSettings
from samego.rules.goenv_policy import GoenvPolicy
from samego.rules.interface import Rule
from samego.rules.macho_signature import MachoSignature
from samego.rules.nondeterminism_stripped import NondeterminismStripped
from samego.rules.patched_source import PatchedSource
from samego.rules.shebang import Shebang
from samego.rules.strip_nondeterminism import StripNondeterminism


@contextmanager
def default_rules() -> Iterator[tuple[Rule, ...]]:
    """All rules, sharing what they run; it ends with the context."""
    with closing(StripNondeterminism()) as replayer:
        yield (
            ElfStripped(),
            MachoSignature(),
            NondeterminismStripped(replayer),
            ContentEqual(replayer),
            Shebang(),
            PatchedSource(),
            GeneratedSettings(),
            GoenvPolicy(),
            EmbeddedSettings(),
        )
