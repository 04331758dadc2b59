"""Upstream's files for one run: what finds and verifies them, and what opens them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from samego.config import Config
from samego.formats.archive.index import IndexCache
from samego.formats.archive.spool import Spool
from samego.system.progress import Progress
from samego.upstream.checksums.log_record import GivenProof
from samego.upstream.open_tree import Opener
from samego.upstream.resolver import UpstreamFiles


@contextmanager
def connect(
    config: Config,
    spool: Spool | None = None,
    progress: Progress | None = None,
    *,
    allow_unverified: bool = False,
    toolchain_env: str = "",
    log_proof: GivenProof | None = None,
) -> Iterator[tuple[UpstreamFiles, Opener]]:
    """What a configuration reaches of upstream's, and the opener of what is found.

    ``spool`` keeps the bytes of opened files; without one they go when this ends. The rest is as
    for :class:`UpstreamFiles`, which raises ConfigError.
    """
    with ExitStack() as stack:
        if spool is None:
            spool = stack.enter_context(closing(Spool()))
        opener = Opener(IndexCache(config.cache_directory / "index"), spool)
        files = stack.enter_context(
            UpstreamFiles(
                config,
                index=opener.members,
                progress=progress,
                allow_unverified=allow_unverified,
                toolchain_env=toolchain_env,
                log_proof=log_proof,
            )
        )
        yield files, opener
