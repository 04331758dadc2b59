"""Checks that could not be decided: which of them say something of what is checked, and what."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from samego.check.compose_report import asked_for
from samego.check.options import CheckOptions
from samego.check.published import machine_of
from samego.errors import BuildError, NetworkError, NotPostedError, SamegoError, VerificationError
from samego.model.attempt import Attempt
from samego.model.subject import Subject

#: Is told of a check that could not be decided.
Undecided = Callable[[Attempt], None]

#: Upstream's file cannot be had, or proves nothing. Any other error is about this machine.
_ABOUT_UPSTREAM = (NetworkError, NotPostedError, BuildError, VerificationError)


@contextlib.contextmanager
def told_of(
    undecided: Undecided | None,
    own: Subject,
    subject: Subject,
    options: CheckOptions,
    began: float,
) -> Iterator[None]:
    """Tell ``undecided`` where the check inside ends with an error that is about upstream's file.

    ``own`` is the subject as the package states it, ``began`` when the check began
    (time.monotonic). An upstream file by hand is an experiment, of which nobody is told. The error
    goes on.
    """
    try:
        yield
    except SamegoError as error:
        about = isinstance(error, _ABOUT_UPSTREAM) and options.upstream is None
        if undecided is not None and about:
            cause = machine_of(options.config).redact(error.message)
            seconds = time.monotonic() - began
            undecided(Attempt(subject, asked_for(own, options), cause, seconds))
        raise
