"""What can go wrong, in words that a user can act on.

Every error that samego raises on purpose derives from :class:`SamegoError`. The command
line prints what happened and what to do on a line each, below them what was tried, and
exits with status 2: an error is never a verdict.
"""

from __future__ import annotations


class SamegoError(Exception):
    """The root of all errors that samego raises on purpose.

    ``message`` says what happened, ``hint`` what the user can do about it. ``tried`` has an
    item for each thing that was tried and failed: a channel, a server, with its cause.
    """

    exit_status = 2

    def __init__(self, message: str, *, hint: str, tried: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.tried = tried

    def __str__(self) -> str:
        """The error in one line, for a log or a report."""
        return f"{self.cause}: {self.hint}" if self.hint else self.cause

    @property
    def cause(self) -> str:
        """What happened, and what was tried, in one line."""
        return f"{self.message} ({'; '.join(self.tried)})" if self.tried else self.message

    @property
    def lines(self) -> tuple[str, ...]:
        """The error as the command line prints it."""
        tried = ("tried:", *(f"  {item}" for item in self.tried)) if self.tried else ()
        hint = (f"hint: {self.hint}",) if self.hint else ()
        return (f"error: {self.message}", *hint, *tried)


class InputError(SamegoError):
    """The user named a file or directory that is missing, truncated or of the wrong kind."""


class MissingInputsError(InputError):
    """Files that are needed are not given: ``tried`` says of each what it is and how it is had."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The error as the command line prints it."""
        return tuple("missing:" if line == "tried:" else line for line in super().lines)


class NoToolchainError(InputError):
    """What the user named has no Go toolchain: another package, a .buildinfo or a .changes."""


class HostileArchiveError(InputError):
    """An archive holds what no packaging tool writes: traversal, a bomb, colliding names."""


class UnsafePathError(InputError):
    """Another user could change a path: it is a link, no regular file, or has another owner."""


class UnknownReleaseError(InputError):
    """A release or target is misspelled, or upstream has not posted it."""


class NetworkError(SamegoError):
    """A server could not be reached, answered too slowly, or broke off."""


class NotPostedError(SamegoError):
    """A channel answered that it does not have this file (HTTP 403, 404 or 410)."""


class VerificationError(SamegoError):
    """Bytes or a statement do not match their checksum, signature or proof."""


class ContradictedError(VerificationError):
    """An authority (an index, the checksum database's log) states another checksum for a file.

    Every other VerificationError means that a checksum, signature or proof is invalid or missing,
    which does not show that the file is wrong.
    """


class CacheError(SamegoError):
    """The cache is damaged, or cannot be written."""


class InterruptedCheckError(SamegoError):
    """The user interrupted the check of one toolchain of several; the run goes on."""


class OutOfTimeError(SamegoError):
    """A run took longer than its deadline, and was ended."""


class LockError(SamegoError):
    """Another run holds a lock for longer than this one waits."""


class ToolError(SamegoError):
    """An external program is missing or failed."""


class SandboxError(ToolError):
    """This machine offers no sandbox, or starting one for a command failed."""


class ConfigError(SamegoError):
    """The configuration, an environment variable or a policy file has a wrong value."""


class ReportError(InputError):
    """A report cannot be read: not JSON, of another schema version, or lacking keys."""


class ReportsDirectoryError(SamegoError):
    """A report cannot be written to the directory where reports are kept."""


class HistoryError(SamegoError):
    """The history cannot be opened, or has a schema that this samego cannot read."""


class DiskFullError(SamegoError):
    """A disk has no space left."""


class BuildError(SamegoError):
    """A build failed, which is not the same as a build that did not reproduce."""


class ControlError(BuildError):
    """A build method does not reproduce upstream's own files, so its result proves nothing."""
