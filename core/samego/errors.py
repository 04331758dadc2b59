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
    """What the user named is not what it should be (missing, truncated, of another kind)."""


class NoToolchainError(InputError):
    """What the user named holds no Go toolchain: another package, or its upload record."""


class HostileArchiveError(InputError):
    """An archive holds something that no honest tool writes (traversal, bombs, collisions)."""


class UnsafePathError(InputError):
    """A path leads where another user decides: a link, another owner, or no regular file."""


class UnknownReleaseError(InputError):
    """A release or target that is not spelled as Go spells them, or that nobody posted."""


class NetworkError(SamegoError):
    """A server could not be reached, answered too slowly, or broke off."""


class NotPostedError(SamegoError):
    """A channel answered, and says that it does not have this file (403, 404, 410)."""


class VerificationError(SamegoError):
    """Bytes or statements that are not what a sum, a signature or a proof says they are."""


class ContradictedError(VerificationError):
    """Somebody who can know (an index, the checksum database's log) says that a file is another.

    Every other VerificationError says that a sum, signature or proof does not hold or is
    missing: that says nothing of the file.
    """


class CacheError(SamegoError):
    """The cache holds something that is not what was put there, or cannot be written."""


class InterruptedCheckError(SamegoError):
    """The user ended the check of one toolchain of several, and not the run."""


class OutOfTimeError(SamegoError):
    """A run took longer than its deadline, and was ended."""


class LockError(SamegoError):
    """Another run holds a lock for longer than this one may wait."""


class ToolError(SamegoError):
    """An external program is missing or failed."""


class SandboxError(ToolError):
    """No sandbox can be had on this machine, or it could not be made for a command."""


class ConfigError(SamegoError):
    """The configuration, an environment variable or a policy file cannot be understood."""


class ReportError(InputError):
    """A report cannot be read: not JSON, of another schema version, or lacking keys."""


class ReportsDirectoryError(SamegoError):
    """A report cannot be written to the directory where reports are kept."""


class HistoryError(SamegoError):
    """The history cannot be opened, or is not one that this samego can read."""


class DiskFullError(SamegoError):
    """A disk has no room left."""


class BuildError(SamegoError):
    """A build failed, which is not the same as a build that did not reproduce."""


class ControlError(BuildError):
    """A way of building does not give upstream's own files: what it gives proves nothing."""
