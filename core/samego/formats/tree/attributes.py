"""The extended attributes of files (xattr(7)), without those that the machine itself gives."""

from __future__ import annotations

import errno
import os
import re

#: Attributes that the system itself puts on files, whatever package they are of: labels of
#: security modules and measurements (capability(7) is not among them), the bookkeeping of
#: overlayfs, btrfs's compression, and the view that NFS and CIFS give of a server's own rights.
#: Each is the running machine's, and no package can contain one.
_OF_THE_MACHINE = re.compile(
    r"security\.(?:selinux|SMACK64\w*|apparmor|ima|evm)|trusted\.overlay\..+"
    r"|btrfs\.compression|system\.(?:nfs4_\w+|cifs_\w+|smb3_\w+)",
    re.ASCII,
)
#: The errors of listxattr(2) and getxattr(2) where a file system has no attributes, or one is gone.
_NO_ATTRIBUTES = (errno.ENOTSUP, errno.ENODATA, errno.ENOSYS)


def attributes_of_link(parent: int, name: str) -> tuple[tuple[str, bytes], ...]:
    """Those of a link, which cannot be opened: through the directory where it lies."""
    try:
        return attributes(f"/proc/self/fd/{parent}/{name}")
    except FileNotFoundError:
        return ()  # no /proc here


def attributes(where: int | str) -> tuple[tuple[str, bytes], ...]:
    """The extended attributes that are not the machine's (xattr(7)), by name in order."""
    if not hasattr(os, "listxattr"):
        return ()  # a system without these calls
    follow = isinstance(where, int)
    try:
        return tuple(
            (name, os.getxattr(where, name, follow_symlinks=follow))
            for name in sorted(os.listxattr(where, follow_symlinks=follow))
            if not _OF_THE_MACHINE.fullmatch(name)
        )
    except OSError as error:
        if error.errno not in _NO_ATTRIBUTES:
            raise
        return ()
